/**
 * Where one looks at the wall from: how near, and at which point of it. Moved by wheel and pinch, by dragging where it
 * is near enough to, and by keys.
 */

/** Room around the wall for its haze, as a fraction of the canvas's width. */
export const MARGIN = 0.035;
const NEAREST = 24;
const STEP = 1.5;
const KEY_PX = 60;

/** From places on the wall to pixels: `x * scale + left`. @typedef {{scale: number, left: number, top: number}} Sight */

export class Camera {
  size = { width: 800, height: 480 };
  zoom = 1;
  /** What is in the middle, as fractions of the wall. */
  x = 0.5;
  y = 0.5;

  /** Width over height of a drawing that shows all of it, margin included. */
  get aspect() {
    const margin = 2 * MARGIN * this.size.width;
    return (this.size.width + margin) / (this.size.height + margin);
  }

  /** @param {number} width @param {number} height of the drawing in pixels @returns {Sight} */
  sight(width, height) {
    const margin = 2 * MARGIN * this.size.width;
    const fit = Math.min(width / (this.size.width + margin), height / (this.size.height + margin));
    const scale = fit * this.zoom;
    return { scale, left: width / 2 - this.x * this.size.width * scale, top: height / 2 - this.y * this.size.height * scale };
  }

  reset() {
    Object.assign(this, { zoom: 1, x: 0.5, y: 0.5 });
  }

  /**
   * Goes nearer by a factor; what is at `x`, `y` of the drawing stays there.
   * @param {number} factor @param {number} x @param {number} y @param {number} width @param {number} height in pixels
   */
  nearer(factor, x, y, width, height) {
    const before = this.sight(width, height);
    const at = { x: (x - before.left) / before.scale, y: (y - before.top) / before.scale };
    this.zoom = Math.min(NEAREST, Math.max(1, this.zoom * factor));
    const { scale } = this.sight(width, height);
    this.x = (at.x - (x - width / 2) / scale) / this.size.width;
    this.y = (at.y - (y - height / 2) / scale) / this.size.height;
    this.#hold();
  }

  /** Moves what is seen by so many pixels. @param {number} dx @param {number} dy @param {number} width @param {number} height */
  pan(dx, dy, width, height) {
    const { scale } = this.sight(width, height);
    this.x -= dx / scale / this.size.width;
    this.y -= dy / scale / this.size.height;
    this.#hold();
  }

  /** The wall stays in sight. */
  #hold() {
    const edge = 0.5 / this.zoom;
    this.x = Math.min(1 - edge, Math.max(edge, this.x));
    this.y = Math.min(1 - edge, Math.max(edge, this.y));
  }
}

/**
 * Lets an element move the camera by pointer, wheel and keys.
 * @param {HTMLElement} element @param {Camera} camera @param {() => void} moved
 */
export function steer(element, camera, moved) {
  /** @type {Map<number, {x: number, y: number}>} */
  const fingers = new Map();
  /** Near by, a finger moves the wall; from afar it scrolls the page. Two are never the browser's. */
  const showHold = () => {
    element.style.touchAction = camera.zoom > 1 ? 'none' : 'pan-y';
    element.style.cursor = camera.zoom > 1 ? 'grab' : '';
  };
  const change = () => {
    showHold();
    moved();
  };
  const box = () => element.getBoundingClientRect();
  /** @param {number} factor @param {number} clientX @param {number} clientY */
  const nearer = (factor, clientX, clientY) => {
    const { left, top, width, height } = box();
    camera.nearer(factor, clientX - left, clientY - top, width, height);
    change();
  };
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return a && b ? { length: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } : null;
  };
  showHold();
  element.addEventListener('pointerdown', (event) => {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    // Its end is heard of wherever that is.
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const apart = spread();
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = spread();
    if (apart && now) nearer(now.length / Math.max(1, apart.length), now.x, now.y);
    if (camera.zoom === 1) return;
    const part = apart ? 0.5 : 1;
    camera.pan((event.clientX - before.x) * part, (event.clientY - before.y) * part, box().width, box().height);
    change();
  });
  for (const end of ['pointerup', 'pointercancel']) element.addEventListener(end, (event) => fingers.delete(/** @type {PointerEvent} */ (event).pointerId));
  element.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    nearer(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }, { passive: false });
  element.addEventListener('dblclick', (event) => {
    if (camera.zoom > 1) {
      camera.reset();
      change();
    } else nearer(STEP * 2, event.clientX, event.clientY);
  });
  element.addEventListener('keydown', (event) => {
    const { left, top, width, height } = box();
    /** @type {Record<string, () => void>} */
    const keys = {
      '+': () => nearer(STEP, left + width / 2, top + height / 2),
      '-': () => nearer(1 / STEP, left + width / 2, top + height / 2),
      0: () => camera.reset(),
      ArrowLeft: () => camera.pan(KEY_PX, 0, width, height),
      ArrowRight: () => camera.pan(-KEY_PX, 0, width, height),
      ArrowUp: () => camera.pan(0, KEY_PX, width, height),
      ArrowDown: () => camera.pan(0, -KEY_PX, width, height),
    };
    const key = keys[event.key];
    if (!key || (camera.zoom === 1 && event.key.startsWith('Arrow'))) return;
    event.preventDefault();
    key();
    change();
  });
  return {
    /** @param {number} factor */
    nearer: (factor) => nearer(factor, box().left + box().width / 2, box().top + box().height / 2),
    reset: () => {
      camera.reset();
      change();
    },
  };
}

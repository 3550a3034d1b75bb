/**
 * Draws LED values as light where there is no WebGL: each LED a soft dot at its true place, and around all of them the
 * haze that a diffuser makes of it. Sums are made in linear light and encoded to sRGB by table.
 *
 * Which pixel belongs to which LED is worked out once per wall and size; a frame then costs a few table
 * look-ups per pixel and a blur on a coarse grid, so that ten thousand LEDs keep up with 30 frames a second.
 */

/** @import { Camera } from './camera.js' */

/** Most pixels the drawing has, whatever the screen: beyond, the browser scales up. */
const MOST_PIXELS = 700_000;
/** Pixels per cell of the haze's grid. */
const CELL = 6;
/** Share of an LED's light in the near and in the far haze. */
const NEAR = 0.24;
const FAR = 0.1;
/** What the room's light makes of an unlit LED, in sixteenths of 1 of 255. */
const UNLIT = 15;

/** sRGB code of linear light, from 0 to 255 in sixteenths. */
const ENCODE = new Uint8ClampedArray(4096);
for (let i = 0; i < ENCODE.length; i += 1) {
  const light = i / 4080;
  ENCODE[i] = 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
}

/** The same for sums that may go beyond 255. @param {number} light */
const encode = (light) => ENCODE[Math.min(4095, (light * 16) | 0)] ?? 255;

/** Pixels to be written and then shown on a canvas. */
class Picture {
  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
  constructor(context, width, height) {
    this.context = context;
    this.canvas = context.canvas;
    this.image = context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.pixels.fill(0xff000000);
  }

  show() {
    this.context.putImageData(this.image, 0, 0);
  }
}

/** @param {HTMLCanvasElement} canvas */
function plain(canvas) {
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('this browser has no canvas');
  return context;
}

export class CanvasPainter {
  /** Plain dots and no haze. */
  #plain = false;

  /** @param {HTMLCanvasElement} canvas @param {Camera} camera */
  constructor(canvas, camera) {
    this.canvas = canvas;
    this.camera = camera;
    this.context = plain(canvas);
    this.leds = /** @type {Float32Array} */ (new Float32Array());
    this.ready = false;
    this.drawn = '';
  }

  /** How many LEDs the wall has. */
  get count() {
    return this.leds.length / 4;
  }

  get plain() {
    return this.#plain;
  }

  set plain(plain) {
    this.#plain = plain;
    this.ready = false;
  }

  /** @param {Float32Array} leds x, y, width, height per LED, on the wall */
  setWall(leds) {
    this.leds = leds;
    this.ready = false;
  }

  /**
   * Fits the drawing to a place of so many device pixels.
   * @param {number} width @param {number} height
   */
  resize(width, height) {
    const shrink = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
    const w = Math.max(16, Math.round(width * shrink));
    const h = Math.max(16, Math.round(height * shrink));
    if (this.ready && this.canvas.width === w && this.canvas.height === h) return;
    this.canvas.width = w;
    this.canvas.height = h;
    this.ready = false;
  }

  /** Works out which pixels and which haze cells each LED lights. */
  #prepare() {
    const { width: w, height: h } = this.canvas;
    const { scale, left: offsetX, top: offsetY } = this.camera.sight(w, h);
    this.dots = new Picture(this.context, w, h);
    this.haze = new Picture(plain(document.createElement('canvas')), Math.ceil(w / CELL), Math.ceil(h / CELL));
    this.haze.canvas.width = this.haze.image.width;
    this.haze.canvas.height = this.haze.image.height;
    const cells = this.haze.canvas.width * this.haze.canvas.height;
    this.light = [0, 1, 2].map(() => ({ near: new Float32Array(cells), spare: new Float32Array(cells) }));
    this.cellOf = new Uint32Array(this.count);
    this.shareOf = new Float32Array(this.count);

    // Of overlapping footprints, the LED that is brightest at a pixel has it.
    const owner = new Int32Array(w * h).fill(-1);
    const weight = new Uint8Array(w * h);
    let pitch = 0;
    for (let led = 0; led < this.count; led += 1) {
      const x = (this.leds[led * 4] ?? 0) * scale + offsetX;
      const y = (this.leds[led * 4 + 1] ?? 0) * scale + offsetY;
      const halfX = Math.max(0.5, ((this.leds[led * 4 + 2] ?? 0) * scale) / 2);
      const halfY = Math.max(0.5, ((this.leds[led * 4 + 3] ?? 0) * scale) / 2);
      pitch += Math.sqrt(halfX * halfY) * 2;
      if (x + halfX < 0 || y + halfY < 0 || x - halfX > w || y - halfY > h) continue;
      const cellX = Math.min(this.haze.canvas.width - 1, Math.max(0, Math.floor(x / CELL)));
      const cellY = Math.min(this.haze.canvas.height - 1, Math.max(0, Math.floor(y / CELL)));
      this.cellOf[led] = cellY * this.haze.canvas.width + cellX;
      this.shareOf[led] = (4 * halfX * halfY) / (CELL * CELL);
      this.#claim(led, x, y, halfX, halfY, owner, weight);
    }
    this.pitch = this.count ? pitch / this.count : 1;
    this.#sort(owner, weight);
    this.ready = true;
  }

  /**
   * @param {number} led
   * @param {number} x @param {number} y @param {number} halfX @param {number} halfY in pixels
   * @param {Int32Array} owner @param {Uint8Array} weight
   */
  #claim(led, x, y, halfX, halfY, owner, weight) {
    const { width: w, height: h } = this.canvas;
    const tiny = halfX < 1.2 || halfY < 1.2;
    const left = Math.max(0, Math.floor(x - halfX));
    const right = Math.min(w - 1, Math.ceil(x + halfX) - 1);
    const top = Math.max(0, Math.floor(y - halfY));
    const bottom = Math.min(h - 1, Math.ceil(y + halfY) - 1);
    for (let py = top; py <= bottom; py += 1) {
      const dy = Math.abs(py + 0.5 - y) / halfY;
      for (let px = left; px <= right; px += 1) {
        const dx = Math.abs(px + 0.5 - x) / halfX;
        // A rounded square, bright in the middle and soft at its edge.
        const distance = this.#plain ? Math.hypot(dx, dy) : (dx ** 2.6 + dy ** 2.6) ** (1 / 2.6);
        const lit = tiny ? 255 : this.#plain ? (distance < 0.8 ? 255 : 0) : Math.round(255 / (1 + (distance / 0.74) ** 6));
        const at = py * w + px;
        if (lit > (weight[at] ?? 0)) {
          weight[at] = lit;
          owner[at] = led;
        }
      }
    }
  }

  /** Lists the pixels LED by LED. @param {Int32Array} owner @param {Uint8Array} weight */
  #sort(owner, weight) {
    const first = new Uint32Array(this.count + 1);
    for (const led of owner) if (led >= 0) first[led + 1] = (first[led + 1] ?? 0) + 1;
    for (let led = 0; led < this.count; led += 1) first[led + 1] = (first[led + 1] ?? 0) + (first[led] ?? 0);
    const next = first.slice();
    const total = first[this.count] ?? 0;
    this.firstPixel = first;
    this.pixelAt = new Uint32Array(total);
    this.pixelWeight = new Uint8Array(total);
    for (let at = 0; at < owner.length; at += 1) {
      const led = owner[at] ?? -1;
      if (led < 0) continue;
      const slot = next[led] ?? 0;
      next[led] = slot + 1;
      this.pixelAt[slot] = at;
      this.pixelWeight[slot] = weight[at] ?? 0;
    }
  }

  /**
   * Draws a frame; LEDs it does not reach stay dark.
   * @param {Uint8Array | null} values r, g, b per LED in linear light; `null` for a dark wall
   */
  paint(values) {
    const { zoom, x, y } = this.camera;
    const from = `${zoom} ${x} ${y}`;
    if (!this.ready || from !== this.drawn) this.#prepare();
    this.drawn = from;
    const { dots, haze, light, cellOf, shareOf, firstPixel, pixelAt, pixelWeight, context } = this;
    if (!dots || !haze || !light || !cellOf || !shareOf || !firstPixel || !pixelAt || !pixelWeight) return;
    const [red, green, blue] = light.map((channel) => channel.near.fill(0));
    if (!red || !green || !blue) return;
    const out = dots.pixels;
    const lit = Math.min(this.count, values ? Math.floor(values.length / 3) : 0);
    for (let led = 0; led < this.count; led += 1) {
      let r = 0;
      let g = 0;
      let b = 0;
      if (values && led < lit) {
        r = values[led * 3] ?? 0;
        g = values[led * 3 + 1] ?? 0;
        b = values[led * 3 + 2] ?? 0;
        const cell = cellOf[led] ?? 0;
        const share = shareOf[led] ?? 0;
        red[cell] = (red[cell] ?? 0) + r * share;
        green[cell] = (green[cell] ?? 0) + g * share;
        blue[cell] = (blue[cell] ?? 0) + b * share;
      }
      // In sixteenths, with at most 4080 + UNLIT of the table's 4096.
      r = r * 16 + UNLIT;
      g = g * 16 + UNLIT;
      b = b * 16 + UNLIT;
      const end = firstPixel[led + 1] ?? 0;
      for (let i = firstPixel[led] ?? 0; i < end; i += 1) {
        const weight = pixelWeight[i] ?? 0;
        out[pixelAt[i] ?? 0] =
          0xff000000 |
          ((ENCODE[(b * weight) >> 8] ?? 0) << 16) |
          ((ENCODE[(g * weight) >> 8] ?? 0) << 8) |
          (ENCODE[(r * weight) >> 8] ?? 0);
      }
    }
    dots.show();
    if (this.#plain) return;
    this.#paintHaze();
    context.globalCompositeOperation = 'screen';
    context.imageSmoothingEnabled = true;
    context.drawImage(haze.canvas, 0, 0, haze.canvas.width * CELL, haze.canvas.height * CELL);
  }

  #paintHaze() {
    const { haze, light } = this;
    if (!haze || !light) return;
    const { width, height } = haze.canvas;
    const near = Math.max(1, Math.round((this.pitch ?? 1) / CELL));
    const far = Math.max(3, Math.round(width / 18));
    const channels = light.map(({ near: values, spare }) => {
      blur(values, spare, width, height, near);
      blur(values, spare, width, height, near);
      blur(values, spare, width, height, near);
      const wide = spare.slice();
      wide.set(values);
      blur(wide, spare, width, height, far);
      blur(wide, spare, width, height, far);
      blur(wide, spare, width, height, far);
      return { values, wide };
    });
    const [red, green, blue] = channels;
    if (!red || !green || !blue) return;
    for (let i = 0; i < haze.pixels.length; i += 1) {
      const r = encode(NEAR * (red.values[i] ?? 0) + FAR * (red.wide[i] ?? 0));
      const g = encode(NEAR * (green.values[i] ?? 0) + FAR * (green.wide[i] ?? 0));
      const b = encode(NEAR * (blue.values[i] ?? 0) + FAR * (blue.wide[i] ?? 0));
      haze.pixels[i] = 0xff000000 | (b << 16) | (g << 8) | r;
    }
    haze.show();
  }
}

/**
 * A box blur in both directions; three make a good likeness of a Gaussian. Beyond the edge it is dark.
 * @param {Float32Array} values in and out
 * @param {Float32Array} spare of the same length
 * @param {number} width @param {number} height @param {number} radius
 */
function blur(values, spare, width, height, radius) {
  lines(values, spare, width, height, 1, width, radius);
  lines(spare, values, height, width, width, 1, radius);
}

/**
 * @param {Float32Array} from @param {Float32Array} to
 * @param {number} length of a line @param {number} count of lines
 * @param {number} step within a line @param {number} stride from line to line
 * @param {number} radius
 */
function lines(from, to, length, count, step, stride, radius) {
  const part = 1 / (2 * radius + 1);
  for (let line = 0; line < count; line += 1) {
    const base = line * stride;
    let sum = 0;
    for (let i = 0; i < Math.min(radius, length); i += 1) sum += from[base + i * step] ?? 0;
    for (let i = 0; i < length; i += 1) {
      if (i + radius < length) sum += from[base + (i + radius) * step] ?? 0;
      if (i - radius > 0) sum -= from[base + (i - radius - 1) * step] ?? 0;
      to[base + i * step] = sum * part;
    }
  }
}

/**
 * The drawing of the layout editor: every LED at its place, the way the wire runs, and handles at the chosen piece to
 * move, scale and turn it. What is dragged is drawn at once; it is handed on when it is let go.
 */

/** @import { Piece } from '../types.js' */
/** @import { Box, Size } from './geometry.js' */
import { el } from '../dom.js';
import { t } from '../words.js';
import { boxOf, ledsOf, moved, scaled, turned } from './geometry.js';

const HUES = ['#55d0b5', '#f6c66b', '#6f8fe8', '#ec7a5c', '#c58fe8', '#8fd06a'];
const HANDLE_PX = 9;
const REACH_PX = 22;
const STEP = 1;
const LARGE_STEP = 10;

/** What is being done with the pointer. @typedef {{what: 'move' | 'scale' | 'turn', from: Piece, box: Box, x: number, y: number}} Drag */

export class Board extends HTMLElement {
  /** @type {readonly Piece[]} */
  pieces = [];
  /** @type {Size} */
  size = { width: 800, height: 480 };
  chosen = -1;
  /** @type {(index: number) => void} */
  onchoose = () => {};
  /** @type {(index: number, piece: Piece) => void} */
  onedit = () => {};
  /** @type {Drag | null} */
  #drag = null;
  #canvas = el('canvas', { class: 'board-canvas', tabindex: '0', role: 'application', 'aria-label': t('layout.board'), 'aria-describedby': 'board-keys' });

  connectedCallback() {
    this.replaceChildren(this.#canvas, el('p', { class: 'note', id: 'board-keys' }, t('layout.keys')));
    new ResizeObserver(() => this.draw()).observe(this.#canvas);
    this.#canvas.addEventListener('pointerdown', (event) => this.#begin(event));
    this.#canvas.addEventListener('pointermove', (event) => this.#go(event));
    this.#canvas.addEventListener('pointerup', () => this.#end());
    this.#canvas.addEventListener('pointercancel', () => this.#end());
    this.#canvas.addEventListener('keydown', (event) => this.#onKey(event));
    this.draw();
  }

  /** @param {readonly Piece[]} pieces @param {Size} size @param {number} chosen */
  set(pieces, size, chosen) {
    this.pieces = pieces;
    this.size = size;
    this.chosen = chosen;
    this.#canvas.style.aspectRatio = `${size.width} / ${size.height}`;
    this.draw();
  }

  /** Device pixels per pixel of the wall's canvas, and the room around it. */
  get #scale() {
    return this.#canvas.width / (this.size.width * 1.08);
  }

  draw() {
    const context = this.#canvas.getContext('2d');
    const box = this.#canvas.getBoundingClientRect();
    if (!context || box.width < 1) return;
    this.#canvas.width = box.width * devicePixelRatio;
    this.#canvas.height = box.height * devicePixelRatio;
    const scale = this.#scale;
    context.setTransform(scale, 0, 0, scale, this.size.width * 0.04 * scale, (this.#canvas.height - this.size.height * scale) / 2);
    context.strokeStyle = '#3a3e44';
    context.lineWidth = 1 / scale;
    context.strokeRect(0, 0, this.size.width, this.size.height);
    let first = 1;
    this.pieces.forEach((piece, index) => {
      const leds = ledsOf(piece, this.size);
      this.#drawPiece(context, leds, HUES[index % HUES.length] ?? '#ffffff', index === this.chosen, first);
      first += leds.length / 4;
    });
    const chosen = this.pieces[this.chosen];
    if (chosen) this.#drawHandles(context, boxOf(ledsOf(chosen, this.size)));
  }

  /** @param {CanvasRenderingContext2D} context @param {Float32Array} leds @param {string} hue @param {boolean} chosen @param {number} first number of the first LED */
  #drawPiece(context, leds, hue, chosen, first) {
    const scale = this.#scale;
    context.fillStyle = hue;
    context.globalAlpha = chosen ? 0.85 : 0.45;
    for (let at = 0; at < leds.length; at += 4) {
      const [x = 0, y = 0, w = 0, h = 0] = leds.subarray(at, at + 4);
      const [side, rise] = [Math.max(w * 0.7, 1 / scale), Math.max(h * 0.7, 1 / scale)];
      context.fillRect(x - side / 2, y - rise / 2, side, rise);
    }
    context.globalAlpha = chosen ? 0.9 : 0.3;
    context.strokeStyle = '#ffffff';
    context.lineWidth = 1 / scale;
    context.beginPath();
    for (let at = 0; at < leds.length; at += 4) context.lineTo(leds[at] ?? 0, leds[at + 1] ?? 0);
    context.stroke();
    context.globalAlpha = 1;
    const size = (12 * devicePixelRatio) / scale;
    context.font = `600 ${size}px system-ui, sans-serif`;
    const count = leds.length / 4;
    const marks = chosen ? [0, count - 1] : [0];
    for (const mark of new Set(marks)) {
      const [x, y] = [leds[mark * 4] ?? 0, leds[mark * 4 + 1] ?? 0];
      const text = String(first + mark);
      const width = context.measureText(text).width + size * 0.7;
      context.fillStyle = '#0b0c0e';
      context.globalAlpha = 0.85;
      context.beginPath();
      context.roundRect(x - width / 2, y - size * 0.75, width, size * 1.5, size * 0.5);
      context.fill();
      context.globalAlpha = 1;
      context.fillStyle = hue;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(text, x, y);
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Box} box */
  #drawHandles(context, box) {
    const scale = this.#scale;
    const side = (HANDLE_PX * devicePixelRatio) / scale;
    context.strokeStyle = '#ffffff';
    context.setLineDash([4 / scale, 4 / scale]);
    context.strokeRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.setLineDash([]);
    context.fillStyle = '#ffffff';
    context.fillRect(box.right - side / 2, box.bottom - side / 2, side, side);
    const [x, y] = this.#turnHandle(box);
    context.beginPath();
    context.moveTo(x, box.top);
    context.lineTo(x, y);
    context.stroke();
    context.beginPath();
    context.arc(x, y, side / 1.7, 0, 7);
    context.fill();
  }

  /** @param {Box} box @returns {[number, number]} */
  #turnHandle(box) {
    return [(box.left + box.right) / 2, Math.max(box.top - (REACH_PX * devicePixelRatio) / this.#scale, -this.size.height * 0.03)];
  }

  /** Where the pointer is on the wall's canvas. @param {PointerEvent} event */
  #at(event) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = this.#scale / devicePixelRatio;
    return { x: (event.clientX - box.left) / scale - this.size.width * 0.04, y: (event.clientY - box.top - box.height / 2) / scale + this.size.height / 2 };
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    const { x, y } = this.#at(event);
    const reach = (REACH_PX * devicePixelRatio) / this.#scale;
    const chosen = this.pieces[this.chosen];
    if (chosen) {
      const box = boxOf(ledsOf(chosen, this.size));
      const [tx, ty] = this.#turnHandle(box);
      const what = Math.hypot(x - box.right, y - box.bottom) < reach ? 'scale' : Math.hypot(x - tx, y - ty) < reach ? 'turn' : null;
      if (what) return this.#start(event, { what, from: chosen, box, x, y });
    }
    const near = this.#pieceAt(x, y, reach);
    this.onchoose(near);
    const piece = this.pieces[near];
    if (piece) this.#start(event, { what: 'move', from: piece, box: boxOf(ledsOf(piece, this.size)), x, y });
  }

  /** @param {PointerEvent} event @param {Drag} drag */
  #start(event, drag) {
    this.#drag = drag;
    this.#canvas.setPointerCapture(event.pointerId);
  }

  /** The topmost piece that has an LED near a place; -1 for none. @param {number} x @param {number} y @param {number} reach */
  #pieceAt(x, y, reach) {
    for (let index = this.pieces.length - 1; index >= 0; index -= 1) {
      const leds = ledsOf(/** @type {Piece} */ (this.pieces[index]), this.size);
      for (let at = 0; at < leds.length; at += 4) {
        if (Math.abs((leds[at] ?? 0) - x) < Math.max(reach / 2, (leds[at + 2] ?? 0) / 2) && Math.abs((leds[at + 1] ?? 0) - y) < Math.max(reach / 2, (leds[at + 3] ?? 0) / 2)) return index;
      }
    }
    return -1;
  }

  /** @param {PointerEvent} event */
  #go(event) {
    const drag = this.#drag;
    if (!drag) return;
    const { x, y } = this.#at(event);
    const { box, from } = drag;
    let piece = from;
    if (drag.what === 'move') piece = moved(from, x - drag.x, y - drag.y, this.size);
    else if (drag.what === 'scale') {
      const times = Math.max((x - box.left) / (box.right - box.left), (y - box.top) / (box.bottom - box.top), 0.02);
      piece = scaled(from, times, [box.left, box.top], this.size);
    } else {
      const middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      const angle = (Math.atan2(y - (middle[1] ?? 0), x - (middle[0] ?? 0)) * 180) / Math.PI + 90;
      piece = turned(from, event.shiftKey ? Math.round(angle / 15) * 15 : Math.round(angle), this.size);
    }
    this.pieces = this.pieces.map((one, index) => (index === this.chosen ? piece : one));
    this.draw();
  }

  #end() {
    const piece = this.pieces[this.chosen];
    const changed = this.#drag && piece && piece !== this.#drag.from;
    this.#drag = null;
    if (changed) this.onedit(this.chosen, piece);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const piece = this.pieces[this.chosen];
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (piece && by) this.onedit(this.chosen, moved(piece, by[0] ?? 0, by[1] ?? 0, this.size));
    else if (piece && event.key === 'r') this.onedit(this.chosen, turned(piece, piece.type === 'matrix' ? 90 : 15, this.size));
    else return;
    event.preventDefault();
  }
}
customElements.define('layout-board', Board);

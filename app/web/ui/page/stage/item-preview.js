/**
 * What an item will look like on the wall, and the way into it, while it is being composed: texts and effects as the
 * server draws them, a file by its picture. Nothing of it is on the wall.
 */

/** @import { Content, NewItem } from '../types.js' */
import { bytes } from '../api.js';
import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { layout } from '../model.js';
import { t } from '../words.js';
import { blend } from './blend.js';
import { Camera } from './camera.js';
import { CanvasPainter } from './painter-canvas.js';
import { Rehearsal } from './rehearsal.js';
import { sample, thumbnailOf } from './sample.js';

const FPS = 25;
/** Frames a second where less motion is asked for. */
const CALM_FPS = 1;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

export class ItemPreview extends HTMLElement {
  /** How many frames were drawn, for whoever measures it. */
  painted = 0;
  #canvas = el('canvas', { role: 'img', 'aria-label': t('item.preview') });
  #note = el('span', { class: 'note', role: 'status' });
  #again = el('button', { type: 'button', class: 'button small', onclick: () => this.replay() }, icon('play'), t('item.preview-way'));
  #camera = new Camera();
  #painter = new CanvasPainter(this.#canvas, this.#camera);
  #leds = new Float32Array();
  /** What is on before. @type {Uint8Array} */
  #before = new Uint8Array();
  /** The newest frame of the item. @type {Uint8Array | null} */
  #frame = null;
  /** @type {NewItem | null} */
  #item = null;
  /** When the way in began, by `performance.now()`. */
  #began = -Infinity;
  #due = false;
  #drawn = '';
  /** Takes the first frame of what is on before. @type {((frame: Uint8Array) => void) | null} */
  #first = null;
  #rehearsal = new Rehearsal({
    frame: (frame) => {
      if (this.#first) return this.#first(frame);
      this.#frame = frame;
      this.#say('');
      this.#draw();
    },
    paused: () => {
      this.#first?.(new Uint8Array());
      this.#say(t('item.preview-paused'));
    },
    problem: (detail) => {
      this.#first?.(new Uint8Array());
      this.#say(detail);
    },
  });

  connectedCallback() {
    this.className = 'item-preview';
    this.replaceChildren(this.#canvas, el('div', { class: 'item-preview-foot' }, this.#again, this.#note));
  }

  disconnectedCallback() {
    this.#rehearsal.close();
  }

  /** @param {Content | undefined} before what is on before, where something is */
  async begin(before) {
    this.#leds = new Float32Array(await bytes('/api/layout/leds'));
    if (!this.isConnected) return;
    this.#camera.size = layout.value?.canvas ?? this.#camera.size;
    this.#painter.setWall(this.#leds);
    this.#canvas.style.aspectRatio = String(this.#camera.aspect);
    const { width } = this.#canvas.getBoundingClientRect();
    this.#painter.resize(width, width / this.#camera.aspect);
    if (before) this.#before = await this.#still(before).catch(() => this.#before);
  }

  /** One frame of something. @param {Content} content @returns {Promise<Uint8Array>} */
  async #still(content) {
    if (content.type === 'media') return sample(await thumbnailOf(content.media), 'cover', this.#leds, this.#camera.size);
    /** @type {Promise<Uint8Array>} */
    const first = new Promise((resolve) => (this.#first = resolve));
    this.#rehearsal.show(content, FPS);
    const frame = await first;
    this.#first = null;
    // No more of it is to be taken for what is composed.
    this.#rehearsal.close();
    return frame;
  }

  /** Shows an item as it is composed now. @param {NewItem} item */
  async show(item) {
    if (!this.isConnected) return;
    const way = JSON.stringify(item.transition);
    const changedWay = this.#item !== null && way !== JSON.stringify(this.#item.transition);
    this.#item = item;
    this.#again.hidden = item.transition?.type === 'cut';
    const { content } = item;
    const fit = item.fit ?? 'cover';
    const key = JSON.stringify([content, fit]);
    if (key !== this.#drawn) {
      this.#drawn = key;
      if (content.type === 'media') this.#frame = sample(await thumbnailOf(content.media), fit, this.#leds, this.#camera.size);
      else if (content.type === 'effect' || content.text.trim()) this.#rehearsal.show(content, calm.matches ? CALM_FPS : FPS);
    }
    if (changedWay && !calm.matches) this.replay();
    this.#draw();
  }

  /** Shows the way into the item once more. */
  replay() {
    this.#began = performance.now();
    const { content } = this.#item ?? {};
    if (content && content.type !== 'media' && this.#note.textContent) this.#rehearsal.show(content, calm.matches ? CALM_FPS : FPS);
    this.#draw();
  }

  /** @param {string} words */
  #say(words) {
    setText(this.#note, words);
  }

  #draw() {
    if (this.#due || !this.#leds.length) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      if (!this.isConnected) return;
      const way = this.#item?.transition;
      const time = (performance.now() - this.#began) / 1000 / (way?.duration_seconds || 1);
      const frame = this.#frame;
      if (!frame || !way || time >= 1) this.#painter.paint(frame);
      else {
        this.#painter.paint(blend(way, time, this.#before, frame, this.#leds, this.#camera.size));
        this.#draw();
      }
      this.painted += 1;
    });
  }
}
customElements.define('item-preview', ItemPreview);

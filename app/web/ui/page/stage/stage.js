/**
 * The stage: shows the wall as it is lit now. It asks the live connection for frames only while it can be
 * seen, draws the newest one per screen refresh, and lets go of the others.
 */

import { bytes } from '../api.js';
import { el, setText } from '../dom.js';
import { count } from '../format.js';
import { icon } from '../icons.js';
import { onPreview, wantPreview } from '../live.js';
import { layout, link } from '../model.js';
import { report } from '../parts/toast.js';
import { newestAnswer } from '../turns.js';
import { t } from '../words.js';
import { Camera, steer } from './camera.js';
import { CanvasPainter } from './painter-canvas.js';
import { GlPainter } from './painter-gl.js';

const HEADER_BYTES = 8;
/** Frames a second when somebody asked their system for less motion. */
const CALM_RATE = 1;
const NEARER = 1.6;
const KEPT = 'prismatron-plain-dots';

const calm = matchMedia('(prefers-reduced-motion: reduce)');

export class Stage extends HTMLElement {
  /** How many frames were drawn, for whoever measures it. */
  painted = 0;
  #camera = new Camera();
  /** @type {GlPainter | CanvasPainter | null} */
  #painter = null;
  /** @type {Uint8Array | null} */
  #frame = null;
  #due = false;
  #inView = true;
  /** What the person wants; `calm` until they say otherwise where the system asks for less motion. */
  #wanted = /** @type {'live' | 'calm' | 'off'} */ (calm.matches ? 'calm' : 'live');
  #gone = new AbortController();

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.className = 'stage';
    this.canvas = el('canvas', { id: 'preview', role: 'img', tabindex: '0', 'aria-label': t('preview') });
    this.caption = el('span', { class: 'stage-caption' });
    this.toggle = this.#button('eye', t('preview.stop'), () => {
      this.#wanted = this.#wanted === 'live' ? 'off' : 'live';
      this.#setRate();
    });
    const hand = steer(this.canvas, this.#camera, () => this.#draw());
    const dots = this.#button('dots', t('preview.dots'), () => this.#setPlain(dots, !this.#painter?.plain));
    dots.setAttribute('aria-pressed', 'false');
    const tools = el(
      'div',
      { class: 'stage-tools', role: 'group', 'aria-label': t('preview.tools') },
      dots,
      this.#button('minus', t('preview.farther'), () => hand.nearer(1 / NEARER)),
      this.#button('plus', t('preview.nearer'), () => hand.nearer(NEARER)),
      this.#button('whole', t('preview.whole'), () => hand.reset()),
      this.toggle,
    );
    this.replaceChildren(this.canvas, this.caption, tools);
    this.#painter = painterFor(this.canvas, this.#camera);
    if (recall()) this.#setPlain(dots, true);
    // The graphics processor may be taken away, and does not come back to the same canvas by itself.
    this.canvas.addEventListener('webglcontextlost', () => this.isConnected && this.replaceWith(new Stage()));
    onPreview((data) => {
      const head = new DataView(data);
      if (data.byteLength < HEADER_BYTES || head.getUint8(0) !== 1) return;
      this.#frame = new Uint8Array(data, HEADER_BYTES);
      this.#draw();
    });
    const loadWall = newestAnswer(() => bytes('/api/layout/leds'), (leds) => signal.aborted || this.#setWall(new Float32Array(leds)));
    layout.follow((now) => {
      if (now) loadWall().catch(report);
    }, signal);
    link.follow((now) => this.classList.toggle('is-lost', now === 'lost'), signal);
    const sized = new ResizeObserver(() => this.#fit());
    sized.observe(this.canvas);
    const seen = new IntersectionObserver((entries) => {
      this.#inView = entries.at(-1)?.isIntersecting ?? true;
      this.#setRate();
    });
    seen.observe(this.canvas);
    signal.addEventListener('abort', () => {
      sized.disconnect();
      seen.disconnect();
      onPreview(() => {});
      wantPreview(0);
    });
    document.addEventListener('visibilitychange', () => this.#setRate(), { signal });
    calm.addEventListener('change', () => {
      if (this.#wanted !== 'off') this.#wanted = calm.matches ? 'calm' : 'live';
      this.#setRate();
    }, { signal });
    this.#setRate();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  /** @param {import('../icons.js').IconName} symbol @param {string} words @param {() => void} run */
  #button(symbol, words, run) {
    return el('button', { type: 'button', class: 'button-icon small', 'aria-label': words, title: words, onclick: run }, icon(symbol));
  }

  /** @param {HTMLElement} button @param {boolean} plain */
  #setPlain(button, plain) {
    if (!this.#painter) return;
    this.#painter.plain = plain;
    button.setAttribute('aria-pressed', String(plain));
    keep(plain);
    this.#draw();
  }

  /** @param {Float32Array} leds */
  #setWall(leds) {
    const painter = this.#painter;
    if (!this.canvas || !painter) return;
    this.#camera.size = layout.value?.canvas ?? this.#camera.size;
    painter.setWall(leds);
    this.canvas.style.aspectRatio = String(this.#camera.aspect);
    this.canvas.setAttribute('aria-label', t('preview.of', { n: painter.count }));
    this.dataset.leds = count(painter.count);
    this.#frame = null;
    this.#fit();
    this.#setRate();
  }

  #fit() {
    const box = this.canvas?.getBoundingClientRect();
    if (!box || box.width < 1 || box.height < 1) return;
    const density = Math.min(2, devicePixelRatio);
    this.#painter?.resize(box.width * density, box.height * density);
    this.#draw();
  }

  #draw() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      if (!this.#painter?.count || !this.isConnected) return;
      this.#painter.paint(this.#frame);
      this.painted += 1;
    });
  }

  #setRate() {
    const leds = this.#painter?.count ?? 0;
    const full = leds > 200_000 ? 5 : leds > 20_000 ? 15 : 30;
    wantPreview(document.hidden || !this.#inView || !leds ? 0 : { live: full, calm: CALM_RATE, off: 0 }[this.#wanted]);
    const words = this.#wanted === 'live' ? t('preview.stop') : t('preview.start');
    this.toggle?.replaceChildren(icon(this.#wanted === 'live' ? 'eye' : 'eye_off'));
    this.toggle?.setAttribute('aria-label', words);
    if (this.toggle) this.toggle.title = words;
    if (this.caption) setText(this.caption, { off: t('preview.stopped'), calm: t('preview.slowed'), live: '' }[this.#wanted]);
  }
}
customElements.define('wall-stage', Stage);

/** What this browser can draw with. @param {HTMLCanvasElement} canvas @param {Camera} camera */
function painterFor(canvas, camera) {
  const probe = document.createElement('canvas').getContext('webgl2');
  return probe?.getExtension('EXT_color_buffer_float') ? new GlPainter(canvas, camera) : new CanvasPainter(canvas, camera);
}

// A browser may forbid storage; then the choice lasts for this visit.

function recall() {
  try {
    return localStorage.getItem(KEPT) === 'yes';
  } catch {
    return false;
  }
}

/** @param {boolean} plain */
function keep(plain) {
  try {
    localStorage.setItem(KEPT, plain ? 'yes' : 'no');
  } catch {
    // See above.
  }
}

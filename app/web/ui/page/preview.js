/**
 * The stage: shows the wall as it is lit now. It asks the live connection for frames only while it can be
 * seen, draws the newest one per screen refresh, and lets go of the others.
 */

import { bytes } from './api.js';
import { byId, setText } from './dom.js';
import { count } from './format.js';
import { icon } from './icons.js';
import { onPreview, wantPreview } from './live.js';
import { layout, link } from './model.js';
import { Painter } from './painter.js';
import { report } from './toast.js';

const HEADER_BYTES = 8;
/** Frames a second when somebody asked their system for less motion. */
const CALM_RATE = 1;

const canvas = byId('preview', HTMLCanvasElement);
const stage = byId('stage', HTMLElement);
const toggle = byId('preview-toggle', HTMLButtonElement);
const caption = byId('preview-caption', HTMLElement);
const calm = matchMedia('(prefers-reduced-motion: reduce)');

const painter = new Painter(canvas);
/** @type {Uint8Array | null} */
let frame = null;
let due = false;
let inView = true;
/** What the person wants; `calm` until they say otherwise where the system asks for less motion. */
let wanted = /** @type {'live' | 'calm' | 'off'} */ (calm.matches ? 'calm' : 'live');

export function startPreview() {
  onPreview((data) => {
    const head = new DataView(data);
    if (data.byteLength < HEADER_BYTES || head.getUint8(0) !== 1) return;
    frame = new Uint8Array(data, HEADER_BYTES);
    draw();
  });
  layout.follow((now) => {
    if (now) loadWall(now.canvas).catch(report);
  });
  link.follow((now) => {
    stage.classList.toggle('is-lost', now === 'lost');
  });
  new ResizeObserver(fit).observe(canvas);
  new IntersectionObserver((entries) => {
    inView = entries.at(-1)?.isIntersecting ?? true;
    setRate();
  }).observe(canvas);
  document.addEventListener('visibilitychange', setRate);
  calm.addEventListener('change', () => {
    if (wanted !== 'off') wanted = calm.matches ? 'calm' : 'live';
    setRate();
  });
  toggle.addEventListener('click', () => {
    wanted = wanted === 'live' ? 'off' : 'live';
    setRate();
  });
  setRate();
}

/** @param {{width: number, height: number}} size */
async function loadWall(size) {
  const leds = new Float32Array(await bytes('/api/layout/leds'));
  painter.setWall(size, leds);
  canvas.style.aspectRatio = String(painter.aspect);
  canvas.setAttribute('aria-label', `Live preview of the wall, ${count(painter.count)} LEDs`);
  frame = null;
  fit();
  setRate();
}

function fit() {
  const box = canvas.getBoundingClientRect();
  const density = Math.min(2, devicePixelRatio);
  if (box.width < 1 || box.height < 1) return;
  painter.resize(box.width * density, box.height * density);
  draw();
}

function draw() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    if (painter.count) painter.paint(frame);
  });
}

function setRate() {
  const full = painter.count > 200_000 ? 5 : painter.count > 20_000 ? 15 : 30;
  const rate = { live: full, calm: CALM_RATE, off: 0 }[wanted];
  wantPreview(document.hidden || !inView || !painter.count ? 0 : rate);
  const words = wanted === 'live' ? 'Stop the live preview' : 'Show the live preview';
  toggle.replaceChildren(icon(wanted === 'live' ? 'eye' : 'eye_off'));
  toggle.setAttribute('aria-label', words);
  toggle.title = words;
  setText(caption, wanted === 'off' ? 'Preview stopped' : wanted === 'calm' ? 'Preview slowed down' : '');
}

/**
 * The brightness slider. Eyes judge light by about its square root, so the slider's way is the root of the
 * light: its lower half is where dim rooms are set. The figure beside it is the light itself.
 */

import { patch } from './api.js';
import { byId, setText } from './dom.js';
import { player } from './model.js';
import { report } from './toast.js';

const SEND_MS = 80;
/** How long after the last touch the server's own value is not shown, lest the slider jump back. */
const SETTLE_MS = 700;

const slider = byId('brightness', HTMLInputElement);
const figure = byId('brightness-figure', HTMLElement);
const steps = Number(slider.max);

let touchedAt = -Infinity;
let timer = 0;
let sending = false;
let again = false;

export function startBrightness() {
  player.follow((now) => {
    if (!now || performance.now() - touchedAt < SETTLE_MS) return;
    slider.value = String(Math.round(Math.sqrt(now.brightness) * steps));
    show(now.brightness);
  });
  slider.addEventListener('input', () => {
    touchedAt = performance.now();
    show(light());
    clearTimeout(timer);
    timer = setTimeout(send, SEND_MS);
  });
}

const light = () => (Number(slider.value) / steps) ** 2;

/** @param {number} value */
function show(value) {
  const percent = value * 100;
  const words = `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
  setText(figure, words);
  slider.setAttribute('aria-valuetext', words);
  slider.style.setProperty('--filled', `${(Number(slider.value) / steps) * 100}%`);
}

/** One request at a time; what moved meanwhile is sent after it. */
async function send() {
  if (sending) {
    again = true;
    return;
  }
  sending = true;
  try {
    await patch('/api/settings', { brightness: Number(light().toFixed(4)) });
  } catch (error) {
    report(error);
  } finally {
    sending = false;
    touchedAt = performance.now();
    if (again) {
      again = false;
      send();
    }
  }
}

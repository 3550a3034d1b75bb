/**
 * The brightness slider. Eyes judge light by about its square root, so the slider's way is the root of the
 * light: its lower half is where dim rooms are set. The figure beside it is the light itself.
 */

import { patch } from '../api.js';
import { el, setText } from '../dom.js';
import { percent } from '../format.js';
import { icon } from '../icons.js';
import { player } from '../model.js';
import { Newest } from '../turns.js';
import { t } from '../words.js';
import { report } from './toast.js';

const STEPS = 200;
const SEND_MS = 80;
/** How long after the last touch the server's own value is not shown, lest the slider jump back. */
const SETTLE_MS = 700;

/** @param {AbortSignal} gone */
export function brightness(gone) {
  const slider = el('input', { type: 'range', id: 'brightness', min: 0, max: STEPS, step: 1, value: STEPS, 'aria-label': t('brightness') });
  const figure = el('span', { class: 'time' });
  let touchedAt = -Infinity;
  let timer = 0;
  const light = () => (Number(slider.value) / STEPS) ** 2;

  /** @param {number} value */
  const show = (value) => {
    setText(figure, percent(value));
    slider.setAttribute('aria-valuetext', percent(value));
    slider.style.setProperty('--filled', `${(Number(slider.value) / STEPS) * 100}%`);
  };
  const sending = new Newest(async () => {
    await patch('/api/settings', { brightness: Number(light().toFixed(4)) }).catch(report);
    touchedAt = performance.now();
  });
  player.follow((now) => {
    if (!now || sending.isRunning || performance.now() - touchedAt < SETTLE_MS) return;
    slider.value = String(Math.round(Math.sqrt(now.brightness) * STEPS));
    show(now.brightness);
  }, gone);
  slider.addEventListener('input', () => {
    touchedAt = performance.now();
    show(light());
    clearTimeout(timer);
    timer = setTimeout(() => sending.run(), SEND_MS);
  });
  return el('label', { class: 'deck-brightness', title: t('brightness') }, icon('sun'), slider, figure);
}

/** Light by number on the real wall: one LED, a range or a test pattern, in place of whatever is on, for a while. */

/** @import { TestPattern } from '../types.js' */
import { post, remove } from '../api.js';
import { el, setText } from '../dom.js';
import { span } from '../format.js';
import { icon } from '../icons.js';
import { player } from '../model.js';
import { Newest } from '../turns.js';
import { t } from '../words.js';
import { field, number, range, select } from './form.js';
import { card } from './list.js';
import { report } from './toast.js';

const KINDS = /** @type {const} */ (['order', 'leds', 'run', 'outputs', 'colours']);
/** So long nothing is typed before another LED is lit. */
const TYPING_MS = 150;

/** Lights some LEDs. @param {number} first from 0 @param {number} count */
export const lightLeds = (first, count) => post('/api/identify', { pattern: { type: 'leds', first, count } });

/** @param {AbortSignal} gone */
export function identifyCard(gone) {
  const kind = select(KINDS.map((one) => [one, t(`identify.${one}`)]), 'order');
  const first = number({ min: 1, max: 1_000_000, step: 1, value: 1 });
  const count = number({ min: 1, max: 1_000_000, step: 1, value: 1 });
  const colour = el('input', { type: 'color', value: '#ffffff' });
  const seconds = number({ min: 1, max: 600, step: 1, value: 30 });
  const light = range({ min: 5, max: 100, step: 5, value: 50, unit: '%', label: t('brightness') });
  const what = el('p', { class: 'note' });
  const left = el('span', { class: 'note', role: 'status' });
  const show = el('button', { type: 'submit', class: 'button button-main' }, icon('spark'), t('identify.show'));
  const end = el('button', { type: 'button', class: 'button', onclick: () => remove('/api/identify').catch(report) }, t('identify.end'));
  const leds = el('div', { class: 'fields' }, field(t('identify.first'), first), field(t('identify.count'), count), field(t('identify.colour'), colour));
  let isShown = false;
  let typing = 0;

  const choose = () => {
    leds.hidden = first.disabled = count.disabled = kind.value !== 'leds';
    setText(what, t(`identify.${/** @type {(typeof KINDS)[number]} */ (kind.value)}.what`));
  };
  const sending = new Newest(async () => {
    /** @type {TestPattern} */
    const pattern = kind.value === 'leds' ? { type: 'leds', first: Number(first.value) - 1, count: Number(count.value), colour: colour.value } : { type: /** @type {'run'} */ (kind.value) };
    await post('/api/identify', { pattern, seconds: Number(seconds.value), brightness: light.read() / 100 }).then(() => (isShown = true), report);
  });
  const form = el('form', { class: 'identify' }, el('div', { class: 'fields' }, field(t('identify.pattern'), kind), field(t('identify.seconds'), seconds), light.control), what, leds, el('div', { class: 'identify-foot' }, show, end, left));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sending.run();
  });
  // Once something is lit, the arrow keys in the field walk along the wire.
  leds.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => (isShown || sending.isRunning) && form.checkValidity() && sending.run(), TYPING_MS);
  });
  kind.addEventListener('change', choose);
  choose();
  player.follow((now) => {
    const rest = now?.test_pattern.seconds_left ?? null;
    isShown = rest !== null;
    end.hidden = rest === null;
    setText(left, rest === null ? '' : t('identify.left', { span: span(Math.ceil(rest)) }));
  }, gone);
  return card(t('identify'), null, form);
}

/** Form controls, and the one that fits a parameter of an effect's schema. */

/** @import { Child } from '../dom.js' */
/** @import { Param, ParamValue } from '../types.js' */
import { el, setText } from '../dom.js';
import { number as figure } from '../format.js';
import { fromServer, t } from '../words.js';
import { say } from './toast.js';

/**
 * A control with its label above it.
 * @param {string} label @param {Child} control @param {Child} [note]
 */
export function field(label, control, note) {
  return el('label', { class: 'field' }, el('span', { class: 'field-label' }, label), control, note ? el('span', { class: 'field-note' }, note) : null);
}

/** @param {[string, string][]} options value and words @param {string} chosen */
export function select(options, chosen) {
  const control = el('select', {}, options.map(([value, words]) => el('option', { value }, words)));
  control.value = chosen;
  return control;
}

/** @param {{min: number, max: number, step: number | 'any', value: number | string, optional?: boolean}} of */
export function number(of) {
  return el('input', { type: 'number', min: of.min, max: of.max, step: of.step, value: of.value, required: !of.optional, inputmode: 'decimal' });
}

/**
 * A slider with its label and its value in words.
 * @param {{min: number, max: number, step: number, value: number, unit: string, label: string}} of
 */
export function range(of) {
  const words = el('output', { class: 'field-figure' });
  const slider = el('input', { type: 'range', min: of.min, max: of.max, step: of.step });
  slider.value = String(of.value);
  // Between two steps of the slider a value stays what it is until somebody moves it.
  let value = of.value;
  const read = () => value;
  const show = () => {
    setText(words, `${figure(read(), 3)}${of.unit ? ` ${of.unit}` : ''}`);
    slider.setAttribute('aria-valuetext', words.textContent ?? '');
    slider.style.setProperty('--filled', `${((read() - of.min) / (of.max - of.min)) * 100}%`);
  };
  slider.addEventListener('input', () => {
    value = Number(slider.value);
    show();
  });
  show();
  return { control: field(of.label, el('span', { class: 'field-slider' }, slider, words)), read };
}

/** A switch with its words beside it. @param {string} label @param {boolean} on */
export function toggle(label, on) {
  const input = el('input', { type: 'checkbox', role: 'switch', checked: on });
  return { control: el('label', { class: 'field field-switch' }, el('span', { class: 'field-label' }, label), input), input };
}

/** So many times the least is more than a slider can tell apart. */
const WIDE = 100;

/** A round step of about two hundredths of the way. @param {number} min @param {number} max */
function stepFor(min, max) {
  const rough = (max - min) / 200;
  const power = 10 ** Math.floor(Math.log10(rough));
  return Number(([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power);
}

/**
 * @param {Param} param
 * @param {ParamValue | undefined} given its value where there is one already
 * @param {(option: string) => string} [wordsOf] what a choice is called
 * @returns {{control: HTMLElement, read: () => ParamValue}}
 */
export function paramControl(param, given, wordsOf = optionWords) {
  const value = given ?? param.default;
  const label = fromServer(param.title);
  switch (param.type) {
    case 'number': {
      const present = Number(Number(value).toPrecision(5));
      if (param.min > 0 && param.max > WIDE * param.min) {
        const input = number({ min: param.min, max: param.max, step: 'any', value: present });
        return { control: field(label, input), read: () => Number(input.value) };
      }
      const step = Number(stepFor(param.min, param.max).toPrecision(1));
      return range({ min: param.min, max: param.max, step, value: present, unit: fromServer(param.unit), label });
    }
    case 'colour': {
      const input = el('input', { type: 'color', value: String(value) });
      return { control: field(label, input), read: () => input.value };
    }
    case 'choice': {
      const input = select(param.options.map((option) => [option, wordsOf(option)]), String(value));
      return { control: field(label, input), read: () => input.value };
    }
    case 'switch': {
      const made = toggle(label, value === true);
      return { control: made.control, read: () => made.input.checked };
    }
  }
}

/** `two_words` as “Two words”. @param {string} option */
function optionWords(option) {
  const words = fromServer(option).replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A text to be copied, with a button for it. @param {string} text */
export function copyLine(text) {
  const shown = el('input', { type: 'text', readonly: true, value: text, class: 'mono', 'aria-label': t('copy.text') });
  shown.addEventListener('focus', () => shown.select());
  const copy = el('button', { type: 'button', class: 'button' }, t('copy'));
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(t('copied'));
    } catch {
      // Without HTTPS browsers have no clipboard for pages: the person copies the selection.
      shown.focus();
    }
  });
  return el('div', { class: 'copy-line' }, shown, copy);
}

/** Lets the person choose a file; `undefined` where they do not. @param {string} accept */
export function chooseFile(accept) {
  const input = el('input', { type: 'file', accept });
  /** @type {Promise<File | undefined>} */
  const chosen = new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0]));
    input.addEventListener('cancel', () => resolve(undefined));
  });
  input.click();
  return chosen;
}

/** Has the browser keep what is at an address, or what it is handed. @param {string | Blob} what @param {string} [name] */
export function keepFile(what, name = '') {
  const address = typeof what === 'string' ? what : URL.createObjectURL(what);
  el('a', { href: address, download: name }).click();
  if (typeof what !== 'string') setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

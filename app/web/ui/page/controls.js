/** Form controls, and the one that fits a parameter of an effect's schema. */

/** @import { Param, ParamValue } from './types.js' */
import { field } from './dialog.js';
import { el, setText } from './dom.js';

/** @param {[string, string][]} options value and words @param {string} chosen */
export function select(options, chosen) {
  const control = el('select', {}, options.map(([value, words]) => el('option', { value }, words)));
  control.value = chosen;
  return control;
}

/** @param {{min: number, max: number, step: number, value: number | string, optional?: boolean}} of */
export function number(of) {
  return el('input', { type: 'number', min: of.min, max: of.max, step: of.step, value: of.value, required: !of.optional, inputmode: 'decimal' });
}

/**
 * A slider with its label and its value in words.
 * @param {{min: number, max: number, step: number, value: number, unit: string, label: string}} of
 */
export function range(of) {
  const figure = el('output', { class: 'field-figure' });
  const slider = el('input', { type: 'range', min: of.min, max: of.max, step: of.step });
  slider.value = String(of.value);
  const read = () => Number(slider.value);
  const show = () => {
    const words = `${read()}${of.unit ? ` ${of.unit}` : ''}`;
    setText(figure, words);
    slider.setAttribute('aria-valuetext', words);
    slider.style.setProperty('--filled', `${((read() - of.min) / (of.max - of.min)) * 100}%`);
  };
  slider.addEventListener('input', show);
  show();
  return { control: field(of.label, el('span', { class: 'field-slider' }, slider, figure)), read };
}

/** A round step of about two hundredths of the way. @param {number} min @param {number} max */
function stepFor(min, max) {
  const rough = (max - min) / 200;
  const power = 10 ** Math.floor(Math.log10(rough));
  return Number(([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power);
}

/**
 * @param {Param} param
 * @param {ParamValue | undefined} given its value where there is one already
 * @returns {{control: HTMLElement, read: () => ParamValue}}
 */
export function paramControl(param, given) {
  const value = given ?? param.default;
  switch (param.type) {
    case 'number': {
      const step = Number(stepFor(param.min, param.max).toPrecision(1));
      const made = range({ min: param.min, max: param.max, step, value: Number(Number(value).toPrecision(5)), unit: param.unit, label: param.title });
      return { control: made.control, read: made.read };
    }
    case 'colour': {
      const input = el('input', { type: 'color', value: String(value) });
      return { control: field(param.title, input), read: () => input.value };
    }
    case 'choice': {
      const input = select(param.options.map((option) => [option, words(option)]), String(value));
      return { control: field(param.title, input), read: () => input.value };
    }
    case 'switch': {
      const input = el('input', { type: 'checkbox', role: 'switch', checked: value === true });
      return { control: el('label', { class: 'field field-switch' }, el('span', { class: 'field-label' }, param.title), input), read: () => input.checked };
    }
  }
}

/** `two_words` as “Two words”. @param {string} name */
function words(name) {
  const spaced = name.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

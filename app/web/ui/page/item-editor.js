/**
 * The dialogs in which items are made and changed: a form for the content (text, or an effect by its schema)
 * and one for how any item is played.
 */

/** @import { Content, EffectContent, EffectSpec, Item, NewItem, TextContent, Transition } from './types.js' */
import { field, openDialog } from './dialog.js';
import { el } from './dom.js';
import { number, paramControl, range, select } from './controls.js';
import { effects, fonts } from './model.js';

/** A part of a form: what is shown, and what it says when asked.
 * @template T @typedef {{nodes: import('./dom.js').Child[], read: () => T}} Part */

/** @typedef {(item: NewItem, name: string) => Promise<unknown>} Use */

/** @param {Use} use */
export function effectItem(use) {
  const first = effects.value[0];
  if (!first) return;
  const content = effectPart({ type: 'effect', effect: first.name, params: {} });
  const play = playPart({ content: { type: 'effect', effect: first.name, params: {} }, duration_seconds: 20 });
  openDialog({ title: 'Add an effect', action: 'Add', wide: true }, [...content.nodes, ...play.nodes], () => {
    const made = content.read();
    return use({ content: made, ...play.read() }, specOf(made.effect)?.title ?? made.effect);
  });
}

/** @param {Use} use */
export function textItem(use) {
  const content = textPart({ type: 'text', text: '' });
  const play = playPart({ content: { type: 'text', text: '' } });
  openDialog({ title: 'Add a text', action: 'Add', wide: true }, [...content.nodes, ...play.nodes], () =>
    use({ content: content.read(), ...play.read() }, 'The text'),
  );
}

/** @param {Item} item @param {(changed: NewItem) => Promise<unknown>} use */
export function editItem(item, use) {
  const content = contentPart(item.content);
  const play = playPart(item);
  openDialog({ title: item.title, action: 'Save', wide: true }, [...content.nodes, ...play.nodes], () => use({ content: content.read(), ...play.read() }));
}

/** @param {Content} content @returns {Part<Content>} */
function contentPart(content) {
  if (content.type === 'text') return textPart(content);
  if (content.type === 'effect') return effectPart(content);
  return { nodes: [], read: () => content };
}

/** @param {string} name @returns {EffectSpec | undefined} */
const specOf = (name) => effects.value.find((one) => one.name === name);

/** @param {EffectContent} content @returns {Part<EffectContent>} */
function effectPart(content) {
  const names = select(effects.value.map((one) => [one.name, one.title]), content.effect);
  const place = el('div', { class: 'fields' });
  /** @type {[string, () => import('./types.js').ParamValue][]} */
  let readers = [];
  const fill = () => {
    const spec = specOf(names.value);
    readers = [];
    place.replaceChildren(
      ...(spec?.params ?? []).map((param) => {
        const given = names.value === content.effect ? content.params[param.name] : undefined;
        const { control, read } = paramControl(param, given);
        readers.push([param.name, read]);
        return control;
      }),
    );
  };
  names.addEventListener('change', fill);
  fill();
  return {
    nodes: [field('Effect', names), place],
    read: () => ({ type: 'effect', effect: names.value, params: Object.fromEntries(readers.map(([name, read]) => [name, read()])) }),
  };
}

/** @param {TextContent} content @returns {Part<TextContent>} */
function textPart(content) {
  const text = el('textarea', { rows: 2, required: true, maxlength: 2000, placeholder: 'What the wall says' });
  text.value = content.text;
  const known = content.font && !fonts.value.includes(content.font) ? [content.font] : [];
  const font = select([['', 'Built-in bitmap font'], ...[...known, ...fonts.value].map((name) => /** @type {[string, string]} */ ([name, name]))], content.font ?? '');
  const height = range({ min: 5, max: 100, step: 1, value: Math.round((content.size ?? 0.3) * 100), unit: '%', label: 'Letter height' });
  const colour = el('input', { type: 'color', value: content.colour ?? '#ffffff' });
  const background = el('input', { type: 'color', value: content.background ?? '#000000' });
  const align = select([['left', 'Left'], ['centre', 'Centre'], ['right', 'Right']], content.align ?? 'centre');
  const motion = content.motion ?? { type: 'static' };
  const moves = select([['static', 'Stands still'], ['scroll', 'Runs through'], ['fade', 'Comes and goes']], motion.type);
  const speed = number({ min: 0.01, max: 10, step: 0.01, value: motion.type === 'scroll' ? motion.speed : 0.3 });
  const period = number({ min: 0.2, max: 60, step: 0.1, value: motion.type === 'fade' ? motion.period : 4 });
  const speedField = field('Speed (walls a second)', speed);
  const periodField = field('Period (s)', period);
  const choose = () => {
    speedField.hidden = speed.disabled = moves.value !== 'scroll';
    periodField.hidden = period.disabled = moves.value !== 'fade';
  };
  moves.addEventListener('change', choose);
  choose();
  return {
    nodes: [
      field('Text', text),
      el('div', { class: 'fields' }, field('Font', font), height.control, field('Letters', colour), field('Background', background), field('Alignment', align), field('Motion', moves), speedField, periodField),
    ],
    read: () => ({
      type: 'text',
      text: text.value,
      ...(font.value ? { font: font.value } : {}),
      size: height.read() / 100,
      colour: colour.value,
      background: background.value,
      align: /** @type {'left' | 'centre' | 'right'} */ (align.value),
      motion: moves.value === 'scroll' ? { type: 'scroll', speed: Number(speed.value) } : moves.value === 'fade' ? { type: 'fade', period: Number(period.value) } : { type: 'static' },
    }),
  };
}

/** @param {NewItem} item @returns {Part<Omit<NewItem, 'content'>>} */
function playPart(item) {
  const way = item.transition ?? { type: 'crossfade', duration_seconds: 1, easing: 'in_out' };
  const duration = number({ min: 0.1, max: 86400, step: 0.1, value: item.duration_seconds ?? '', optional: true });
  duration.placeholder = item.content.type === 'media' ? 'its own' : '10';
  const fit = select([['cover', 'Fill, cut the edges'], ['contain', 'Show all of it'], ['stretch', 'Stretch']], item.fit ?? 'cover');
  const kind = select([['crossfade', 'Crossfade'], ['fade_through_black', 'Fade through black'], ['wipe', 'Wipe'], ['cut', 'Cut']], way.type);
  const direction = select([['right', 'To the right'], ['left', 'To the left'], ['down', 'Downwards'], ['up', 'Upwards']], way.direction ?? 'right');
  const seconds = number({ min: 0, max: 30, step: 0.1, value: way.duration_seconds ?? 1 });
  const easing = select([['in_out', 'Soft at both ends'], ['linear', 'Even'], ['in', 'Soft at first'], ['out', 'Soft at the end']], way.easing ?? 'in_out');
  const directionField = field('Direction', direction);
  const secondsField = field('Over (s)', seconds);
  const easingField = field('Pace', easing);
  const choose = () => {
    directionField.hidden = kind.value !== 'wipe';
    secondsField.hidden = easingField.hidden = seconds.disabled = kind.value === 'cut';
  };
  kind.addEventListener('change', choose);
  choose();
  return {
    nodes: [
      el('h3', { class: 'form-part' }, 'Playing'),
      el(
        'div',
        { class: 'fields' },
        field('Shown for (s)', duration, item.content.type === 'media' ? 'Empty: a video or animation runs once, a picture stays 10 s.' : null),
        item.content.type === 'media' ? field('Fit', fit) : null,
        field('Way in', kind),
        directionField,
        secondsField,
        easingField,
      ),
    ],
    read: () => ({
      duration_seconds: duration.value === '' ? null : Number(duration.value),
      fit: /** @type {NonNullable<NewItem['fit']>} */ (fit.value),
      transition: /** @type {Transition} */ ({
        type: kind.value,
        ...(kind.value === 'wipe' ? { direction: direction.value } : {}),
        ...(kind.value === 'cut' ? {} : { duration_seconds: Number(seconds.value), easing: easing.value }),
      }),
    }),
  };
}

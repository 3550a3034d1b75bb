/**
 * The dialogs in which items are made and changed: a form for the content (a text or an effect, each by its schema)
 * and one for how any item is played.
 */

/** @import { Content, EffectContent, EffectSpec, Item, NewItem, ParamValue, TextContent, Transition } from '../types.js' */
/** @import { Key } from '../words.js' */
import { el } from '../dom.js';
import { effects, fonts, schemas, shown } from '../model.js';
import { ItemPreview } from '../stage/item-preview.js';
import { fromServer, t } from '../words.js';
import { openDialog } from './dialog.js';
import { field, number, paramControl, select } from './form.js';
import { itemTitle } from './item.js';
import { SchemaForm } from './schema-form.js';
import { report } from './toast.js';

/** So long nothing is typed before it is shown. */
const TYPING_MS = 150;

/** A part of a form: what is shown, and what it says when asked.
 * @template T @typedef {{nodes: import('../dom.js').Child[], read: () => T}} Part */

/** @typedef {(item: NewItem, name: string) => Promise<unknown>} Use */

/** @param {EffectSpec} spec */
export const effectTitle = (spec) => fromServer(spec.title);

/** @param {string} name @returns {EffectSpec | undefined} */
const specOf = (name) => effects.value.find((one) => one.name === name);

/** @param {Use} use */
export function effectItem(use) {
  const first = effects.value[0];
  if (!first) return;
  /** @type {EffectContent} */
  const fresh = { type: 'effect', effect: first.name, params: {} };
  const content = effectPart(fresh);
  const play = playPart({ content: fresh, duration_seconds: 20 });
  edit(t('effect.add'), t('add'), content, play, (item) => {
    const spec = item.content.type === 'effect' ? specOf(item.content.effect) : undefined;
    return use(item, spec ? effectTitle(spec) : t('kind.effect'));
  });
}

/** @param {Use} use */
export function textItem(use) {
  /** @type {TextContent} */
  const fresh = { type: 'text', text: '' };
  edit(t('text.add'), t('add'), textPart(fresh), playPart({ content: fresh }), (item) => use(item, t('text.the')));
}

/** @param {Item} item @param {(changed: NewItem) => Promise<unknown>} use */
export function editItem(item, use) {
  const items = shown.value?.items ?? [];
  edit(itemTitle(item), t('save'), contentPart(item.content), playPart(item), use, items.at(items.findIndex((one) => one.id === item.id) - 1));
}

/**
 * @param {string} title @param {string} action
 * @param {Part<Content>} content @param {Part<Omit<NewItem, 'content'>>} play
 * @param {(item: NewItem) => Promise<unknown>} use
 * @param {Item} [before] what is on before it
 */
function edit(title, action, content, play, use, before = shown.value?.items.at(-1)) {
  const read = () => ({ content: content.read(), ...play.read() });
  const preview = new ItemPreview();
  const nodes = el('div', { class: 'item-form' }, content.nodes, play.nodes);
  openDialog({ title, action, wide: true }, [preview, nodes], () => use(read()));
  /** What is typed before it can be drawn waits, and is then shown as it is by then. @type {Promise<void> | null} */
  let ready = null;
  const show = async () => {
    ready ??= preview.begin(before?.content).catch((error) => {
      ready = null;
      throw error;
    });
    await ready;
    await preview.show(read());
  };
  show().catch(report);
  let typing = 0;
  nodes.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => show().catch(report), TYPING_MS);
  });
}

/** @param {Content} content @returns {Part<Content>} */
function contentPart(content) {
  if (content.type === 'text') return textPart(content);
  if (content.type === 'effect') return effectPart(content);
  return { nodes: [], read: () => content };
}

/** @param {EffectContent} content @returns {Part<EffectContent>} */
function effectPart(content) {
  const names = select(effects.value.map((one) => [one.name, effectTitle(one)]), content.effect);
  const place = el('div', { class: 'fields' });
  /** @type {[string, () => ParamValue][]} */
  let readers = [];
  const fill = () => {
    const spec = specOf(names.value);
    readers = [];
    place.replaceChildren(
      ...(spec?.params ?? []).map((param) => {
        const given = names.value === content.effect ? content.params?.[param.name] : undefined;
        const { control, read } = paramControl(param, given);
        readers.push([param.name, read]);
        return control;
      }),
    );
  };
  names.addEventListener('change', fill);
  fill();
  return {
    nodes: [field(t('kind.effect'), names), place],
    read: () => ({ type: 'effect', effect: names.value, params: Object.fromEntries(readers.map(([name, read]) => [name, read()])) }),
  };
}

/** What the properties of a text are called, and their choices. @type {Record<string, (name: string) => string>} */
const WORDS = {
  text: (name) => t(/** @type {Key} */ (`text.${name}`)),
  align: (name) => t(/** @type {Key} */ (`align.${name}`)),
  motion: (name) => t(/** @type {Key} */ (`motion.${name}`)),
};

/** What a text is unless it says otherwise, in the order of its form. */
const PLAIN = { text: '', font: null, size: 0.3, colour: '#ffffff', background: '#000000', align: 'centre', motion: { speed: 0.3, period: 4 } };

/** @param {TextContent} content @returns {Part<TextContent>} */
function textPart(content) {
  const known = content.font && !fonts.value.includes(content.font) ? [content.font] : [];
  const font = select([['', t('text.bitmap')], ...[...known, ...fonts.value].map((name) => /** @type {[string, string]} */ ([name, name]))], content.font ?? '');
  const values = { ...PLAIN, ...content, motion: { ...PLAIN.motion, ...(content.motion ?? { type: 'static' }) } };
  const { nodes, read } = new SchemaForm(schemas.value, WORDS).partOf(schemas.value.Content, 'text', values, {
    font: { nodes: [field(t('text.font'), font)], read: () => font.value || null },
  });
  return { nodes: [el('div', { class: 'fields' }, nodes)], read: () => /** @type {TextContent} */ (read()) };
}

/** @param {NewItem} item @returns {Part<Omit<NewItem, 'content'>>} */
function playPart(item) {
  const isMedia = item.content.type === 'media';
  /** @type {Transition} */
  const way = item.transition ?? { type: 'crossfade', duration_seconds: 1, easing: 'in_out' };
  const duration = number({ min: 0.1, max: 86400, step: 0.1, value: item.duration_seconds ?? '', optional: true });
  duration.placeholder = isMedia ? t('item.own-length') : '10';
  const fit = select([['cover', t('fit.cover')], ['contain', t('fit.contain')], ['stretch', t('fit.stretch')]], item.fit ?? 'cover');
  const kind = select([['crossfade', t('transition.crossfade')], ['fade_through_black', t('transition.fade_through_black')], ['wipe', t('transition.wipe')], ['cut', t('transition.cut')]], way.type);
  const direction = select([['right', t('direction.right')], ['left', t('direction.left')], ['down', t('direction.down')], ['up', t('direction.up')]], way.direction ?? 'right');
  const seconds = number({ min: 0, max: 30, step: 0.1, value: way.duration_seconds ?? 1 });
  const easing = select([['in_out', t('easing.in_out')], ['linear', t('easing.linear')], ['in', t('easing.in')], ['out', t('easing.out')]], way.easing ?? 'in_out');
  const directionField = field(t('transition.direction'), direction);
  const secondsField = field(t('transition.seconds'), seconds);
  const easingField = field(t('transition.easing'), easing);
  const choose = () => {
    directionField.hidden = kind.value !== 'wipe';
    secondsField.hidden = easingField.hidden = seconds.disabled = kind.value === 'cut';
  };
  kind.addEventListener('change', choose);
  choose();
  return {
    nodes: [
      el('h3', { class: 'form-part' }, t('item.playing')),
      el(
        'div',
        { class: 'fields' },
        field(t('item.duration'), duration, isMedia ? t('item.duration-note') : null),
        isMedia ? field(t('item.fit'), fit) : null,
        field(t('item.way-in'), kind),
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

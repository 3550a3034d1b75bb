/** One row of the playlist. */

/** @import { Content, Item, Mode } from './types.js' */
import { el } from './dom.js';
import { clock, span } from './format.js';
import { icon } from './icons.js';
import { library } from './model.js';

/** @typedef {{jump: () => void, move: (step: number) => void, edit: () => void, remove: () => void}} Actions */

const WAYS_IN = { cut: 'cut', crossfade: 'crossfade', fade_through_black: 'through black', wipe: 'wipe' };

/**
 * What a row's picture depends on: rows are made anew with every change, but a picture that stays the same is
 * kept, or it would blink.
 * @param {Item} item
 */
export function pictureKey({ id, content }) {
  const known = content.type !== 'media' || library.value.some((one) => one.id === content.media);
  return `${id} ${known} ${JSON.stringify(content)}`;
}

/**
 * @param {Item} item @param {number} index @param {number} count of items in all
 * @param {Actions} actions
 * @param {Element} [kept] the picture of a row with the same [`pictureKey`]
 */
export function makeRow(item, index, count, actions, kept) {
  /** @param {string} role @param {string} label @param {import('./icons.js').IconName} symbol @param {() => void} run @param {string} [more] @param {boolean} [off] */
  const button = (role, label, symbol, run, more = '', off = false) =>
    el('button', { type: 'button', class: `button-icon small ${more}`, 'aria-label': `${label}: ${item.title}`, title: label, 'data-role': role, disabled: off, onclick: run }, icon(symbol));
  return el(
    'li',
    { class: 'row', 'data-item': item.id, 'data-picture': pictureKey(item) },
    el(
      'button',
      { type: 'button', class: 'handle', 'data-role': 'handle', 'aria-label': `Move ${item.title}, item ${index + 1} of ${count}. Arrow keys move it.`, title: 'Drag to reorder' },
      icon('grip'),
    ),
    el(
      'button',
      { type: 'button', class: 'row-main', 'data-role': 'jump', title: 'Play this', onclick: actions.jump },
      el('span', { class: 'row-picture' }, kept ?? picture(item.content), el('span', { class: 'row-bars', 'aria-hidden': 'true' }, el('i'), el('i'), el('i'))),
      el('span', { class: 'row-words' }, el('span', { class: 'row-title' }, item.title), el('span', { class: 'row-facts' }, facts(item)), el('span', { class: 'row-problem' })),
      el('span', { class: 'row-length' }, lengthOf(item)),
    ),
    el(
      'span',
      { class: 'row-actions' },
      button('up', 'Move up', 'up', () => actions.move(-1), 'row-step', index === 0),
      button('down', 'Move down', 'down', () => actions.move(1), 'row-step', index === count - 1),
      button('edit', 'Settings', 'sliders', actions.edit),
      button('remove', 'Remove', 'close', actions.remove),
    ),
  );
}

/**
 * Marks the row that plays and the one that cannot be played.
 * @param {HTMLElement} row
 * @param {Mode | null} mode of the player where this is its item
 * @param {string | null} problem
 */
export function markRow(row, mode, problem) {
  row.classList.toggle('is-current', mode !== null);
  row.classList.toggle('is-playing', mode === 'playing');
  row.classList.toggle('is-broken', problem !== null);
  const main = row.querySelector('.row-main');
  if (mode !== null) main?.setAttribute('aria-current', 'true');
  else main?.removeAttribute('aria-current');
  const words = row.querySelector('.row-problem');
  if (words && words.textContent !== (problem ?? '')) {
    words.replaceChildren(...(problem ? [icon('warning'), `Skipped: ${problem}`] : []));
  }
}

/** @param {Content} content */
function picture(content) {
  if (content.type === 'media') {
    if (!library.value.some((one) => one.id === content.media)) return icon('still');
    const image = el('img', { src: `/api/media/${content.media}/thumbnail`, alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' });
    image.addEventListener('error', () => image.replaceWith(icon('still')));
    return image;
  }
  if (content.type === 'text') {
    const letter = el('span', { class: 'row-letter' }, [...content.text.trim()][0] ?? 'A');
    letter.style.color = content.colour ?? '#ffffff';
    letter.style.backgroundColor = content.background ?? '#000000';
    return letter;
  }
  return icon('spark');
}

/** @param {Item} item */
function facts(item) {
  const { content } = item;
  const media = content.type === 'media' ? library.value.find((one) => one.id === content.media) : undefined;
  const kind = content.type === 'media' ? { still: 'Picture', animation: 'Animation', video: 'Video', none: 'File' }[media?.kind ?? 'none'] : { text: 'Text', effect: 'Effect' }[content.type];
  const way = item.transition;
  const seconds = way && way.type !== 'cut' && way.duration_seconds !== undefined ? ` ${span(way.duration_seconds)}` : '';
  return [kind, way ? `${WAYS_IN[way.type]}${seconds}` : ''].filter(Boolean).join(' · ');
}

/** @param {Item} item */
function lengthOf(item) {
  if (item.duration_seconds !== null && item.duration_seconds !== undefined) return clock(item.duration_seconds);
  const { content } = item;
  const media = content.type === 'media' ? library.value.find((one) => one.id === content.media) : undefined;
  return media && media.duration_seconds !== null && media.kind !== 'still' ? clock(media.duration_seconds) : '';
}

/** One row of a playlist. */

/** @import { Item, Mode } from '../types.js' */
import { el } from '../dom.js';
import { icon } from '../icons.js';
import { library } from '../model.js';
import { fromServer, t } from '../words.js';
import { itemFacts, itemLength, itemPicture, itemTitle } from './item.js';

/** @typedef {{jump: () => void, move: (step: number) => void, edit: () => void, remove: () => void, choose: (event: MouseEvent) => void}} Actions */

/**
 * What a row's picture depends on: rows are made anew with every change, but a picture that stays the same is
 * kept, or it would blink.
 * @param {Item} item
 */
export function pictureKey({ id, content }) {
  const known = content.type !== 'media' || library.value.some((one) => one.id === content.media);
  return `${id} ${known} ${JSON.stringify(content)}`;
}

/** @param {string} title of the row @param {string} role @param {string} label @param {import('../icons.js').IconName} symbol @param {() => void} run @param {boolean} [off] */
const button = (title, role, label, symbol, run, off = false) =>
  el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('item.do', { what: label, item: title }), title: label, 'data-role': role, disabled: off, onclick: run }, icon(symbol));

/**
 * Moves a row by one, for whoever does not drag.
 * @param {string} title of the row @param {number} index @param {number} count of rows in all @param {(step: number) => void} move
 */
export const stepButtons = (title, index, count, move) =>
  el('span', { class: 'row-steps' }, button(title, 'up', t('item.up'), 'up', () => move(-1), index === 0), button(title, 'down', t('item.down'), 'down', () => move(1), index === count - 1));

/**
 * @param {Item} item @param {number} index @param {number} count of items in all
 * @param {Actions} actions
 * @param {boolean} chosen
 * @param {Element} [kept] the picture of a row with the same [`pictureKey`]
 */
export function makeRow(item, index, count, actions, chosen, kept) {
  const title = itemTitle(item);
  const box = el('input', { type: 'checkbox', class: 'row-choose', 'data-role': 'choose', 'aria-label': t('item.choose', { item: title }) });
  box.checked = chosen;
  box.addEventListener('click', actions.choose);
  return el(
    'li',
    { class: chosen ? 'row is-chosen' : 'row', 'data-item': item.id, 'data-picture': pictureKey(item) },
    el('button', { type: 'button', class: 'handle', 'data-role': 'handle', 'aria-label': t('item.handle', { item: title, at: index + 1, of: count }), title: t('item.drag') }, icon('grip')),
    box,
    el(
      'button',
      { type: 'button', class: 'row-main', 'data-role': 'jump', title: t('item.play'), onclick: actions.jump },
      el('span', { class: 'row-picture' }, kept ?? itemPicture(item.content), el('span', { class: 'row-bars', 'aria-hidden': 'true' }, el('i'), el('i'), el('i'))),
      el('span', { class: 'row-words' }, el('span', { class: 'row-title' }, title), el('span', { class: 'row-facts' }, itemFacts(item)), el('span', { class: 'row-problem' })),
      el('span', { class: 'row-length' }, itemLength(item)),
    ),
    el(
      'span',
      { class: 'row-actions' },
      stepButtons(title, index, count, actions.move),
      button(title, 'edit', t('item.settings'), 'sliders', actions.edit),
      button(title, 'remove', t('item.remove'), 'close', actions.remove),
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
  const text = problem === null ? '' : t('item.skipped', { reason: fromServer(problem) });
  if (words && words.textContent !== text) words.replaceChildren(...(text ? [icon('warning'), text] : []));
}

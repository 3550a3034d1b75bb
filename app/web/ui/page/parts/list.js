/** A list of things that can be made, changed and deleted: it is loaded anew after each change. */

import { el } from '../dom.js';
import { icon } from '../icons.js';
import { link } from '../model.js';
import { focusPlace } from './focus.js';
import { report } from './toast.js';

/**
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.empty where there is nothing to list
 * @param {(load: () => Promise<void>) => Promise<HTMLElement[]>} what.rows asks for them; a row that changes something calls `load`
 * @param {string} what.more on the button that makes another
 * @param {() => Promise<unknown>} what.create
 * @param {import('./menu.js').Command} [what.other] another way to more
 * @param {AbortSignal} gone
 */
export function listCard({ title, empty, rows, more, create, other }, gone) {
  const list = el('ul', { class: 'people', 'aria-label': title });
  const load = async () => {
    const all = await rows(load);
    const focus = focusPlace(list, add);
    list.replaceChildren(...(all.length ? all : [el('li', { class: 'empty' }, empty)]));
    focus();
  };
  const add = el('button', { type: 'button', class: 'button' }, icon('plus'), more);
  add.addEventListener('click', () => create().then(load).catch(report));
  whileThere(load, gone);
  const beside = other && el('button', { type: 'button', class: 'button' }, icon(other.icon), other.label);
  beside?.addEventListener('click', () => Promise.resolve(other?.run()).then(load).catch(report));
  return card(title, null, list, el('div', { class: 'list-more' }, add, beside ?? null));
}

/** Loads now and whenever the connection is there again. @param {() => Promise<unknown>} load @param {AbortSignal} gone */
export const whileThere = (load, gone) => link.follow((now) => now === 'open' && load().catch(report), gone);

/**
 * A part of a view with a heading of its own.
 * @param {string} title
 * @param {import('../dom.js').Child} beside the heading
 * @param {...(import('../dom.js').Child | import('../dom.js').Child[])} content
 */
export function card(title, beside, ...content) {
  return el('section', { class: 'card', 'aria-label': title }, el('header', { class: 'card-head' }, el('h2', {}, title), beside), ...content);
}

/** A dialog of things that can be made, changed and deleted: its list is loaded anew after each change. */

import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { icon } from './icons.js';
import { report } from './toast.js';

/**
 * @param {object} what
 * @param {string} what.title
 * @param {string} what.empty where there is nothing to list
 * @param {(load: () => Promise<void>) => Promise<HTMLElement[]>} what.rows asks for them; a row that changes something calls `load`
 * @param {string} what.more on the button that makes another
 * @param {() => Promise<unknown>} what.create
 * @param {import('./dialog.js').Command} [what.other] another way to more
 */
export async function openList({ title, empty, rows, more, create, other }) {
  const list = el('ul', { class: 'people', 'aria-label': title });
  const load = async () => {
    const all = await rows(load);
    list.replaceChildren(...(all.length ? all : [el('li', { class: 'empty' }, empty)]));
  };
  await load();
  const add = el('button', { type: 'button', class: 'button' }, icon('plus'), more);
  add.addEventListener('click', () => create().then(load).catch(report));
  const beside = other && el('button', { type: 'button', class: 'button' }, icon(other.icon), other.label);
  beside?.addEventListener('click', () => Promise.resolve(other?.run()).then(load).catch(report));
  await openDialog({ title, wide: true }, [list, el('div', { class: 'list-more' }, add, beside ?? null)]);
}

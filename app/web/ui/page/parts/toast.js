/** Short messages at the foot of the page: what was done, and what did not work. */

import { Problem } from '../api.js';
import { byId, el } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../words.js';

const PLAIN_MS = 3500;
const PROBLEM_MS = 9000;
const UNDO_MS = 12_000;
const MOST = 3;

/**
 * @param {string} message
 * @param {{label: string, run: () => unknown}} [back] what takes it back
 */
export function say(message, back) {
  add(message, 'check', 'toast', back ? UNDO_MS : PLAIN_MS, back);
}

/**
 * Shows what went wrong in words; errors that are not a [`Problem`] are faults of the page and go to the console too.
 * @param {unknown} error
 */
export function report(error) {
  if (error instanceof Problem && error.status === 401) return;
  if (!(error instanceof Problem)) console.error(error);
  add(error instanceof Error ? error.message : String(error), 'warning', 'toast toast-problem', PROBLEM_MS);
}

/**
 * @param {string} message
 * @param {import('../icons.js').IconName} symbol
 * @param {string} classes
 * @param {number} lifetime in milliseconds
 * @param {{label: string, run: () => unknown}} [back]
 */
function add(message, symbol, classes, lifetime, back) {
  const list = byId('toasts', HTMLElement);
  for (const old of [...list.children]) if (old.textContent === message) old.remove();
  while (list.children.length >= MOST) list.firstElementChild?.remove();
  const toast = el('div', { class: classes }, icon(symbol), el('span', {}, message));
  if (back) {
    const undo = () => {
      toast.remove();
      back.run();
    };
    toast.append(el('button', { type: 'button', class: 'toast-back', onclick: undo }, back.label));
  }
  toast.append(
    el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('dismiss'), onclick: () => toast.remove() }, icon('close')),
  );
  // A dialog is above everything else on the page: the messages follow it there.
  const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
  (dialog ?? document.body).append(list);
  list.append(toast);
  setTimeout(() => toast.remove(), lifetime);
}

/** Dialogs: the browser's own `<dialog>`, so that focus, Escape and the backdrop are right by themselves. */

/** @import { Child } from '../dom.js' */
import { byId, el } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../words.js';
import { field } from './form.js';
import { report } from './toast.js';

/**
 * @typedef {object} Wording
 * @property {string} title
 * @property {string} [action] on the button that agrees; without one there is only “Close”
 * @property {boolean} [danger] the action destroys something
 * @property {boolean} [wide]
 */

/**
 * Opens a dialog around a form. Its promise ends with `true` once `agree` has gone through, also where the dialog was
 * closed meanwhile, and with `false` where it was closed without. What `agree` throws is shown in the dialog, which stays
 * open.
 *
 * @param {Wording} wording
 * @param {Child[]} content
 * @param {() => Promise<unknown> | unknown} [agree]
 * @returns {Promise<boolean>}
 */
export function openDialog(wording, content, agree = () => {}) {
  return new Promise((resolve) => {
    let agreed = false;
    const problem = el('p', { class: 'form-problem', role: 'alert', hidden: true });
    const cancel = el('button', { type: 'button', class: 'button' }, wording.action ? t('cancel') : t('close'));
    const submit = el(
      'button',
      { type: 'submit', class: wording.danger ? 'button button-danger' : 'button button-main' },
      wording.action ?? '',
    );
    const close = el('button', { type: 'button', class: 'button-icon', 'aria-label': t('close') }, icon('close'));
    const form = el(
      'form',
      { class: 'dialog-form' },
      el('header', { class: 'dialog-head' }, el('h2', {}, wording.title), close),
      el('div', { class: 'dialog-body' }, content, problem),
      el('footer', { class: 'dialog-foot' }, cancel, wording.action ? submit : null),
    );
    const dialog = el('dialog', { class: wording.wide ? 'dialog wide' : 'dialog', 'aria-label': wording.title }, form);
    close.addEventListener('click', () => dialog.close());
    cancel.addEventListener('click', () => dialog.close());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      submit.disabled = true;
      problem.hidden = true;
      try {
        await agree();
        agreed = true;
        dialog.close();
      } catch (error) {
        if (!dialog.isConnected) return report(error);
        problem.textContent = error instanceof Error ? error.message : String(error);
        problem.hidden = false;
        problem.scrollIntoView({ block: 'nearest' });
      } finally {
        submit.disabled = false;
        if (!dialog.isConnected) resolve(agreed);
      }
    });
    dialog.addEventListener('pointerdown', (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener('close', () => {
      document.body.append(byId('toasts', HTMLElement));
      dialog.remove();
      // What is on its way is not taken back by closing: it ends as it ends.
      if (!submit.disabled) resolve(agreed);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector('.dialog-body :is(input, textarea, select):not([readonly])');
    if (first instanceof HTMLElement) first.focus();
    else (wording.action && !wording.danger ? submit : cancel).focus();
    if (first instanceof HTMLInputElement && first.type === 'text') first.select();
  });
}

/**
 * Asks for one line of text and hands it to `use`.
 * @param {Wording & {label: string, value?: string}} wording
 * @param {(text: string) => Promise<unknown>} use
 */
export function askText(wording, use) {
  const input = el('input', { type: 'text', required: true, maxlength: 200, value: wording.value ?? '', autocomplete: 'off' });
  return openDialog(wording, [field(wording.label, input)], () => use(input.value.trim()));
}

/**
 * @param {Wording} wording
 * @param {string} question
 * @param {() => Promise<unknown>} act
 */
export function confirm(wording, question, act) {
  return openDialog(wording, [el('p', {}, question)], act);
}

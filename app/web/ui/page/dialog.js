/** Dialogs: the browser's own `<dialog>`, so that focus, Escape and the backdrop are right by themselves. */

import { byId, el } from './dom.js';
import { icon } from './icons.js';

/** @import { Child } from './dom.js' */

/**
 * @typedef {object} Wording
 * @property {string} title
 * @property {string} [action] on the button that agrees; without one there is only “Close”
 * @property {boolean} [danger] the action destroys something
 * @property {boolean} [wide]
 */

/**
 * Opens a dialog around a form. Its promise ends with `true` once `agree` has gone through, with `false` when the
 * dialog is closed. What `agree` throws is shown in the dialog, which stays open.
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
    const cancel = el('button', { type: 'button', class: 'button' }, wording.action ? 'Cancel' : 'Close');
    const submit = el(
      'button',
      { type: 'submit', class: wording.danger ? 'button button-danger' : 'button button-main' },
      wording.action ?? '',
    );
    const close = el('button', { type: 'button', class: 'button-icon', 'aria-label': 'Close' }, icon('close'));
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
        problem.textContent = error instanceof Error ? error.message : String(error);
        problem.hidden = false;
      } finally {
        submit.disabled = false;
      }
    });
    dialog.addEventListener('pointerdown', (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener('close', () => {
      document.body.append(byId('toasts', HTMLElement));
      dialog.remove();
      resolve(agreed);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector('.dialog-body input, .dialog-body textarea, .dialog-body select');
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

/**
 * A control with its label above it.
 * @param {string} label @param {Child} control @param {Child} [note]
 */
export function field(label, control, note) {
  return el('label', { class: 'field' }, el('span', { class: 'field-label' }, label), control, note ? el('span', { class: 'field-note' }, note) : null);
}

/**
 * @typedef {object} Command
 * @property {string} label
 * @property {import('./icons.js').IconName} icon
 * @property {boolean} [danger]
 * @property {string} [blocked] why it cannot be chosen
 * @property {() => unknown} run
 */

/**
 * A menu of commands at a button: opens on click, closes on choice, Escape and clicks elsewhere. Arrow keys move.
 * @param {HTMLButtonElement} button
 * @param {() => Command[]} commands
 * @param {() => string} [heading] words above them
 */
export function menuAt(button, commands, heading) {
  button.setAttribute('aria-haspopup', 'menu');
  button.setAttribute('aria-expanded', 'false');
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-expanded') === 'true') return;
    const items = commands().map((command) =>
      el(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          class: command.danger ? 'menu-item danger' : 'menu-item',
          'aria-disabled': command.blocked ? 'true' : null,
          onclick: () => {
            if (command.blocked) return;
            close();
            command.run();
          },
        },
        icon(command.icon),
        command.blocked ? el('span', {}, command.label, el('span', { class: 'menu-note' }, command.blocked)) : command.label,
      ),
    );
    const words = heading?.();
    const menu = el('div', { class: 'menu', role: 'menu' }, words ? el('div', { class: 'menu-head', role: 'presentation' }, words) : null, items);
    /** @param {Event} event */
    const outside = (event) => {
      if (!menu.contains(/** @type {Node} */ (event.target))) close();
    };
    const close = () => {
      menu.remove();
      button.setAttribute('aria-expanded', 'false');
      document.removeEventListener('pointerdown', outside, true);
      button.focus();
    };
    menu.addEventListener('keydown', (event) => {
      const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === 'Escape' || event.key === 'Tab') close();
      else if (step) items[(at + step + items.length) % items.length]?.focus();
      else return;
      event.preventDefault();
    });
    button.setAttribute('aria-expanded', 'true');
    document.addEventListener('pointerdown', outside, true);
    // A dialog is above everything else on the page, and so is what opens in it.
    (button.closest('dialog') ?? document.body).append(menu);
    const place = button.getBoundingClientRect();
    const left = Math.min(place.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8);
    const below = place.bottom + menu.offsetHeight + 12 < innerHeight;
    menu.style.left = `${Math.max(8, left)}px`;
    menu.style.top = `${below ? place.bottom + 6 : Math.max(8, place.top - menu.offsetHeight - 6)}px`;
    items[0]?.focus();
  });
}

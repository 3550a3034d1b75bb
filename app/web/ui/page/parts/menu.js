/** Menus of commands. */

import { el } from '../dom.js';
import { icon } from '../icons.js';

/**
 * @typedef {object} Command
 * @property {string} label
 * @property {import('../icons.js').IconName} icon
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

/** A view in several parts, each behind a tab. What somebody's role may not see is no part for them. */

/** @import { Role } from '../types.js' */
/** @import { Key } from '../words.js' */
import { el } from '../dom.js';
import { addressOf } from '../router.js';
import { may } from '../who.js';
import { t } from '../words.js';

/** What it draws ends with `gone`. @typedef {{name: string, title: Key, least: Role, draw: (gone: AbortSignal) => HTMLElement[]}} Part */

export class Tabs {
  #drawn = new AbortController();

  /** @param {string} view its name in addresses @param {string} label @param {HTMLElement} place of the part that is shown @param {Part[]} parts in their order */
  constructor(view, label, place, parts) {
    this.view = view;
    this.place = place;
    this.parts = parts;
    this.bar = el('nav', { class: 'tabs', 'aria-label': label });
  }

  /** @param {string} name of a part; the first where there is none of that name */
  open(name) {
    const parts = this.parts.filter((part) => may(part.least));
    const now = parts.find((part) => part.name === name) ?? parts[0];
    if (!now) return;
    this.bar.hidden = parts.length < 2;
    this.bar.replaceChildren(...parts.map((part) => el('a', { href: addressOf(this.view, part.name), 'aria-current': part === now ? 'page' : null }, t(part.title))));
    this.leave();
    this.#drawn = new AbortController();
    this.place.replaceChildren(...now.draw(this.#drawn.signal));
  }

  /** Ends what was drawn. */
  leave() {
    this.#drawn.abort();
  }
}

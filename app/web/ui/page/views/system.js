/** The machine: what it is, how it fares, who may use it, what was done with it, and how to start it again. */

import { el } from '../dom.js';
import { accountsCard } from '../parts/accounts.js';
import { auditCard } from '../parts/audit.js';
import { backupsCard } from '../parts/backups.js';
import { logCard } from '../parts/log.js';
import { tokensCard } from '../parts/tokens.js';
import { addressOf } from '../router.js';
import { machineCards } from '../system/machine.js';
import { updateCards } from '../system/updates.js';
import { View } from '../view.js';
import { may } from '../who.js';
import { t } from '../words.js';

/** The parts, in the order of their tabs.
 * @type {{name: string, title: import('../words.js').Key, least: import('../types.js').Role, draw: (gone: AbortSignal) => HTMLElement[]}[]} */
const PARTS = [
  { name: 'machine', title: 'system.machine', least: 'viewer', draw: machineCards },
  { name: 'updates', title: 'updates', least: 'admin', draw: updateCards },
  { name: 'people', title: 'system.people', least: 'viewer', draw: (gone) => (may('admin') ? [accountsCard(gone), tokensCard(gone)] : [tokensCard(gone)]) },
  { name: 'backups', title: 'system.backups', least: 'admin', draw: (gone) => [backupsCard(gone)] },
  { name: 'logs', title: 'system.logs', least: 'admin', draw: (gone) => [logCard(gone)] },
  { name: 'audit', title: 'system.audit', least: 'admin', draw: (gone) => [auditCard(gone)] },
];

class SystemView extends View {
  #tabs = el('nav', { class: 'tabs', 'aria-label': t('system.parts') });
  #place = el('div', { class: 'cards' });
  #drawn = new AbortController();

  /** @param {AbortSignal} gone */
  show(gone) {
    this.append(el('div', { class: 'system' }, el('header', { class: 'view-head' }, el('div', { class: 'head-words' }, el('h1', {}, t('nav.system')))), this.#tabs, this.#place));
    gone.addEventListener('abort', () => this.#drawn.abort());
  }

  /** @param {string} name of a part */
  open(name) {
    const parts = PARTS.filter((part) => may(part.least));
    const now = parts.find((part) => part.name === name) ?? parts[0];
    if (!now) return;
    this.#tabs.replaceChildren(...parts.map((part) => el('a', { href: addressOf('system', part.name), 'aria-current': part === now ? 'page' : null }, t(part.title))));
    this.#drawn.abort();
    this.#drawn = new AbortController();
    const { signal } = this.#drawn;
    this.#place.replaceChildren(...now.draw(signal));
  }
}
customElements.define('view-system', SystemView);


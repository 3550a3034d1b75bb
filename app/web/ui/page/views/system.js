/** The machine: what it is, how it fares, who may use it, what was done with it, and how to start it again. */

import { el } from '../dom.js';
import { report } from '../parts/toast.js';
import { addressOf } from '../router.js';
import { View } from '../view.js';
import { may } from '../who.js';
import { t } from '../words.js';

/** The parts, in the order of their tabs; each is fetched when it is first opened.
 * @type {{name: string, title: import('../words.js').Key, least: import('../types.js').Role, draw: (gone: AbortSignal) => Promise<HTMLElement[]>}[]} */
const PARTS = [
  { name: 'machine', title: 'system.machine', least: 'viewer', draw: async (gone) => (await import('../system/machine.js')).machineCards(gone) },
  { name: 'updates', title: 'updates', least: 'admin', draw: async (gone) => (await import('../system/updates.js')).updateCards(gone) },
  { name: 'people', title: 'system.people', least: 'viewer', draw: drawPeople },
  { name: 'backups', title: 'system.backups', least: 'admin', draw: async () => [(await import('../parts/backups.js')).backupsCard()] },
  { name: 'logs', title: 'system.logs', least: 'admin', draw: async (gone) => [(await import('../parts/log.js')).logCard(gone)] },
  { name: 'audit', title: 'system.audit', least: 'admin', draw: async () => [(await import('../parts/audit.js')).auditCard()] },
];

async function drawPeople() {
  const { tokensCard } = await import('../parts/tokens.js');
  return may('admin') ? [(await import('../parts/accounts.js')).accountsCard(), tokensCard()] : [tokensCard()];
}

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
    now.draw(signal).then((cards) => signal.aborted || this.#place.replaceChildren(...cards), report);
  }
}
customElements.define('view-system', SystemView);


/** The machine: what it is, how it fares, who may use it, what was done with it, and how to start it again. */

import { el } from '../dom.js';
import { accountsCard } from '../parts/accounts.js';
import { auditCard } from '../parts/audit.js';
import { backupsCard } from '../parts/backups.js';
import { logCard } from '../parts/log.js';
import { Tabs } from '../parts/tabs.js';
import { tokensCard } from '../parts/tokens.js';
import { machineCards } from '../system/machine.js';
import { updateCards } from '../system/updates.js';
import { View } from '../view.js';
import { may } from '../who.js';
import { t } from '../words.js';

/** In the order of their tabs. @type {import('../parts/tabs.js').Part[]} */
const PARTS = [
  { name: 'machine', title: 'system.machine', least: 'viewer', draw: machineCards },
  { name: 'updates', title: 'updates', least: 'admin', draw: updateCards },
  { name: 'people', title: 'system.people', least: 'viewer', draw: (gone) => (may('admin') ? [accountsCard(gone), tokensCard(gone)] : [tokensCard(gone)]) },
  { name: 'backups', title: 'system.backups', least: 'admin', draw: (gone) => [backupsCard(gone)] },
  { name: 'logs', title: 'system.logs', least: 'admin', draw: (gone) => [logCard(gone)] },
  { name: 'audit', title: 'system.audit', least: 'admin', draw: (gone) => [auditCard(gone)] },
];

class SystemView extends View {
  #tabs = new Tabs('system', t('system.parts'), el('div', { class: 'cards' }), PARTS);

  /** @param {AbortSignal} gone */
  show(gone) {
    this.append(el('div', { class: 'system' }, el('header', { class: 'view-head' }, el('div', { class: 'head-words' }, el('h1', {}, t('nav.system')))), this.#tabs.bar, this.#tabs.place));
    gone.addEventListener('abort', () => this.#tabs.leave());
  }

  /** @param {string} name of a part */
  open(name) {
    this.#tabs.open(name);
  }
}
customElements.define('view-system', SystemView);


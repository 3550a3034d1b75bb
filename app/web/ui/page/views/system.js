/** The machine: what it is, how it fares, who may use it, what was done with it, and how to start it again. */

/** @import { Status, SystemAction } from '../types.js' */
import { el, setText } from '../dom.js';
import { span, size } from '../format.js';
import { icon } from '../icons.js';
import { status } from '../model.js';
import { accountsCard } from '../parts/accounts.js';
import { auditCard } from '../parts/audit.js';
import { backupsCard } from '../parts/backups.js';
import { displaysCard } from '../parts/displays.js';
import { keepFile } from '../parts/form.js';
import { healthParts } from '../parts/health.js';
import { card } from '../parts/list.js';
import { logCard } from '../parts/log.js';
import { askPower } from '../parts/power.js';
import { safeModeCard } from '../parts/safe-mode.js';
import { report } from '../parts/toast.js';
import { tokensCard } from '../parts/tokens.js';
import { addressOf } from '../router.js';
import { View } from '../view.js';
import { may } from '../who.js';
import { t } from '../words.js';

/** The parts, in the order of their tabs. @type {{name: string, title: import('../words.js').Key, least: import('../types.js').Role, draw: (gone: AbortSignal) => HTMLElement[]}[]} */
const PARTS = [
  { name: 'machine', title: 'system.machine', least: 'viewer', draw: (gone) => [machineCard(gone), healthCard(gone), displaysCard(), ...(may('admin') ? [powerCard(gone), safeModeCard(gone)] : [])] },
  { name: 'people', title: 'system.people', least: 'viewer', draw: () => [...(may('admin') ? [accountsCard()] : []), tokensCard()] },
  { name: 'backups', title: 'system.backups', least: 'admin', draw: () => [backupsCard()] },
  { name: 'logs', title: 'system.logs', least: 'admin', draw: (gone) => [logCard(gone)] },
  { name: 'audit', title: 'system.audit', least: 'admin', draw: () => [auditCard()] },
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
    this.#place.replaceChildren(...now.draw(this.#drawn.signal));
  }
}
customElements.define('view-system', SystemView);

/** @param {AbortSignal} gone */
function machineCard(gone) {
  const list = el('dl', { class: 'facts' });
  status.follow((now) => {
    if (!now) return;
    const rows = facts(now);
    if (list.children.length !== rows.length * 2) list.replaceChildren(...rows.flatMap(([name]) => [el('dt', {}, name), el('dd', {})]));
    rows.forEach(([, value], index) => setText(/** @type {Element} */ (list.children[index * 2 + 1]), value));
  }, gone);
  return card(t('system.machine'), null, list);
}

/** @param {Status} now @returns {[string, string][]} */
function facts(now) {
  const { used_bytes: used, free_bytes: free } = now.storage;
  const unit = now.system.unit;
  return [
    [t('system.version'), now.version],
    [t('system.uptime'), span(now.uptime_seconds)],
    [t('system.supervisor'), unit ?? t(`supervisor.${now.system.supervisor}`)],
    [t('storage'), t('system.storage', { used: size(used), free: size(free) })],
  ];
}

/** @param {AbortSignal} gone */
function healthCard(gone) {
  const place = el('div', { class: 'health-parts' });
  let drawn = '';
  status.follow((now) => {
    const key = JSON.stringify(now?.health);
    if (!now || key === drawn) return;
    drawn = key;
    place.replaceChildren(...healthParts(now.health).filter((part) => part !== null));
  }, gone);
  return card(t('health'), null, place);
}

/** @param {AbortSignal} gone */
function powerCard(gone) {
  /** @type {[SystemAction, import('../icons.js').IconName][]} */
  const all = [['restart', 'restart'], ['reboot', 'reboot'], ['poweroff', 'power']];
  const rows = all.map(([action, symbol]) => {
    const why = el('span', { class: 'note' });
    const button = el('button', { type: 'button', class: action === 'restart' ? 'button' : 'button button-warn', onclick: () => Promise.resolve(askPower(action)).catch(report) }, icon(symbol), t(`power.${action}`));
    status.follow((now) => {
      const able = now?.system[action];
      button.disabled = !able?.possible;
      setText(why, able?.possible ? t(`power.${action}.what`) : (able?.reason ?? ''));
    }, gone);
    return el('li', { class: 'power-row', 'data-action': action }, button, why);
  });
  const archive = el('button', { type: 'button', class: 'button', onclick: () => keepFile('/api/system/diagnostics') }, icon('download'), t('diagnostics'));
  return card(t('power'), null, el('ul', { class: 'power-rows' }, rows, el('li', { class: 'power-row' }, archive, el('span', { class: 'note' }, t('diagnostics.what')))));
}

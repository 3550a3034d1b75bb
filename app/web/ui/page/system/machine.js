/** The machine: what it is, how it fares, and how to start it again. */

/** @import { Machine, Status, SystemAction, Update } from '../types.js' */
import { get } from '../api.js';
import { el, setText } from '../dom.js';
import { span, size, warmth } from '../format.js';
import { icon } from '../icons.js';
import { status } from '../model.js';
import { displaysCard } from '../parts/displays.js';
import { keepFile } from '../parts/form.js';
import { healthParts } from '../parts/health.js';
import { card } from '../parts/list.js';
import { askPower } from '../parts/power.js';
import { safeModeCard } from '../parts/safe-mode.js';
import { report } from '../parts/toast.js';
import { may } from '../who.js';
import { fromServer, locale, t } from '../words.js';
import { dataPartitionCard } from './data-partition.js';

/** How often the machine is asked for what no status tells. */
const LOOK_MS = 10_000;

/** @param {AbortSignal} gone */
export function machineCards(gone) {
  const cards = [machineCard(gone), healthCard(gone), displaysCard(gone)];
  if (may('admin')) cards.push(dataPartitionCard(gone), powerCard(gone), safeModeCard(gone));
  return cards;
}

/** @param {AbortSignal} gone */
function machineCard(gone) {
  const list = el('dl', { class: 'facts' });
  /** @type {Machine | null} */
  let machine = null;
  /** @type {Update | null} */
  let update = null;
  const show = () => {
    if (!status.value) return;
    const rows = facts(status.value, machine, update);
    const names = rows.map(([name]) => name).join();
    if (list.dataset.names !== names) list.replaceChildren(...rows.flatMap(([name]) => [el('dt', {}, name), el('dd', {})]));
    list.dataset.names = names;
    rows.forEach(([, value], index) => setText(/** @type {Element} */ (list.children[index * 2 + 1]), value));
  };
  const look = async () => {
    [machine, update] = await Promise.all([get('/api/system/machine'), get('/api/system/update')]);
    show();
  };
  look().catch(report);
  // While the machine is away the page says so by itself.
  const looking = setInterval(() => document.hidden || look().catch(() => {}), LOOK_MS);
  gone.addEventListener('abort', () => clearInterval(looking));
  status.follow(show, gone);
  return card(t('system.machine'), null, list);
}

/** @param {Status} now @param {Machine | null} machine @param {Update | null} update @returns {[string, string][]} */
function facts(now, machine, update) {
  const { used_bytes: used, free_bytes: free } = now.storage;
  /** @type {[string, string][]} */
  const rows = [[t('system.version'), now.version]];
  if (update?.running) rows.push([t('system.slot'), slotWords(update.running)]);
  if (machine) {
    rows.push([t('system.name'), machine.host_name]);
    if (machine.addresses.length) rows.push([t('system.addresses'), machine.addresses.join(', ')]);
    rows.push([t('system.on-for'), span(machine.uptime_seconds)]);
  }
  rows.push([t('system.uptime'), span(now.uptime_seconds)], [t('system.supervisor'), now.system.unit ?? t(`supervisor.${now.system.supervisor}`)]);
  if (machine) {
    rows.push([t('system.clock'), t('system.clock-of', { time: wallTime(machine.time), zone: machine.time_zone })]);
    if (machine.temperatures.length) rows.push([t('system.temperatures'), machine.temperatures.map(({ sensor, celsius }) => `${sensor} ${warmth(celsius)}`).join(', ')]);
    if (machine.memory) rows.push([t('system.memory'), t('system.memory-of', { free: size(machine.memory.available_bytes), total: size(machine.memory.total_bytes) })]);
  }
  rows.push([t('storage'), t('system.storage', { used: size(used), free: size(free) })]);
  return rows;
}

/** The time of day where the machine is, as it is written there. @param {string} time RFC 3339 */
const wallTime = (time) => new Date(`${time.slice(0, 19)}Z`).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** A slot and the version in it. @param {{name: string, version: string | null}} slot */
export const slotWords = ({ name, version }) => (version ? t('update.slot-of', { slot: name, version }) : t('update.slot', { slot: name }));

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
      setText(why, able?.possible ? t(`power.${action}.what`) : fromServer(able?.reason ?? ''));
    }, gone);
    return el('li', { class: 'power-row', 'data-action': action }, button, why);
  });
  const archive = el('button', { type: 'button', class: 'button', onclick: () => keepFile('/api/system/diagnostics') }, icon('download'), t('diagnostics'));
  return card(t('power'), null, el('ul', { class: 'power-rows' }, rows, el('li', { class: 'power-row' }, archive, el('span', { class: 'note' }, t('diagnostics.what')))));
}

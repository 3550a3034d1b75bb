/** What the person ought to know whatever they look at: safe mode, missing programs, a restart that failed. */

/** @import { SafeMode, Status } from '../types.js' */
import { get, post, remove } from '../api.js';
import { el } from '../dom.js';
import { icon } from '../icons.js';
import { status } from '../model.js';
import { addressOf } from '../router.js';
import { may, session } from '../who.js';
import { fromServer, t } from '../words.js';
import { confirm, openDialog } from './dialog.js';
import { report } from './toast.js';

/** @typedef {{text: string, level: 'info' | 'warning', safe?: boolean, part?: string}} Notice `part` of “System” is where more of it is */

/** Stages of an update that wait for somebody. */
const WAITING = /** @type {const} */ (['waiting_for_reboot', 'confirming', 'failed']);

export class Notices extends HTMLElement {
  /** What was put away on this visit. @type {Set<string>} */
  #dismissed = new Set();
  #shown = '';

  connectedCallback() {
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', t('notices'));
    status.follow((now) => now && this.#show(now));
    session.follow(() => status.value && this.#show(status.value));
  }

  /** @param {Status} now */
  #show(now) {
    /** @type {Notice[]} */
    const all = [];
    if (now.safe_mode) all.push({ level: 'warning', text: t('safe-mode.on', { reason: fromServer(now.safe_mode) }), safe: true });
    if (session.value?.claimed === false && may('admin')) all.push({ level: 'info', text: t('notice.unclaimed') });
    for (const text of now.notices) all.push({ level: 'info', text: fromServer(text) });
    const { failure } = now.system;
    if (failure) all.push({ level: 'warning', text: t(`power.${failure.action}.failed`, { reason: fromServer(failure.reason) }) });
    const stage = WAITING.find((one) => one === now.system.update.stage);
    if (stage && may('admin')) all.push({ level: stage === 'failed' ? 'warning' : 'info', text: t(`notice.update.${stage}`), part: 'updates' });
    if (now.system.data_partition === 'set_aside' && may('admin')) all.push({ level: 'warning', text: t('notice.data'), part: 'machine' });
    const open = all.filter(({ text }) => !this.#dismissed.has(text));
    const key = JSON.stringify([open, session.value?.role]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.hidden = open.length === 0;
    this.replaceChildren(el('ul', { class: 'notices' }, open.map((one) => this.#row(one, now))));
  }

  /** @param {Notice} notice @param {Status} now */
  #row({ level, text, safe, part }, now) {
    const away = el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('dismiss') }, icon('close'));
    away.addEventListener('click', () => {
      this.#dismissed.add(text);
      this.#show(now);
    });
    return el('li', { class: 'notice', 'data-level': level }, icon(level === 'info' ? 'info' : 'warning'), el('span', {}, text), safe && may('operator') ? wayOut() : null, part ? el('span', { class: 'notice-actions' }, el('a', { class: 'button small', href: addressOf('system', part) }, t('notice.look'))) : null, away);
  }
}
customElements.define('page-notices', Notices);

/** Out of safe mode, and what was logged before it. */
function wayOut() {
  const leave = el('button', { type: 'button', class: 'button small' }, t('safe-mode.leave'));
  leave.addEventListener('click', () => remove('/api/safe-mode').catch(report));
  const log = el('button', { type: 'button', class: 'button small' }, t('safe-mode.why'));
  log.addEventListener('click', () => showCause().catch(report));
  const back = el('button', { type: 'button', class: 'button small', hidden: true }, t('safe-mode.use-worked'));
  back.addEventListener('click', () => goBack().catch(report));
  if (may('admin')) {
    differing()
      .then((parts) => {
        back.hidden = parts.length === 0;
      })
      .catch(report);
  }
  return el('span', { class: 'notice-actions' }, log, back, leave);
}

/** What is set otherwise than when it last worked. */
async function differing() {
  /** @type {SafeMode} */
  const cause = await get('/api/safe-mode');
  return (cause.last_worked?.differs ?? []).map((part) => t(`settings.${part}`));
}

/** To the settings that last worked, if the person wants that. */
async function goBack() {
  const parts = await differing();
  await confirm({ title: t('safe-mode.restore-title'), action: t('safe-mode.restore') }, t('safe-mode.restore-ask', { parts: parts.join(', ') }), () => post('/api/safe-mode/restore'));
}

async function showCause() {
  /** @type {SafeMode} */
  const cause = await get('/api/safe-mode');
  await openDialog({ title: t('safe-mode'), wide: true }, [
    el('p', {}, fromServer(cause.reason)),
    cause.log.length ? el('p', {}, t('safe-mode.logged')) : null,
    cause.log.length ? el('pre', { class: 'log', tabindex: '0' }, cause.log.join('\n')) : null,
  ]);
}

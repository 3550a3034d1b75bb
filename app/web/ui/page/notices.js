/** What the person ought to know: a lost connection, safe mode, missing programs, findings of the health check. */

/** @import { Status } from './types.js' */
import { get, remove } from './api.js';
import { openDialog } from './dialog.js';
import { byId, el } from './dom.js';
import { icon } from './icons.js';
import { link, status } from './model.js';
import { report } from './toast.js';
import { may, session } from './who.js';

const banner = byId('lost', HTMLElement);
const list = byId('notices', HTMLElement);

const FAILED = { restart: 'The restart failed', reboot: 'The reboot failed', poweroff: 'The machine could not be switched off' };

/** Texts put away on this visit. @type {Set<string>} */
const dismissed = new Set();
let shown = '';

export function startNotices() {
  link.follow((now) => {
    banner.hidden = now !== 'lost';
  });
  status.follow((now) => {
    if (now) show(now);
  });
  session.follow(() => {
    if (status.value) show(status.value);
  });
}

/** @param {Status} now */
function show(now) {
  /** @type {{text: string, level: 'info' | 'warning', safe?: boolean}[]} */
  const all = [];
  if (now.safe_mode) all.push({ level: 'warning', text: `Safe mode: nothing plays. ${now.safe_mode}`, safe: true });
  if (session.value?.claimed === false && may('admin')) all.push({ level: 'info', text: 'Nobody has an account yet. Make yours under “Accounts” in the menu, to sign in without a link.' });
  for (const text of now.notices) all.push({ level: 'info', text });
  const { failure } = now.system;
  if (failure) all.push({ level: 'warning', text: `${FAILED[failure.action]}: ${failure.reason}` });
  for (const { subject, message } of now.health.findings) all.push({ level: 'warning', text: `${subject}: ${message}` });
  const open = all.filter(({ text }) => !dismissed.has(text));
  const key = JSON.stringify(open);
  if (key === shown) return;
  shown = key;
  list.replaceChildren(
    ...open.map(({ level, text, safe }) => {
      const away = el('button', { type: 'button', class: 'button-icon small', 'aria-label': 'Dismiss' }, icon('close'));
      away.addEventListener('click', () => {
        dismissed.add(text);
        show(now);
      });
      return el('li', { class: 'notice', 'data-level': level }, icon(level === 'info' ? 'info' : 'warning'), el('span', {}, text), safe && may('operator') ? wayOut() : null, away);
    }),
  );
}

/** Out of safe mode, and what was logged before it. */
function wayOut() {
  const leave = el('button', { type: 'button', class: 'button small' }, 'Leave safe mode');
  leave.addEventListener('click', () => remove('/api/safe-mode').catch(report));
  const log = el('button', { type: 'button', class: 'button small' }, 'Why?');
  log.addEventListener('click', () => showCause().catch(report));
  return el('span', { class: 'notice-actions' }, log, leave);
}

async function showCause() {
  /** @type {{reason: string, log: string[]}} */
  const cause = await get('/api/safe-mode');
  await openDialog({ title: 'Safe mode', wide: true }, [
    el('p', {}, cause.reason),
    cause.log.length ? el('p', {}, 'This was logged last:') : null,
    cause.log.length ? el('pre', { class: 'log' }, cause.log.join('\n')) : null,
  ]);
}

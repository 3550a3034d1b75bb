/** What the person ought to know: a lost connection, safe mode, missing programs, findings of the health check. */

/** @import { SafeMode, Status } from './types.js' */
import { get, post, remove } from './api.js';
import { confirm, openDialog } from './dialog.js';
import { byId, el } from './dom.js';
import { icon } from './icons.js';
import { link, status } from './model.js';
import { report } from './toast.js';
import { may, session } from './who.js';

const banner = byId('lost', HTMLElement);
const list = byId('notices', HTMLElement);

const FAILED = { restart: 'The restart failed', reboot: 'The reboot failed', poweroff: 'The machine could not be switched off' };

/** What was put away on this visit. @type {Set<string>} */
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
  /** `key` tells one from another where the text changes while it is the same. @type {{text: string, key?: string, level: 'info' | 'warning', safe?: boolean}[]} */
  const all = [];
  if (now.safe_mode) all.push({ level: 'warning', text: `Safe mode: nothing plays. ${now.safe_mode}`, safe: true });
  if (session.value?.claimed === false && may('admin')) all.push({ level: 'info', text: 'Nobody has an account yet. Make yours under “Accounts” in the menu, to sign in without a link.' });
  for (const text of now.notices) all.push({ level: 'info', text });
  const { failure } = now.system;
  if (failure) all.push({ level: 'warning', text: `${FAILED[failure.action]}: ${failure.reason}` });
  for (const { check, subject, message, since } of now.health.findings) all.push({ level: 'warning', text: `${subject}: ${message}`, key: `${check} ${subject} ${since}` });
  const open = all.filter(({ text, key }) => !dismissed.has(key ?? text));
  const key = JSON.stringify(open);
  if (key === shown) return;
  shown = key;
  list.replaceChildren(
    ...open.map(({ level, text, key, safe }) => {
      const away = el('button', { type: 'button', class: 'button-icon small', 'aria-label': 'Dismiss' }, icon('close'));
      away.addEventListener('click', () => {
        dismissed.add(key ?? text);
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
  const back = el('button', { type: 'button', class: 'button small', hidden: true }, 'Use settings that worked');
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

const PARTS = { layout: 'the layout', outputs: 'the outputs', colours: 'brightness and colours', playlist: 'which playlist is active' };

/** What is set otherwise than when it last worked. */
async function differing() {
  /** @type {SafeMode} */
  const cause = await get('/api/safe-mode');
  return (cause.last_worked?.differs ?? []).map((part) => PARTS[part]);
}

/** To the settings that last worked, if the person wants that. */
async function goBack() {
  const parts = await differing();
  const question = `These are set otherwise now than when Prismatron last worked well: ${parts.join(', ')}. Go back to how they were, and play? The settings of now are kept in a file beside them.`;
  await confirm({ title: 'Use the settings that worked?', action: 'Use them and play' }, question, () => post('/api/safe-mode/restore'));
}

async function showCause() {
  /** @type {SafeMode} */
  const cause = await get('/api/safe-mode');
  await openDialog({ title: 'Safe mode', wide: true }, [
    el('p', {}, cause.reason),
    cause.log.length ? el('p', {}, 'This was logged last:') : null,
    cause.log.length ? el('pre', { class: 'log' }, cause.log.join('\n')) : null,
  ]);
}

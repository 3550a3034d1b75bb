/** What the person ought to know: a lost connection, safe mode, missing programs, findings of the health check. */

/** @import { Status } from './types.js' */
import { byId, el } from './dom.js';
import { icon } from './icons.js';
import { link, status } from './model.js';

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
}

/** @param {Status} now */
function show(now) {
  /** @type {{text: string, level: 'info' | 'warning'}[]} */
  const all = [];
  if (now.safe_mode) all.push({ level: 'warning', text: 'Safe mode: nothing plays until you press play. Restart without --safe-mode to leave it.' });
  for (const text of now.notices) all.push({ level: 'info', text });
  const { failure } = now.system;
  if (failure) all.push({ level: 'warning', text: `${FAILED[failure.action]}: ${failure.reason}` });
  for (const { subject, message } of now.health.findings) all.push({ level: 'warning', text: `${subject}: ${message}` });
  const open = all.filter(({ text }) => !dismissed.has(text));
  const key = JSON.stringify(open);
  if (key === shown) return;
  shown = key;
  list.replaceChildren(
    ...open.map(({ level, text }) => {
      const away = el('button', { type: 'button', class: 'button-icon small', 'aria-label': 'Dismiss' }, icon('close'));
      away.addEventListener('click', () => {
        dismissed.add(text);
        show(now);
      });
      return el('li', { class: 'notice', 'data-level': level }, icon(level === 'info' ? 'info' : 'warning'), el('span', {}, text), away);
    }),
  );
}

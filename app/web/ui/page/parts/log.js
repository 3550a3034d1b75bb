/** The log as it is written, to be filtered and kept. */

import { get } from '../api.js';
import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../words.js';
import { keepFile, select, toggle } from './form.js';
import { card } from './list.js';
import { report } from './toast.js';

/** Lines that are shown at most. */
const MOST = 1000;
const TYPING_MS = 250;
const AGAIN_MS = 2000;
/** From most to least serious; a line of the file names its own behind the time. */
const LEVELS = ['ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'];

/** @typedef {{type: 'line', line: string} | {type: 'skipped', lines: number}} LogEvent */

/** @param {AbortSignal} gone */
export function logCard(gone) {
  const find = el('input', { type: 'search', placeholder: t('log.find'), 'aria-label': t('log.find') });
  const least = select([['', t('log.all')], ['warn', t('log.warnings')], ['error', t('log.errors')]], '');
  least.setAttribute('aria-label', t('log.level'));
  const live = toggle(t('log.live'), true);
  const text = el('pre', { class: 'log', tabindex: '0', role: 'group', 'aria-label': t('log') });
  const save = el('button', { type: 'button', class: 'button', onclick: () => keepFile('/api/log/file', 'prismatron.log') }, icon('download'), t('download'));
  /** @type {string[]} */
  let lines = [];
  /** What was told before the end of the log was read. @type {string[] | null} */
  let early = null;
  /** @type {WebSocket | null} */
  let socket = null;
  let turn = 0;
  let again = 0;
  let typing = 0;

  const show = () => {
    lines = lines.slice(-MOST);
    const atEnd = text.scrollTop + text.clientHeight > text.scrollHeight - 40;
    setText(text, lines.join('\n') || t('log.nothing'));
    if (atEnd) text.scrollTop = text.scrollHeight;
  };
  /** What was written before, by the same filter as what comes. */
  const matches = (/** @type {string} */ line) => {
    const most = least.value ? LEVELS.indexOf(least.value.toUpperCase()) : LEVELS.length;
    return line.toLowerCase().includes(find.value.trim().toLowerCase()) && LEVELS.indexOf(line.split(/\s+/, 2)[1] ?? '') <= most;
  };
  const leave = () => {
    clearTimeout(again);
    if (socket) socket.onclose = null;
    socket?.close();
    socket = null;
  };
  /** The end of the log, and from then on what is added to it: that is listened to first, so that nothing is missed between. */
  const read = async () => {
    if (gone.aborted) return;
    leave();
    turn += 1;
    const mine = turn;
    early = [];
    if (live.input.checked) await follow();
    /** @type {{lines: string[]}} */
    const before = await get(`/api/log?lines=${MOST}`);
    if (mine !== turn || gone.aborted) return;
    lines = [...before.lines.filter(matches), ...early.filter((line) => !before.lines.includes(line))];
    early = null;
    show();
    text.scrollTop = text.scrollHeight;
  };
  /** Ends once it is listened to, or cannot be. */
  const follow = () => {
    const query = new URLSearchParams();
    if (least.value) query.set('least', least.value);
    if (find.value.trim()) query.set('contains', find.value.trim());
    const mine = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/log/live?${query}`);
    socket = mine;
    mine.onmessage = (event) => {
      /** @type {LogEvent} */
      const told = JSON.parse(event.data);
      const line = told.type === 'line' ? told.line : t('log.skipped', { n: told.lines });
      if (early) early.push(line);
      else {
        lines.push(line);
        show();
      }
    };
    return new Promise((resolve) => {
      mine.onopen = resolve;
      // Whoever is cut off reads what was written meanwhile as well.
      mine.onclose = () => {
        resolve(null);
        again = setTimeout(reread, AGAIN_MS);
      };
    });
  };
  /** While the machine is away the page says so by itself. */
  const reread = () => {
    read().catch(() => {
      again = setTimeout(reread, AGAIN_MS);
    });
  };
  read().catch(report);
  gone.addEventListener('abort', leave);
  find.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => read().catch(report), TYPING_MS);
  });
  least.addEventListener('change', () => read().catch(report));
  live.input.addEventListener('change', () => (live.input.checked ? read().catch(report) : leave()));
  return card(t('log'), live.control, el('div', { class: 'filters' }, find, least, save), text);
}

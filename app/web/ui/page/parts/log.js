/** The log, with what is new as it comes, to be filtered and kept. */

import { get } from '../api.js';
import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../words.js';
import { keepFile, select, toggle } from './form.js';
import { card } from './list.js';
import { report } from './toast.js';

const LOOK_MS = 2000;
const LINES = 500;
/** From most to least serious; a line names its own. */
const LEVELS = ['ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'];

/** @param {AbortSignal} gone */
export function logCard(gone) {
  const find = el('input', { type: 'search', placeholder: t('log.find'), 'aria-label': t('log.find') });
  const least = select([['', t('log.all')], ['WARN', t('log.warnings')], ['ERROR', t('log.errors')]], '');
  least.setAttribute('aria-label', t('log.level'));
  const live = toggle(t('log.live'), true);
  const text = el('pre', { class: 'log', tabindex: '0', 'aria-label': t('log') });
  const save = el('button', { type: 'button', class: 'button', onclick: () => keepFile(new Blob([lines.join('\n')], { type: 'text/plain' }), 'prismatron.log') }, icon('download'), t('download'));
  /** @type {string[]} */
  let lines = [];
  const show = () => {
    const wanted = find.value.trim().toLowerCase();
    const most = least.value ? LEVELS.indexOf(least.value) : LEVELS.length;
    const matching = lines.filter((line) => line.toLowerCase().includes(wanted) && LEVELS.findIndex((level) => line.includes(level)) <= most);
    const atEnd = text.scrollTop + text.clientHeight > text.scrollHeight - 40;
    const next = matching.join('\n') || t('log.nothing');
    if (text.textContent === next) return;
    setText(text, next);
    if (atEnd) text.scrollTop = text.scrollHeight;
  };
  const load = async () => {
    /** @type {{lines: string[]}} */
    const answer = await get(`/api/log?lines=${LINES}`);
    ({ lines } = answer);
    show();
  };
  load().catch(report);
  const looking = setInterval(() => {
    if (live.input.checked && !document.hidden) load().catch(() => {});
  }, LOOK_MS);
  gone.addEventListener('abort', () => clearInterval(looking));
  find.addEventListener('input', show);
  least.addEventListener('change', show);
  return card(t('log'), live.control, el('div', { class: 'filters' }, find, least, save), text);
}

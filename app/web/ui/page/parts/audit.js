/** The audit log, for admins: who did what, newest first. */

/** @import { AuditLine, AuditPage } from '../types.js' */
import { get } from '../api.js';
import { el } from '../dom.js';
import { moment } from '../format.js';
import { fromServer, t } from '../words.js';
import { card, whileThere } from './list.js';
import { report } from './toast.js';

const PAGE = 50;

/** @param {AbortSignal} gone */
export function auditCard(gone) {
  const list = el('ol', { class: 'audit', 'aria-label': t('audit') });
  const lost = el('p', { class: 'form-problem', hidden: true });
  const older = el('button', { type: 'button', class: 'button', hidden: true }, t('audit.older'));
  /** @type {number | null} */
  let next = null;
  const load = async () => {
    const before = next === null ? '' : `&before=${next}`;
    /** @type {AuditPage} */
    const page = await get(`/api/audit?limit=${PAGE}${before}`);
    list.append(...page.lines.map(row));
    next = page.next ?? null;
    older.hidden = next === null;
    lost.hidden = page.lost === 0;
    lost.textContent = t('audit.incomplete', { n: page.lost });
  };
  older.addEventListener('click', async () => {
    older.disabled = true;
    await load().catch(report);
    older.disabled = false;
  });
  whileThere(async () => list.children.length || load(), gone);
  return card(t('audit'), null, lost, list, el('div', { class: 'list-more' }, older));
}

/** @param {AuditLine} line */
function row(line) {
  const status = line.status ?? 0;
  const isRequest = line.kind === 'request';
  return el(
    'li',
    { class: 'audit-line', 'data-state': !isRequest ? 'note' : status >= 400 ? 'refused' : 'done' },
    el('span', { class: 'audit-who' }, isRequest ? fromServer(line.who ?? '') : ''),
    el('time', { class: 'audit-time', datetime: line.time }, moment(line.time)),
    el('span', { class: 'audit-action' }, words(line)),
    el('span', { class: 'audit-status' }, line.status ? String(line.status) : ''),
    isRequest ? el('span', { class: 'audit-from' }, [fromServer(line.detail ?? ''), t('audit.from', { from: line.from ?? '' })].filter(Boolean).join(' · ')) : null,
  );
}

/** @param {AuditLine} line */
function words(line) {
  switch (line.kind) {
    case 'request':
      return fromServer(line.action ?? '');
    case 'begin':
      return t('audit.begin');
    case 'cut_off':
      return t('audit.cut-off', { n: line.count ?? 0 });
    case 'missing':
      return t('audit.missing', { n: line.count ?? 0 });
    case 'lost':
      return t('audit.lost', { n: line.count ?? 0 });
  }
}

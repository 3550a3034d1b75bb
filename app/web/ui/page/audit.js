/** The audit log, for admins: who did what, newest first. */

/** @import { AuditLine } from './types.js' */
import { get } from './api.js';
import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { moment, plural } from './format.js';
import { report } from './toast.js';

const PAGE = 50;

export async function showAudit() {
  const list = el('ol', { class: 'audit', 'aria-label': 'Audit log' });
  const lost = el('p', { class: 'form-problem', hidden: true });
  const older = el('button', { type: 'button', class: 'button' }, 'Older');
  /** @type {number | null} */
  let next = null;
  const load = async () => {
    const before = next === null ? '' : `&before=${next}`;
    /** @type {{lines: AuditLine[], next: number | null, lost: number}} */
    const page = await get(`/api/audit?limit=${PAGE}${before}`);
    list.append(...page.lines.map(row));
    next = page.next;
    older.hidden = next === null;
    lost.hidden = page.lost === 0;
    lost.textContent = `${plural(page.lost, 'line')} could not be written: the log is not complete.`;
  };
  older.addEventListener('click', async () => {
    older.disabled = true;
    await load().catch(report);
    older.disabled = false;
  });
  await load();
  await openDialog({ title: 'Audit log', wide: true }, [lost, list, el('div', {}, older)]);
}

/** @param {AuditLine} line */
function row(line) {
  const status = line.status ?? 0;
  return el(
    'li',
    { class: 'audit-line', 'data-state': line.kind !== 'request' ? 'note' : status >= 400 ? 'refused' : 'done' },
    el('span', { class: 'audit-who' }, line.kind === 'request' ? (line.who ?? '') : ''),
    el('time', { class: 'audit-time', datetime: line.time }, moment(line.time)),
    el('span', { class: 'audit-action' }, words(line)),
    el('span', { class: 'audit-status' }, line.status ? String(line.status) : ''),
    line.kind === 'request' ? el('span', { class: 'audit-from' }, [line.detail, `from ${line.from}`].filter(Boolean).join(' · ')) : null,
  );
}

/** @param {AuditLine} line */
function words(line) {
  switch (line.kind) {
    case 'request':
      return line.action ?? '';
    case 'begin':
      return 'A new file of the log begins';
    case 'cut_off':
      return `A line that was cut off (${plural(line.count ?? 0, 'byte')}) was removed`;
    case 'lost':
      return `${plural(line.count ?? 0, 'line')} could not be written`;
  }
}

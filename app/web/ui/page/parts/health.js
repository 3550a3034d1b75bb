/** How it all fares: one line that opens into the reasons, and each check with what it came to, in a dialog. */

/** @import { CheckState, Health, Recovery, Status } from '../types.js' */
import { el, setText } from '../dom.js';
import { moment, span } from '../format.js';
import { link, status } from '../model.js';
import { fromServer, t } from '../words.js';
import { openDialog } from './dialog.js';

/** The colour of the dot, named as outputs name theirs. @type {Record<CheckState, string>} */
const DOTS = { ok: 'sending', degraded: 'waiting', failing: 'failing', unknown: 'off' };

/** @param {Health} health */
const checkRows = (health) =>
  health.checks.map(({ check, state, detail }) =>
    el(
      'li',
      { class: 'output', 'data-state': DOTS[state] },
      el('span', { class: 'dot', 'aria-hidden': 'true' }),
      el('span', { class: 'output-name' }, t(`check.${check}`)),
      el('span', { class: 'output-state' }, t(`state.${state}`)),
      detail ? el('span', { class: 'output-facts' }, fromServer(detail)) : null,
      health.findings
        .filter((finding) => finding.check === check)
        .map((finding) => el('span', { class: 'output-message' }, t('health.finding-since', { subject: fromServer(finding.subject), message: fromServer(finding.message), since: moment(finding.since) }))),
    ),
  );

/** The checks, what was done about them, and when the machine was looked at. @param {Health} health */
export function healthParts(health) {
  const done = health.recoveries.filter((recovery) => recovery.tried > 0);
  const ago = health.checked_seconds_ago;
  const when = link.value === 'lost' ? t('health.before') : ago === null ? t('health.not-looked') : t('health.looked', { span: span(ago) });
  return [
    el('ul', { class: 'outputs', 'aria-label': t('health.checks') }, checkRows(health)),
    done.length ? el('p', {}, t('health.done')) : null,
    done.length ? el('ul', {}, done.map((recovery) => el('li', {}, words(recovery)))) : null,
    el('p', { class: 'note' }, when),
  ];
}

export function showHealth() {
  const health = status.value?.health;
  if (health) openDialog({ title: t('health'), wide: true }, healthParts(health));
}

/** @param {Recovery} recovery */
function words({ kind, tried, succeeded, last }) {
  const done = t(`recovery.${kind}`);
  return last ? t('recovery.counted-last', { n: tried, done, helped: succeeded, last: moment(last) }) : t('recovery.counted', { n: tried, done, helped: succeeded });
}

/** The line; it follows the status until `gone`. @param {AbortSignal} gone */
export function healthLine(gone) {
  const line = el('span', { class: 'health-words' });
  const reasons = el('ul', { class: 'health-reasons' });
  const all = el('button', { type: 'button', class: 'button small', onclick: () => showHealth() }, t('health.all'));
  const details = el('details', { class: 'health-line' }, el('summary', {}, el('span', { class: 'dot', 'aria-hidden': 'true' }), line), reasons, all);
  const show = () => {
    if (!status.value) return;
    const now = saidOf(status.value, link.value === 'lost');
    details.dataset.state = now.state;
    setText(line, now.words);
    if (now.reasons.join('\n') !== reasons.dataset.texts) {
      reasons.dataset.texts = now.reasons.join('\n');
      reasons.replaceChildren(...now.reasons.map((text) => el('li', {}, text)));
    }
  };
  status.follow(show, gone);
  link.follow(show, gone);
  return details;
}

/** @param {Status} status @param {boolean} isLost then nothing is known of the machine @returns {{state: CheckState, words: string, reasons: string[]}} */
function saidOf({ health: { findings, state }, outputs }, isLost) {
  if (isLost) return { state: 'unknown', words: t('health.unknown'), reasons: [t('health.no-answer')] };
  if (findings.length) return { state, words: t('health.findings', { n: findings.length }), reasons: findings.map(({ subject, message }) => `${fromServer(subject)}: ${fromServer(message)}`) };
  const sending = outputs.filter((one) => one.state === 'sending').length;
  const enabled = outputs.filter((one) => one.state !== 'off').length;
  const sent = enabled ? t('outputs.sending', { n: enabled, sending }) : t('outputs.none-on');
  return { state, words: `${t('health.ok')} · ${sent}`, reasons: [sent] };
}

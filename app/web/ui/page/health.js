/**
 * The checks and what they came to, in a dialog: the findings alone stand on the page itself. They look as the
 * outputs do.
 */

/** @import { CheckName, CheckState, Recovery } from './types.js' */
import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { moment, plural, span } from './format.js';
import { status } from './model.js';

/** @type {Record<CheckName, string>} */
const NAMES = { player: 'Player', outputs: 'Outputs', decoders: 'Media', storage: 'Storage', data: 'Kept data and configuration', temperature: 'Temperature', memory: 'Memory', clock: 'Clock' };
/** @type {Record<CheckState, string>} */
const WORDS = { ok: 'Well', degraded: 'Needs a look', failing: 'Failing', unknown: 'Not known' };
/** The colour of the dot, named as outputs name theirs. @type {Record<CheckState, string>} */
const DOTS = { ok: 'sending', degraded: 'waiting', failing: 'failing', unknown: 'off' };
const DONE = { reopen_output: 'Opened an output anew', next_host: 'Turned to an output’s next host', prune_uploads: 'Removed uploads that had expired' };

export async function showHealth() {
  const health = status.value?.health;
  if (!health) return;
  const rows = health.checks.map(({ check, state, detail }) =>
    el(
      'li',
      { class: 'output', 'data-state': DOTS[state] },
      el('span', { class: 'dot', 'aria-hidden': 'true' }),
      el('span', { class: 'output-name' }, NAMES[check]),
      el('span', { class: 'output-state' }, WORDS[state]),
      detail ? el('span', { class: 'output-facts' }, detail) : null,
      health.findings
        .filter((finding) => finding.check === check)
        .map((finding) => el('span', { class: 'output-message' }, `${finding.subject}: ${finding.message} (since ${moment(finding.since)})`)),
    ),
  );
  const done = health.recoveries.filter((recovery) => recovery.tried > 0);
  const ago = health.checked_seconds_ago;
  await openDialog({ title: 'Health', wide: true }, [
    el('ul', { 'aria-label': 'Checks' }, rows),
    done.length ? el('p', {}, 'Done about it since the start:') : null,
    done.length ? el('ul', {}, done.map((recovery) => el('li', {}, words(recovery)))) : null,
    el('p', { class: 'note' }, ago === null ? 'The machine has not been looked at yet.' : `The machine was looked at ${span(ago)} ago.`),
  ]);
}

/** @param {Recovery} recovery */
function words({ kind, tried, succeeded, last }) {
  const when = last ? `, last ${moment(last)}` : '';
  return `${DONE[kind]}: ${plural(tried, 'time')}, of which ${succeeded} helped${when}`;
}

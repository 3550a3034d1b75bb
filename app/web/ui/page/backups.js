/** The dialog of backups, for admins: what was composed as it was at a time, here or in a file. */

/** @import { Restored, Snapshot } from './types.js' */
import { get, post, remove } from './api.js';
import { confirm, menuAt, openDialog } from './dialog.js';
import { el } from './dom.js';
import { moment, size } from './format.js';
import { icon } from './icons.js';
import { openList } from './list-dialog.js';
import { report, say } from './toast.js';

/** @type {Record<Snapshot['occasion'], string>} */
const OCCASIONS = { daily: 'Of the day', asked: 'Made by hand', before_restore: 'Before a restore' };

const WHAT = 'Settings, outputs and playlists become what they were then. What there is now is kept as a backup.';

export async function showBackups() {
  await openList({
    title: 'Backups',
    empty: 'No backups yet. One is made each day that changes something.',
    rows: async (load) => {
      /** @type {{snapshots: Snapshot[]}} */
      const { snapshots } = await get('/api/snapshots');
      return snapshots.map((snapshot) => row(snapshot, load));
    },
    more: 'Back up now',
    create: () => post('/api/snapshots'),
    other: { label: 'Restore from a file', icon: 'upload', run: chooseFile },
  });
}

/** @param {Snapshot} snapshot @param {() => Promise<void>} load */
function row(snapshot, load) {
  const when = moment(snapshot.taken);
  const path = `/api/snapshots/${snapshot.id}`;
  const more = el('button', { type: 'button', class: 'button-icon small', 'aria-label': `More for ${when}` }, icon('more'));
  const discard = async () => {
    await confirm({ title: 'Delete backup', action: 'Delete', danger: true }, `Delete the backup of ${when}?`, () => remove(path));
    await load();
  };
  menuAt(more, () => [
    { label: 'Restore', icon: 'restart', run: () => restore(`The backup of ${when}`, `${path}/restore`).then(load).catch(report) },
    { label: 'Download', icon: 'down', run: () => el('a', { href: path, download: '' }).click() },
    { label: 'Delete', icon: 'bin', danger: true, run: () => discard().catch(report) },
  ]);
  return el(
    'li',
    { class: 'person' },
    el(
      'span',
      { class: 'person-words' },
      el('span', { class: 'person-name' }, when),
      el('span', { class: 'person-facts' }, `${OCCASIONS[snapshot.occasion]} · ${size(snapshot.bytes)}`),
    ),
    more,
  );
}

/** Asks, restores, and says what is missing. @param {string} what @param {string} path @param {Blob} [file] */
async function restore(what, path, file) {
  /** @type {Restored | undefined} */
  let restored;
  const done = await confirm({ title: 'Restore?', action: 'Restore', danger: true }, `${what}: ${WHAT}`, async () => {
    restored = await post(path, file);
  });
  if (!done || !restored) return;
  say('The backup is restored.');
  const { missing_media: media, missing_accounts: accounts } = restored;
  if (!media.length && !accounts.length) return;
  await openDialog({ title: 'Something is missing' }, [
    media.length ? el('p', {}, 'Playlists play these files, which are not here. Upload them: ', el('strong', {}, media.join(', '))) : null,
    accounts.length ? el('p', {}, 'These had an account, and a backup has no passwords. Make them anew: ', el('strong', {}, accounts.join(', '))) : null,
  ]);
}

async function chooseFile() {
  const input = el('input', { type: 'file', accept: '.ron' });
  /** @type {File | undefined} */
  const file = await new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0]));
    input.addEventListener('cancel', () => resolve(undefined));
    input.click();
  });
  if (file) await restore(`“${file.name}”`, '/api/snapshots/restore', file);
}

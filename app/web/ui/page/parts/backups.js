/** Backups, for admins: what was composed as it was at a time, here or in a file. */

/** @import { Restored, Snapshot } from '../types.js' */
import { get, post, remove } from '../api.js';
import { el } from '../dom.js';
import { moment, size } from '../format.js';
import { icon } from '../icons.js';
import { t } from '../words.js';
import { confirm, openDialog } from './dialog.js';
import { chooseFile, keepFile } from './form.js';
import { listCard } from './list.js';
import { menuAt } from './menu.js';
import { report, say } from './toast.js';

/** @param {AbortSignal} gone */
export function backupsCard(gone) {
  return listCard({
    title: t('backups'),
    empty: t('backups.empty'),
    rows: async (load) => {
      /** @type {{snapshots: Snapshot[]}} */
      const { snapshots } = await get('/api/snapshots');
      return snapshots.map((snapshot) => row(snapshot, load));
    },
    more: t('backups.now'),
    create: () => post('/api/snapshots'),
    other: { label: t('backups.from-file'), icon: 'upload', run: restoreFile },
  }, gone);
}

/** @param {Snapshot} snapshot @param {() => Promise<void>} load */
function row(snapshot, load) {
  const when = moment(snapshot.taken);
  const path = `/api/snapshots/${snapshot.id}`;
  const more = el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('more-for', { name: when }) }, icon('more'));
  const discard = async () => {
    await confirm({ title: t('backups.delete'), action: t('delete'), danger: true }, t('backups.delete-ask', { when }), () => remove(path));
    await load();
  };
  menuAt(more, () => [
    { label: t('restore'), icon: 'restart', run: () => restore(t('backups.of', { when }), `${path}/restore`).then(load).catch(report) },
    { label: t('download'), icon: 'download', run: () => keepFile(path) },
    { label: t('delete'), icon: 'bin', danger: true, run: () => discard().catch(report) },
  ]);
  return el(
    'li',
    { class: 'person' },
    el('span', { class: 'person-words' }, el('span', { class: 'person-name' }, when), el('span', { class: 'person-facts' }, `${t(`backups.${snapshot.occasion}`)} · ${size(snapshot.bytes)}`)),
    more,
  );
}

/** Asks, restores, and says what is missing. @param {string} what @param {string} path @param {Blob} [file] */
async function restore(what, path, file) {
  /** @type {Restored | undefined} */
  let restored;
  const done = await confirm({ title: t('backups.restore-title'), action: t('restore'), danger: true }, t('backups.restore-ask', { what }), async () => {
    restored = await post(path, file);
  });
  if (!done || !restored) return;
  say(t('backups.restored'));
  const { missing_media: media, missing_accounts: accounts } = restored;
  if (!media.length && !accounts.length) return;
  await openDialog({ title: t('backups.missing') }, [
    media.length ? el('p', {}, t('backups.missing-media'), ' ', el('strong', {}, media.join(', '))) : null,
    accounts.length ? el('p', {}, t('backups.missing-accounts'), ' ', el('strong', {}, accounts.join(', '))) : null,
  ]);
}

async function restoreFile() {
  const file = await chooseFile('.ron');
  if (file) await restore(t('quoted', { name: file.name }), '/api/snapshots/restore', file);
}

/** What is done to playlists as a whole: made, renamed, duplicated, taken from a file, deleted and brought back. */

/** @import { ImportedPlaylist, Playlist } from '../types.js' */
import { changePlaylist, post, put } from '../api.js';
import { el } from '../dom.js';
import { loadPlaylists, player, showKnown, shown, takePlayer } from '../model.js';
import { addressOf } from '../router.js';
import { t } from '../words.js';
import { askText, confirm, openDialog } from './dialog.js';
import { chooseFile } from './form.js';
import { asNew } from './item.js';
import { isMine } from './meanwhile.js';
import { act, changeNewest } from './playlist.js';
import { report, say } from './toast.js';

/** Shows a playlist that was just made. @param {Playlist} made */
async function enter(made) {
  showKnown(made);
  await loadPlaylists().catch(report);
  location.hash = addressOf('playlists', made.id);
}

export async function create() {
  await askText({ title: t('playlist.new'), label: t('name'), value: '', action: t('create') }, async (name) => enter(await post('/api/playlists', { name })));
}

export async function rename() {
  const now = shown.value;
  if (!now) return;
  let known = now.name;
  await askText({ title: t('playlist.rename'), label: t('name'), value: now.name, action: t('rename') }, async (name) => {
    await changeNewest(now.id, async (newest) => {
      const isTheirs = newest.name !== known && newest.name !== name;
      if (isTheirs && !(await isMine(newest.name, false))) return undefined;
      known = newest.name;
      return changePlaylist('PATCH', newest, '', { name });
    });
    await loadPlaylists().catch(report);
  });
}

export function duplicate() {
  return act(async () => {
    const now = shown.value;
    if (!now) return;
    /** @type {Playlist} */
    const made = await post('/api/playlists', { name: t('playlist.copy-of', { name: now.name }) });
    await enter(now.items.length ? await changePlaylist('POST', { id: made.id }, '/items', { items: now.items.map(asNew) }) : made);
  });
}

/** Makes one of a file, also of another machine, and says what is missing here. */
export async function importFile() {
  const file = await chooseFile('.ron');
  if (!file) return;
  /** @type {ImportedPlaylist} */
  const { playlist, missing_media: missing } = await post('/api/playlists/import', file);
  await enter(playlist);
  say(t('playlist.imported', { name: playlist.name }));
  if (missing.length) await openDialog({ title: t('backups.missing') }, [el('p', {}, t('playlist.missing-media'), ' ', el('strong', {}, missing.join(', ')))]);
}

/** Deletes the shown one at once, and can bring it back; asks first where that darkens the wall. */
export async function discard() {
  const now = shown.value;
  if (!now) return;
  const plays = player.value?.playlist?.id === now.id;
  // What comes back is what was deleted, with all that others did to it until then.
  let deleted = now;
  const work = async () => {
    await changeNewest(now.id, async (newest) => {
      deleted = newest;
      return changePlaylist('DELETE', newest, '');
    });
    showKnown(null);
    await loadPlaylists().catch(report);
    location.hash = addressOf('playlists');
  };
  try {
    if (!plays) await work();
    else if (!(await confirm({ title: t('playlist.delete'), action: t('delete'), danger: true }, t('playlist.delete-playing', { name: now.name }), work))) return;
  } catch (error) {
    return report(error);
  }
  say(t('playlist.deleted', { name: deleted.name }), { label: t('undo'), run: () => bringBack(deleted, plays).catch(report) });
}

/** Sets a deleted one as it was. @param {Playlist} deleted @param {boolean} plays whether it was playing */
async function bringBack({ id, name, order, repeat, items }, plays) {
  /** @type {Playlist} */
  const again = await put(`/api/playlists/${id}`, { name, order, repeat, items: items.map(asNew) });
  if (plays) takePlayer(await post(`/api/playlists/${id}/activate`, {}));
  await enter(again);
}

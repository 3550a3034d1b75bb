/** What is done to playlists as a whole: made, renamed, duplicated, taken from a file, deleted and brought back. */

/** @import { ImportedPlaylist, Playlist, Schedule } from '../types.js' */
import { changePlaylist, post, remove } from '../api.js';
import { el } from '../dom.js';
import { loadPlaylists, loadSchedule, player, schedule, shown, takePlayer } from '../model.js';
import { addressOf } from '../router.js';
import { keepSchedule } from '../schedule/keep.js';
import { t } from '../words.js';
import { askText, confirm, openDialog } from './dialog.js';
import { chooseFile } from './form.js';
import { act } from './playlist.js';
import { report, say } from './toast.js';

/** Shows a playlist that was just made. @param {Playlist} made */
async function enter(made) {
  shown.value = made;
  await loadPlaylists();
  location.hash = addressOf('playlists', made.id);
}

export async function create() {
  await askText({ title: t('playlist.new'), label: t('name'), value: '', action: t('create') }, async (name) => enter(await post('/api/playlists', { name })));
}

export async function rename() {
  const now = shown.value;
  if (!now) return;
  await askText({ title: t('playlist.rename'), label: t('name'), value: now.name, action: t('rename') }, async (name) => {
    await changePlaylist('PATCH', { id: now.id }, '', { name });
    await loadPlaylists();
  });
}

/** Makes one with the items of another. @param {Playlist} of @param {string} name @returns {Promise<Playlist>} */
async function copy(of, name) {
  /** @type {Playlist} */
  const made = await post('/api/playlists', { name });
  const items = of.items.map(({ content, duration_seconds, fit, transition }) => ({ content, duration_seconds, fit, transition }));
  return items.length ? changePlaylist('POST', { id: made.id }, '/items', { items }) : made;
}

export function duplicate() {
  return act(async () => {
    const now = shown.value;
    if (now) await enter(await copy(now, t('playlist.copy-of', { name: now.name })));
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
  const work = async () => {
    await remove(`/api/playlists/${now.id}`);
    shown.value = null;
    await loadPlaylists();
    location.hash = addressOf('playlists');
  };
  try {
    if (!plays) await work();
    else if (!(await confirm({ title: t('playlist.delete'), action: t('delete'), danger: true }, t('playlist.delete-playing', { name: now.name }), work))) return;
  } catch (error) {
    return report(error);
  }
  say(t('playlist.deleted', { name: now.name }), { label: t('undo'), run: () => bringBack(now, plays).catch(report) });
}

/** Makes a deleted one anew, with all that referred to it. @param {Playlist} deleted @param {boolean} plays whether it was playing */
async function bringBack(deleted, plays) {
  const made = await copy(deleted, deleted.name);
  /** @type {Playlist} */
  const changed = await changePlaylist('PATCH', { id: made.id }, '', { order: deleted.order, repeat: deleted.repeat });
  await loadSchedule();
  const { rules } = /** @type {Schedule} */ (schedule.value);
  /** @param {Schedule['rules'][number]} rule */
  const wasNamed = ({ act: what }) => what.type === 'play' && what.playlist === deleted.id;
  if (rules.some(wasNamed)) await keepSchedule({ rules: rules.map((rule) => (wasNamed(rule) ? { ...rule, act: { type: 'play', playlist: made.id } } : rule)) });
  if (plays) takePlayer(await post(`/api/playlists/${made.id}/activate`, {}));
  await enter(changed);
}

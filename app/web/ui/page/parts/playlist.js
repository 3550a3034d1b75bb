/**
 * What is done to the shown playlist, one thing after the other: each builds on the one before. Where somebody else
 * was quicker, what they did is taken first and this is done to it, so that neither is lost; and it is said.
 */

/** @import { Move } from '../moves.js' */
/** @import { Item, NewItem, Playlist } from '../types.js' */
import { Problem, changePlaylist, get, post } from '../api.js';
import { loadPlaylists, shown } from '../model.js';
import { beginMove, drafted, endMove, moved, settled } from '../moves.js';
import { t } from '../words.js';
import { openDialog } from './dialog.js';
import { el } from '../dom.js';
import { asNew, itemTitle } from './item.js';
import { report, say } from './toast.js';

/** What is being done, and all that waits for it. */
let acting = Promise.resolve();

/**
 * Does something to the shown playlist once what was begun before is done. What fails is said.
 * @param {() => Promise<unknown>} work
 */
export function act(work) {
  acting = acting.then(() => attempt(work));
  return acting;
}

/** @param {() => Promise<unknown>} work */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    report(error);
    if (error instanceof Problem && [404, 409, 412].includes(error.status)) await loadPlaylists().catch(report);
  }
}

/** A playlist as it is on the server now, whatever else is being read. @param {string} id @returns {Promise<Playlist>} */
async function read(id) {
  /** @type {Playlist} */
  const now = await get(`/api/playlists/${id}`);
  keep(now);
  return now;
}

/** @param {Playlist} changed */
export function keep(changed) {
  if (!changed) return;
  const draft = drafted(changed);
  if (shown.value?.id === draft.id) shown.value = draft;
}

/**
 * Adds items to the end of a playlist, the shown one where none is named; makes one first where there is none.
 * @param {NewItem[]} items
 * @param {string} name what is added, for the message
 * @param {{id: string, name: string} | null} [target]
 */
export function addItems(items, name, target = shown.value) {
  return act(async () => {
    /** @type {{id: string, name: string}} */
    const to = target ?? (await post('/api/playlists', { name: t('playlist.first') }));
    const changed = await changePlaylist('POST', { id: to.id }, '/items', { items });
    if (!shown.value) shown.value = changed;
    keep(changed);
    say(t('playlist.added', { name, playlist: to.name }));
    await loadPlaylists();
  });
}

/** Takes items out, and can put them back where they were. @param {Item[]} items */
export function removeItems(items) {
  const now = shown.value;
  if (!now || !items.length) return;
  const before = items.map((item) => ({ item, next: now.items[now.items.indexOf(item) + 1]?.id ?? null }));
  act(async () => {
    keep(await changePlaylist('POST', { id: now.id }, '/items/remove', { items: items.map((item) => item.id) }));
    const back = () =>
      act(async () => {
        /** What they are called since they are back. @type {Map<string, string>} */
        const again = new Map();
        for (const { item, next } of before.reverse()) {
          const known = new Set(shown.value?.items.map((one) => one.id));
          const at = next && (again.get(next) ?? next);
          const place = at && known.has(at) ? { before: at } : {};
          const changed = await changePlaylist('POST', { id: now.id }, '/items', { items: [asNew(item)], ...place });
          again.set(item.id, changed.items.find((one) => !known.has(one.id))?.id ?? '');
          keep(changed);
        }
      });
    say(t('playlist.removed', { n: items.length, name: items[0] ? itemTitle(items[0]) : '' }), { label: t('undo'), run: back });
  });
}

/**
 * Moves items so that they stand, in their order, before the one at `to` of those that stay. Shown at once, then asked
 * for; put back where it is refused.
 * @param {string[]} ids @param {number} to
 */
export function moveItems(ids, to) {
  const now = shown.value;
  if (!now) return;
  const move = { of: now.id, ids, to };
  beginMove(move, now);
  keep(settled(now));
  act(async () => {
    let last = settled(now);
    try {
      last = await order(last, move);
    } catch (error) {
      last = settled(now);
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      // Somebody else was quicker: theirs, with the same move on top.
      last = await get(`/api/playlists/${now.id}`);
      last = await order(last, move);
      say(t('playlist.merged', { playlist: last.name }));
    } finally {
      endMove(move);
      keep(last);
    }
  });
}

/** @param {Playlist} of @param {Move} move @returns {Promise<Playlist>} */
const order = (of, move) => changePlaylist('PUT', of, '/order', { items: moved(of.items, move).map((item) => item.id) });

/**
 * Puts a changed item in the place of one. Where somebody has changed the same item meanwhile the person chooses; a
 * change of anything else is no reason to ask.
 * @param {Item} item as it was when it was opened @param {NewItem} changed
 */
export async function replaceItem(item, changed) {
  const now = shown.value;
  if (!now) return;
  try {
    keep(await changePlaylist('PUT', now, `/items/${item.id}`, changed));
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 412) throw error;
    const theirs = await read(now.id);
    const same = theirs.items.find((one) => one.id === item.id);
    if (!same) throw new Problem(404, t('item.gone', { item: itemTitle(item) }));
    if (JSON.stringify(same) !== JSON.stringify(item)) {
      const wording = { title: t('item.both-title'), action: t('item.both-mine') };
      if (!(await openDialog(wording, [el('p', {}, t('item.both', { item: itemTitle(item) }))]))) return;
    }
    keep(await changePlaylist('PUT', theirs, `/items/${item.id}`, changed));
    say(t('playlist.merged', { playlist: theirs.name }));
  }
}

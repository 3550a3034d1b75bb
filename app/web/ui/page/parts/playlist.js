/**
 * What is done to the shown playlist, one thing after the other: each builds on the one before. Where somebody else
 * was quicker, what they did is taken first and this is done to it, so that neither is lost; and it is said.
 */

/** @import { Item, NewItem, Playlist } from '../types.js' */
import { Problem, changePlaylist, get, post } from '../api.js';
import { loadPlaylists, shown } from '../model.js';
import { t } from '../words.js';
import { openDialog } from './dialog.js';
import { el } from '../dom.js';
import { itemTitle } from './item.js';
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

/** Moves that are shown and that the server has not answered yet. @type {{of: string, ids: string[], to: number}[]} */
const moves = [];
/** What is shown with such moves, and what the server has said of it. @type {WeakMap<Playlist, Playlist>} */
const drafts = new WeakMap();
/** @param {Playlist} playlist */
const settled = (playlist) => drafts.get(playlist) ?? playlist;

/** As it is shown: with the moves that are on their way. @param {Playlist} said */
function drafted(said) {
  const own = moves.filter((move) => move.of === said.id);
  if (!own.length) return said;
  const draft = { ...said, items: own.reduce((items, { ids, to }) => moved(items, ids, to), said.items) };
  drafts.set(draft, said);
  return draft;
}

/** @param {Playlist} changed */
export function keep(changed) {
  if (changed && shown.value?.id === changed.id) shown.value = drafted(changed);
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
          const { content, duration_seconds, fit, transition } = item;
          const known = new Set(shown.value?.items.map((one) => one.id));
          const at = next && (again.get(next) ?? next);
          const place = at && known.has(at) ? { before: at } : {};
          const changed = await changePlaylist('POST', { id: now.id }, '/items', { items: [{ content, duration_seconds, fit, transition }], ...place });
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
  moves.push(move);
  keep(settled(now));
  act(async () => {
    const base = settled(shown.value?.id === now.id ? shown.value : now);
    let said = base;
    try {
      said = await order(base, moved(base.items, ids, to));
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      // Somebody else was quicker: theirs, with the same move on top.
      const theirs = await get(`/api/playlists/${now.id}`);
      said = await order(theirs, moved(theirs.items, ids, to));
      say(t('playlist.merged', { playlist: said.name }));
    } finally {
      moves.splice(moves.indexOf(move), 1);
      keep(said);
    }
  });
}

/** @param {Playlist} of @param {Item[]} items */
const order = (of, items) => changePlaylist('PUT', of, '/order', { items: items.map((item) => item.id) });

/** @param {Item[]} items @param {string[]} ids @param {number} to */
function moved(items, ids, to) {
  const going = items.filter((item) => ids.includes(item.id));
  const staying = items.filter((item) => !ids.includes(item.id));
  return [...staying.slice(0, to), ...going, ...staying.slice(to)];
}

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

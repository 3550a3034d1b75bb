/**
 * What is done to the shown playlist, one thing after the other: each builds on the one before. Where somebody else
 * was quicker, what they did is taken first and this is done to it, so that neither is lost; where both did it to the
 * same thing, the person says whose holds.
 */

/** @import { Move } from '../moves.js' */
/** @import { Item, NewItem, Playlist } from '../types.js' */
import { Problem, changePlaylist, get, post, withNewest } from '../api.js';
import { loadPlaylists, showKnown, shown } from '../model.js';
import { beginMove, behind, drafted, endMove, moved, settled } from '../moves.js';
import { queue } from '../turns.js';
import { t } from '../words.js';
import { asNew, itemTitle } from './item.js';
import { isMine } from './meanwhile.js';
import { report, say } from './toast.js';

const inTurn = queue();

/** Does something to a playlist once what was begun before is done. @param {() => Promise<unknown>} work */
const attempt = (work) =>
  inTurn(async () => {
    try {
      await work();
    } catch (error) {
      if (error instanceof Problem && [404, 409, 412].includes(error.status)) await loadPlaylists().catch(report);
      throw error;
    }
  });

/** The same where nobody waits for it: what fails is said. @param {() => Promise<unknown>} work */
export const act = (work) => attempt(work).catch(report);

/** A playlist as it is on the server now, whatever else is being read. @param {string} id @returns {Promise<Playlist>} */
async function read(id) {
  /** @type {Playlist} */
  const now = await get(`/api/playlists/${id}`);
  keep(now);
  return now;
}

/** @param {Playlist | undefined} changed */
function keep(changed) {
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
  return attempt(async () => {
    // Before the first answer nobody knows which is shown.
    if (!target && !shown.isKnown) await loadPlaylists();
    /** @type {{id: string, name: string}} */
    const to = target ?? shown.value ?? (await post('/api/playlists', { name: t('playlist.first') }));
    const changed = await changePlaylist('POST', { id: to.id }, '/items', { items });
    if (!shown.value) showKnown(changed);
    keep(changed);
    say(t('playlist.added', { name, playlist: to.name }));
    await loadPlaylists().catch(report);
  });
}

/**
 * Changes the newest of a playlist; where somebody else was quicker, once more what they made of it.
 * @param {string} id @param {(newest: Playlist) => Promise<Playlist | undefined>} work nothing where it is to stay as it is
 */
export async function changeNewest(id, work) {
  const known = shown.value?.id === id ? settled(shown.value) : await read(id);
  keep(await withNewest(known, () => read(id), work));
}

/** Takes items out, and can put them back where they were. @param {Item[]} items */
export function removeItems(items) {
  const now = shown.value;
  if (!now || !items.length) return;
  const ids = items.map((item) => item.id);
  act(async () => {
    /** As they were in the end, each with the one behind it. @type {{item: Item, next: string | undefined}[]} */
    let gone = [];
    await changeNewest(now.id, async (newest) => {
      gone = newest.items.flatMap((item, at) => (ids.includes(item.id) ? [{ item, next: newest.items[at + 1]?.id }] : []));
      return gone.length ? changePlaylist('POST', newest, '/items/remove', { items: gone.map(({ item }) => item.id) }) : undefined;
    });
    if (!gone.length) return;
    putBack(now.id, gone);
  });
}

/** Says which items were taken out, and can put them back. @param {string} id of the playlist @param {{item: Item, next: string | undefined}[]} gone each with the one behind it */
function putBack(id, gone) {
  /** What they are called since they are back. @type {Map<string, string>} */
  const again = new Map();
  const back = async () => {
    for (let last = gone.at(-1); last; last = gone.at(-1)) {
      const { item, next } = last;
      await changeNewest(id, async (newest) => {
        const known = new Set(newest.items.map((one) => one.id));
        const at = next && (again.get(next) ?? next);
        const place = at && known.has(at) ? { before: at } : {};
        const changed = await changePlaylist('POST', newest, '/items', { items: [asNew(item)], ...place });
        again.set(item.id, changed.items.find((one) => !known.has(one.id))?.id ?? '');
        return changed;
      });
      gone.pop();
    }
  };
  const offer = () => {
    const words = t('playlist.removed', { n: gone.length, name: gone[0] ? itemTitle(gone[0].item) : '' });
    const undo = () =>
      attempt(back).catch((error) => {
        report(error);
        offer();
      });
    say(words, { label: t('undo'), run: undo });
  };
  offer();
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
    /** What the server has said, and where somebody else was quicker what they have made of it. @type {Playlist | undefined} */
    let last, theirs;
    try {
      const again = async () => (theirs = await read(now.id));
      last = await withNewest(settled(now), again, (newest) => order(newest, move));
      if (theirs) say(t('playlist.merged', { playlist: last.name }));
    } finally {
      last ??= theirs ?? settled(now);
      endMove(move);
      keep(last);
    }
  });
}

/** @param {Playlist} of @param {Move} move @returns {Promise<Playlist>} */
const order = (of, move) => changePlaylist('PUT', of, '/order', { items: moved(of.items, move).map((item) => item.id) });

/**
 * Puts a changed item in the place of one. Where somebody has changed or removed the same item meanwhile the person says
 * whose holds; a change of anything else is no reason to ask.
 * @param {Playlist} opened as it was when the item was opened @param {Item} item @param {NewItem} changed
 */
export function replaceItem(opened, item, changed) {
  let known = item;
  return changeNewest(opened.id, async (newest) => {
    const now = newest.items.find((one) => one.id === item.id);
    const isSame = now && JSON.stringify(asNew(now)) === JSON.stringify(asNew(known));
    if (!isSame && !(await isMine(itemTitle(item), !now))) return undefined;
    known = now ?? item;
    if (now) return changePlaylist('PUT', newest, `/items/${item.id}`, changed);
    const next = behind(opened.items, item.id, newest.items);
    return changePlaylist('POST', newest, '/items', { items: [changed], ...(next && { before: next.id }) });
  });
}

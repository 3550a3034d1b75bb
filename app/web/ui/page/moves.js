/**
 * Moves of a playlist's items that are shown before the server has answered them. Each is done to what the server has said
 * last, and shown on top of it, whatever else is heard of the playlist meanwhile.
 */

/** @import { Playlist } from './types.js' */

/** Items that are to stand, in their order, before the one at `to` of those that stay. @typedef {{of: string, ids: string[], to: number}} Move */

/** Those that are on their way, the first first. @type {Set<Move>} */
const moves = new Set();
/** What the server has said last of the playlists they are of. @type {Map<string, Playlist>} */
const said = new Map();

/** @param {Move} move @param {Playlist} shown the playlist it is of */
export function beginMove(move, shown) {
  if (!said.has(move.of)) said.set(move.of, shown);
  moves.add(move);
}

/** It was answered, or refused. @param {Move} move */
export function endMove(move) {
  moves.delete(move);
  if (![...moves].some((one) => one.of === move.of)) said.delete(move.of);
}

/** A playlist as the server has said last. @param {Playlist} shown */
export const settled = (shown) => said.get(shown.id) ?? shown;

/** A playlist that the server has told of, as it is to be shown. @param {Playlist} told @returns {Playlist} */
export function drafted(told) {
  const own = [...moves].filter((move) => move.of === told.id);
  if (!own.length) return told;
  // What is told may have been asked for before the last answer came.
  const last = said.get(told.id);
  const base = last && last.revision > told.revision ? last : told;
  said.set(told.id, base);
  return { ...base, items: own.reduce(moved, base.items) };
}

/** @template {{id: string}} T @param {T[]} items @param {Pick<Move, 'ids' | 'to'>} move */
export function moved(items, { ids, to }) {
  const going = items.filter((item) => ids.includes(item.id));
  const staying = items.filter((item) => !ids.includes(item.id));
  return [...staying.slice(0, to), ...going, ...staying.slice(to)];
}

/**
 * Of what stood behind one, the first that is still there.
 * @template {{id: string}} T
 * @param {T[]} before those it was among @param {string} id @param {{id?: string | null}[]} now
 */
export const behind = (before, id, now) => before.slice(before.findIndex((one) => one.id === id) + 1).find((one) => now.some((still) => still.id === one.id));

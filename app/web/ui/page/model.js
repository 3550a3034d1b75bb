/**
 * What the page knows of the server, each part with one owner that replaces it: the live connection for
 * `status` and `link`, the fetches below for the rest. Views follow these and never change them.
 */

/** @import { EffectSpec, Layout, Media, Output, Player, Playlist, PlaylistSummary, Schedule, Status } from './types.js' */
import * as api from './api.js';
import { drafted } from './moves.js';
import { Signal } from './signal.js';
import { newestAnswer } from './turns.js';

/** State of the live connection. */
export const link = new Signal(/** @type {'connecting' | 'open' | 'lost'} */ ('connecting'));

/** Last status the server sent. */
export const status = new Signal(/** @type {Status | null} */ (null));

/** When the player's state in `status` was true, by `performance.now()`. */
let takenAt = 0;

/** The player alone; replaced by status messages and by the answers to commands. */
export const player = new Signal(/** @type {Player | null} */ (null));

export const library = new Signal(/** @type {Media[]} */ ([]));
export const playlists = new Signal(/** @type {PlaylistSummary[]} */ ([]));
export const layout = new Signal(/** @type {Layout | null} */ (null));
export const outputs = new Signal(/** @type {Output[]} */ ([]));
export const schedule = new Signal(/** @type {Schedule | null} */ (null));
export const effects = new Signal(/** @type {EffectSpec[]} */ ([]));
export const fonts = new Signal(/** @type {string[]} */ ([]));
/** What the API's description tells of all that is sent. */
export const schemas = new Signal(/** @type {Record<string, import('./parts/schema-form.js').Schema>} */ ({}));

/** The playlist that is shown; not necessarily the one that plays. */
export const shown = new Signal(/** @type {Playlist | null} */ (null));

/** @param {Status} next */
export function takeStatus(next) {
  takenAt = performance.now();
  status.value = next;
  player.value = next.player;
}

/** @param {Player} next */
export function takePlayer(next) {
  takenAt = performance.now();
  player.value = next;
}

/** Seconds into the current item, running on between messages. */
export function position() {
  const now = player.value;
  if (!now?.item) return 0;
  const run = now.mode === 'playing' ? (performance.now() - takenAt) / 1000 : 0;
  return Math.min(now.position_seconds + run, now.duration_seconds ?? Infinity);
}

export const loadLibrary = newestAnswer(() => api.get('/api/media'), (/** @type {{media: Media[]}} */ { media }) => (library.value = media));

const loadSummaries = newestAnswer(() => api.get('/api/playlists'), (/** @type {{playlists: PlaylistSummary[]}} */ answer) => (playlists.value = answer.playlists));

export async function loadPlaylists() {
  await loadSummaries();
  const all = playlists.value;
  const wanted = all.find((one) => one.id === (asked ?? shown.value?.id)) ?? all.find((one) => one.active) ?? all[0];
  await bring(wanted?.id ?? null);
}

let showing = 0;
/** The one that somebody has asked for, until it is shown. @type {string | null} */
let asked = null;

/** Shows a playlist as it is on the server now. Of several asked for at once the last one wins. @param {string} id */
export async function show(id) {
  asked = id;
  await bring(id).catch((error) => {
    asked = null;
    throw error;
  });
}

/** Shows one that is known already, or none, whatever is on its way. @param {Playlist | null} known */
export function showKnown(known) {
  showing += 1;
  asked = null;
  shown.value = known;
}

/** @param {string | null} id */
async function bring(id) {
  showing += 1;
  const mine = showing;
  /** @type {Playlist | null} */
  const next = id === null ? null : await api.get(`/api/playlists/${id}`);
  // What was asked for before a change was answered may come after it.
  const isOlder = next !== null && shown.value?.id === next.id && next.revision < shown.value.revision;
  if (mine === showing) showKnown(isOlder ? shown.value : next && drafted(next));
}

export const loadLayout = newestAnswer(() => api.get('/api/layout'), (/** @type {Layout} */ now) => (layout.value = now));

export const loadOutputs = newestAnswer(() => api.get('/api/outputs'), (/** @type {{outputs: Output[]}} */ answer) => (outputs.value = answer.outputs));

export const loadSchedule = newestAnswer(() => api.get('/api/schedule'), (/** @type {Schedule} */ now) => (schedule.value = now));

/** @type {Promise<void> | null} */
let catalogues = null;

/** What items can be made of: asked for when it is first wanted. */
export function loadCatalogues() {
  catalogues ??= readCatalogues().catch((error) => {
    catalogues = null;
    throw error;
  });
  return catalogues;
}

async function readCatalogues() {
  /** @type {[{effects: EffectSpec[]}, {fonts: string[]}, {components: {schemas: typeof schemas.value}}]} */
  const [catalogue, installed, description] = await Promise.all([api.get('/api/effects'), api.get('/api/fonts'), api.get('/api/openapi.json')]);
  effects.value = catalogue.effects;
  fonts.value = installed.fonts;
  schemas.value = description.components.schemas;
}

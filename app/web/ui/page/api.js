/**
 * Talks to the server. Every failure becomes a [`Problem`]: an error whose message can be shown as it is.
 * A lost session (401) is also told to whoever registered with `onSignedOut`.
 */

/** @import { Player, Playlist } from './types.js' */
import { fromServer, spoken, t } from './words.js';

/** A request that failed; `message` is for people. `status` is 0 where there was no answer at all. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.name = 'Problem';
    this.status = status;
  }
}

/** Statuses there are words for, where the answer itself has none. */
const SAID = /** @type {const} */ ([0, 400, 401, 403, 404, 409, 412, 413, 422, 429, 503, 507]);

/**
 * The problem an answer describes: `detail`, else `title` of a problem document, else a few words of the page's.
 * @param {number} status
 * @param {string} body
 * @param {boolean} [isEntrance] where 401 does not mean that a session is over
 */
export function problemFrom(status, body, isEntrance = false) {
  const known = SAID.find((one) => one === status);
  const said = known === undefined ? null : known === 401 && isEntrance ? t('problem.entrance') : t(`problem.${known}`);
  try {
    const document = JSON.parse(body);
    const words = document.detail || document.title;
    if (typeof words === 'string' && words) return new Problem(status, inWords(said, words));
  } catch {
    // Not JSON: a proxy's page, or nothing.
  }
  return new Problem(status, said ?? t('problem.other', { status: String(status) }));
}

/** The server speaks English: what it says that is not known in the language of the page is beside what kind of problem it is. @param {string | null} said @param {string} detail */
function inWords(said, detail) {
  const own = fromServer(detail);
  const isSaid = spoken() === 'en' || own !== detail || said === null;
  return isSaid ? own.charAt(0).toUpperCase() + own.slice(1) : t('problem.detailed', { said, detail });
}

/** Where 401 does not mean that a session is over. */
const ENTRANCES = new Set(['/api/session', '/api/claim']);

/** @type {() => void} */
let signedOut = () => {};

/** @param {() => void} listener */
export function onSignedOut(listener) {
  signedOut = listener;
}

/** How long an answer is waited for that was asked for on a line before this one. */
const LATE_MS = 10_000;
let line = new AbortController();

/** There is another line than before: what died with that one closes nothing, and would be waited for without end. */
export function renewLine() {
  const before = line;
  line = new AbortController();
  setTimeout(() => before.abort(), LATE_MS);
}

/** @returns {never} */
function unanswered() {
  throw problemFrom(0, '');
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] a file as it is, all else as JSON
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Response>} an answer of the 200s
 */
async function request(method, path, body, headers = {}) {
  /** @type {RequestInit} */
  const init = { method, headers: { Accept: 'application/json', ...headers }, cache: 'no-store', signal: line.signal };
  if (body instanceof Blob) {
    init.body = body;
  } else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'Content-Type': 'application/json' };
  }
  const response = await fetch(path, init).catch(unanswered);
  if (response.ok) return response;
  if (response.status === 401 && !ENTRANCES.has(path)) signedOut();
  throw problemFrom(response.status, await response.text().catch(() => ''), ENTRANCES.has(path));
}

/**
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<T>}
 */
async function json(method, path, body, headers) {
  const response = await request(method, path, body, headers);
  const text = await response.text().catch(unanswered);
  return /** @type {T} */ (text ? JSON.parse(text) : undefined);
}

/** @template T @param {string} path @returns {Promise<T>} */
export const get = (path) => json('GET', path);

/** @template T @param {string} path @param {unknown} [body] @returns {Promise<T>} */
export const post = (path, body) => json('POST', path, body);

/** @template T @param {string} path @param {unknown} body @returns {Promise<T>} */
export const put = (path, body) => json('PUT', path, body);

/** @template T @param {string} path @param {unknown} body @returns {Promise<T>} */
export const patch = (path, body) => json('PATCH', path, body);

/** @param {string} path @returns {Promise<void>} */
export const remove = (path) => json('DELETE', path);

/** @param {string} path @param {unknown} [body] asks by POST where there is one */
export async function bytes(path, body) {
  const response = await request(body === undefined ? 'GET' : 'POST', path, body, { Accept: 'application/octet-stream' });
  return response.arrayBuffer().catch(unanswered);
}

/**
 * @param {'play' | 'pause' | 'stop' | 'next' | 'previous' | 'seek' | 'jump'} verb
 * @param {object} [body]
 * @returns {Promise<Player>}
 */
export const control = (verb, body) => post(`/api/control/${verb}`, body);

/**
 * Changes something, unless somebody else has since it was read in this revision (a 412 problem then).
 * @template T
 * @param {'POST' | 'PUT' | 'PATCH' | 'DELETE'} method
 * @param {string} path
 * @param {number | undefined} revision `undefined` changes whatever there is
 * @param {unknown} [body]
 * @returns {Promise<T>}
 */
export const change = (method, path, revision, body) => json(method, path, body, revision === undefined ? {} : { 'If-Match': `"${revision}"` });

/**
 * Changes something in its newest form; where somebody else was quicker, once more what they made of it.
 * @template T, R
 * @param {T} newest as it is known @param {() => Promise<T>} read it anew
 * @param {(newest: T) => Promise<R>} work fails with a 412 problem where that was not the newest
 * @returns {Promise<R>}
 */
export async function withNewest(newest, read, work) {
  for (;;) {
    try {
      return await work(newest);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      newest = await read();
    }
  }
}

/**
 * Changes a playlist, unless somebody else has since `playlist` was read.
 * @param {'POST' | 'PUT' | 'PATCH' | 'DELETE'} method
 * @param {{id: string, revision?: number}} playlist
 * @param {string} path below the playlist's own, such as `/items`
 * @param {unknown} [body]
 * @returns {Promise<Playlist>}
 */
export const changePlaylist = (method, playlist, path, body) => change(method, `/api/playlists/${playlist.id}${path}`, playlist.revision, body);

/**
 * Talks to the server. Every failure becomes a [`Problem`]: an error whose message can be shown as it is.
 * A lost session (401) is also told to whoever registered with `onSignedOut`.
 */

/** @import { Player, Playlist } from './types.js' */

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

/** What is said where the answer itself does not say it.
 * @type {Record<number, string>} */
const WORDS = {
  0: 'The server cannot be reached.',
  401: 'You are signed out.',
  403: 'That is not allowed.',
  404: 'It is no longer there.',
  409: 'That does not fit the present state.',
  412: 'It was changed elsewhere meanwhile.',
  413: 'That is more than the server takes.',
  422: 'The server cannot use that.',
  429: 'Too many attempts. Wait a moment.',
  503: 'The server is busy. Try again in a moment.',
  507: 'There is no room left.',
};

/**
 * The problem an answer describes: `detail`, else `title` of a problem document, else a few words.
 * @param {number} status
 * @param {string} body
 */
export function problemFrom(status, body) {
  try {
    const document = JSON.parse(body);
    const words = document.detail || document.title;
    if (typeof words === 'string' && words) return new Problem(status, words.charAt(0).toUpperCase() + words.slice(1));
  } catch {
    // Not JSON: a proxy's page, or nothing.
  }
  return new Problem(status, WORDS[status] ?? `The server answered with error ${status}.`);
}

/** Where 401 does not mean that a session is over. */
const ENTRANCES = new Set(['/api/session', '/api/claim']);

/** @type {() => void} */
let signedOut = () => {};

/** @param {() => void} listener */
export function onSignedOut(listener) {
  signedOut = listener;
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
  const init = { method, headers: { Accept: 'application/json', ...headers }, cache: 'no-store' };
  if (body instanceof Blob) {
    init.body = body;
  } else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'Content-Type': 'application/json' };
  }
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Problem(0, WORDS[0] ?? '');
  }
  if (response.ok) return response;
  if (response.status === 401 && !ENTRANCES.has(path)) signedOut();
  throw problemFrom(response.status, await response.text().catch(() => ''));
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
  const text = await response.text();
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

/** @param {string} path */
export async function bytes(path) {
  const response = await request('GET', path, undefined, { Accept: 'application/octet-stream' });
  return response.arrayBuffer();
}

/**
 * @param {'play' | 'pause' | 'stop' | 'next' | 'previous' | 'seek' | 'jump'} verb
 * @param {object} [body]
 * @returns {Promise<Player>}
 */
export const control = (verb, body) => post(`/api/control/${verb}`, body);

/**
 * Changes a playlist, unless somebody else has since `playlist` was read (a 412 problem then).
 * @param {'POST' | 'PUT' | 'PATCH' | 'DELETE'} method
 * @param {{id: string, revision?: number}} playlist
 * @param {string} path below the playlist's own, such as `/items`
 * @param {unknown} [body]
 * @returns {Promise<Playlist>}
 */
export function changePlaylist(method, playlist, path, body) {
  /** @type {Record<string, string>} */
  const headers = playlist.revision === undefined ? {} : { 'If-Match': `"${playlist.revision}"` };
  return json(method, `/api/playlists/${playlist.id}${path}`, body, headers);
}

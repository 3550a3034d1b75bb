/**
 * Uploads a file by tus 1.0: creates it, sends it in pieces, and after a cut asks how far it got and goes on
 * from there. A cut is waited out, longer each time and for as long as it takes; a refusal ends the upload. A line
 * that goes dead closes nothing: it counts as cut once nothing moves on it, or the live connection is lost.
 *
 * The address of an unfinished upload is kept in the browser, so that the same file chosen again after a
 * reload goes on as well.
 */

import { Problem, problemFrom } from './api.js';
import { link } from './model.js';

/** Small enough that a pause or a cut repeats little, large enough that the way to and fro does not count. */
const PIECE_BYTES = 8 * 1024 * 1024;
const WAIT_MS = [500, 1000, 2000, 4000, 8000, 15000];
/** How long nothing may move: on a slow line a system that has buffered a lot takes more only after seconds. */
const STALL_MS = 20_000;
/** How long an answer may take once all was sent: the server reads the whole file before it takes it. */
const CHECK_MS = 120_000;
const VERSION = { 'Tus-Resumable': '1.0.0' };
const MEDIA = '/api/uploads';
const KEPT = 'prismatron-upload:';

/** Why an upload is ended: what was sent of it is kept, or thrown away. */
export const PAUSED = new DOMException('paused', 'AbortError');
export const GIVEN_UP = new DOMException('given up', 'AbortError');

/** Answers after which the same request may succeed later. */
const PASSING = new Set([0, 408, 423, 425, 429, 500, 502, 503, 504]);

/**
 * @typedef {object} Listener
 * @property {(sent: number) => void} progress bytes that have left, or once there is a cut have arrived, from the file's start
 * @property {(problem: Problem | null) => void} waiting a cut is being waited out, or (`null`) is over
 */

/**
 * @param {File} file
 * @param {Listener} listener
 * @param {AbortSignal} signal ends it, for one of the reasons above
 * @param {string} [to] the address at which uploads of its kind begin
 * @returns {Promise<string | null>} the medium's id, where the server named it
 */
export async function upload(file, listener, signal, to = MEDIA) {
  const key = `${to === MEDIA ? KEPT : `${to}:`}${file.name}:${file.size}:${file.lastModified}`;
  let address = recall(key);
  let failures = 0;
  /** What the server has, and whether that is what it said last. */
  let [offset, isKnown] = [0, false];
  for (;;) {
    try {
      signal.throwIfAborted();
      if (address && !isKnown) {
        const found = await askOffset(address, signal);
        if (found === null) {
          address = null;
        } else if (found.media !== null) {
          // All had arrived, only the answer had not.
          forget(key);
          return found.media;
        } else {
          [offset, isKnown] = [found.offset, true];
          listener.progress(offset);
        }
      }
      if (!address) {
        address = await create(file, signal, to);
        keep(key, address);
        [offset, isKnown] = [0, true];
      }
      listener.waiting(null);
      const answer = await sendPiece(address, file, offset, listener.progress, signal);
      failures = 0;
      offset = answer.offset;
      if (offset >= file.size) {
        forget(key);
        return answer.media;
      }
    } catch (error) {
      if (signal.aborted) {
        if (signal.reason !== PAUSED) discard(key, address);
        throw error;
      }
      const conflict = error instanceof Problem && [404, 409, 410, 460].includes(error.status) && address;
      if (!(error instanceof Problem) || !(PASSING.has(error.status) || conflict) || (conflict && failures > 3)) {
        forget(key);
        throw error;
      }
      isKnown = false;
      listener.progress(offset);
      listener.waiting(error);
      const wait = WAIT_MS[Math.min(failures, WAIT_MS.length - 1)] ?? 15000;
      failures += 1;
      await pause(wait, signal);
    }
  }
}

/** @param {string} key @param {string | null} address */
function discard(key, address) {
  forget(key);
  if (address) fetch(address, { method: 'DELETE', headers: VERSION }).catch(() => {});
}

/** Uploads that were begun in this browser and are not done: name, size and time of the file are their key. */
export function unfinished() {
  const all = [];
  try {
    for (const kept of Object.keys(localStorage)) {
      const [, key, name, bytes] = /^prismatron-upload:((.*):(\d+):\d+)$/s.exec(kept) ?? [];
      if (key && name) all.push({ key, name, size: Number(bytes) });
    }
  } catch {
    // A browser may forbid storage: then nothing is left over.
  }
  return all;
}

/** Gives an unfinished upload up. @param {string} key */
export function forgetUnfinished(key) {
  discard(KEPT + key, recall(KEPT + key));
}

/**
 * @param {File} file @param {AbortSignal} signal @param {string} to
 * @returns {Promise<string>} the upload's address
 */
async function create(file, signal, to) {
  const metadata = [`filename ${base64(file.name)}`];
  if (file.type) metadata.push(`filetype ${base64(file.type)}`);
  const response = await reach(to, {
    method: 'POST',
    headers: { ...VERSION, 'Upload-Length': String(file.size), 'Upload-Metadata': metadata.join(',') },
    signal,
  });
  const address = response.headers.get('Location');
  if (response.status !== 201 || !address) throw problemFrom(response.status, await response.text());
  return new URL(address, new URL(to, location.href)).pathname;
}

/**
 * @param {string} address @param {AbortSignal} signal
 * @returns {Promise<{offset: number, media: string | null} | null>} `null` where there is no such upload any more
 */
async function askOffset(address, signal) {
  const response = await reach(address, { method: 'HEAD', headers: VERSION, signal });
  if (response.status === 404 || response.status === 410) return null;
  const offset = Number(response.headers.get('Upload-Offset') ?? NaN);
  if (!response.ok || !Number.isFinite(offset)) throw problemFrom(response.status, '');
  return { offset, media: response.headers.get('Prismatron-Media') };
}

/** @param {string} path @param {RequestInit & {signal: AbortSignal}} init */
async function reach(path, init) {
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), STALL_MS);
  try {
    return await fetch(path, { cache: 'no-store', ...init, signal: AbortSignal.any([init.signal, slow.signal]) });
  } catch (error) {
    if (init.signal.aborted) throw error;
    throw problemFrom(0, '');
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends one piece by XMLHttpRequest, the only way to learn how much has left.
 * @param {string} address @param {File} file @param {number} offset
 * @param {(sent: number) => void} progress @param {AbortSignal} signal
 * @returns {Promise<{offset: number, media: string | null}>}
 */
function sendPiece(address, file, offset, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const over = new AbortController();
    let stall = 0;
    /** @param {number} ms */
    const wait = (ms) => {
      clearTimeout(stall);
      stall = setTimeout(abort, ms);
    };
    const piece = file.slice(offset, offset + PIECE_BYTES);
    request.open('PATCH', address);
    request.setRequestHeader('Tus-Resumable', '1.0.0');
    request.setRequestHeader('Upload-Offset', String(offset));
    request.setRequestHeader('Content-Type', 'application/offset+octet-stream');
    request.upload.onprogress = (event) => {
      wait(STALL_MS);
      progress(offset + event.loaded);
    };
    request.upload.onload = () => wait(CHECK_MS);
    request.onload = () => {
      const next = Number(request.getResponseHeader('Upload-Offset') ?? NaN);
      if (request.status !== 204) reject(problemFrom(request.status, request.responseText));
      else resolve({ offset: Number.isFinite(next) ? next : offset + piece.size, media: request.getResponseHeader('Prismatron-Media') });
    };
    request.onerror = () => reject(problemFrom(0, ''));
    request.onabort = () => reject(signal.reason ?? problemFrom(0, ''));
    request.onloadend = () => {
      clearTimeout(stall);
      over.abort();
    };
    signal.addEventListener('abort', abort, { signal: over.signal });
    wait(STALL_MS);
    request.send(piece);
    link.follow((now) => now === 'lost' && abort(), over.signal);
  });
}

/** Base 64 of the text's UTF-8, as tus metadata are written. @param {string} text */
function base64(text) {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

/** Ends early when the live connection is back. @param {number} ms @param {AbortSignal} signal */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      clearTimeout(timer);
      over.abort();
      resolve(undefined);
    };
    const timer = setTimeout(done, ms);
    let before = link.value;
    link.follow((now) => {
      if (now === 'open' && before !== 'open') done();
      before = now;
    }, over.signal);
    signal.addEventListener('abort', done, { signal: over.signal });
  });
}

// A browser may forbid storage; then an upload only does not survive a reload.

/** @param {string} key */
function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} address */
function keep(key, address) {
  try {
    localStorage.setItem(key, address);
  } catch {
    // See above.
  }
}

/** @param {string} key */
function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // See above.
  }
}

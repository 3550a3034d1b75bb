/**
 * The live connection: status and change messages in, preview frames in, the wanted preview rate out.
 *
 * It reconnects by itself, sooner at first and then at most every five seconds, at once when the browser says
 * that the network is back. It is lost at once when the browser says that there is no network. The server speaks at
 * least each two seconds; silence for longer than [`SILENCE_MS`] counts as lost, because a cut cable closes nothing.
 */

import { Problem, get, renewLine } from './api.js';
import { link, loadLayout, loadLibrary, loadOutputs, loadPlaylists, loadSchedule, takeStatus } from './model.js';
import { report } from './parts/toast.js';
import { may } from './who.js';

/** Two messages have not come. */
const SILENCE_MS = 4500;
const RETRY_MS = [400, 800, 1600, 3000, 5000];

/** @type {WebSocket | null} */
let socket = null;
let attempt = 0;
let retryTimer = 0;
let silenceTimer = 0;
let running = false;
let previewRate = 0;
/** @type {(frame: ArrayBuffer) => void} */
let onFrame = () => {};

/** @param {(frame: ArrayBuffer) => void} listener */
export function onPreview(listener) {
  onFrame = listener;
}

/**
 * Asks for so many preview frames a second; 0 for none. Remembered across reconnections.
 * @param {number} fps
 */
export function wantPreview(fps) {
  if (fps === previewRate) return;
  previewRate = fps;
  sendPreviewRate();
}

export function connect() {
  running = true;
  attempt = 0;
  open();
}

/** Ends the connection for good: the session is over. */
export function disconnect() {
  running = false;
  clearTimeout(retryTimer);
  drop();
}

function open() {
  clearTimeout(retryTimer);
  drop();
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const mine = new WebSocket(`${scheme}://${location.host}/api/events`);
  mine.binaryType = 'arraybuffer';
  socket = mine;
  listenForSilence();
  mine.onopen = () => {
    attempt = 0;
    if (link.value === 'lost') renewLine();
    link.value = 'open';
    sendPreviewRate();
    refetch();
  };
  mine.onmessage = (event) => {
    listenForSilence();
    if (typeof event.data === 'string') receive(event.data);
    else onFrame(event.data);
  };
  mine.onclose = () => lost();
}

function drop() {
  clearTimeout(silenceTimer);
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}

function lost() {
  drop();
  if (!running) return;
  link.value = 'lost';
  // A refused handshake does not say why. If it was the session, this answers 401 and the page signs out.
  get('/api/status').catch(() => {});
  const base = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 5000;
  attempt += 1;
  clearTimeout(retryTimer);
  retryTimer = setTimeout(open, base * (0.8 + 0.4 * Math.random()));
}

function listenForSilence() {
  clearTimeout(silenceTimer);
  silenceTimer = setTimeout(lost, SILENCE_MS);
}

function sendPreviewRate() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ type: 'preview', fps: previewRate }));
}

/** @param {string} text */
function receive(text) {
  const message = JSON.parse(text);
  if (message.type === 'status') takeStatus(message.status);
  else if (message.type === 'library') fetching(may('operator') && loadLibrary());
  else if (message.type === 'playlists') fetching(may('operator') && loadPlaylists());
  else if (message.type === 'schedule') fetching(may('operator') && loadSchedule());
  else if (message.type === 'layout') fetching(Promise.all([loadLayout(), loadOutputs()]));
}

/** Everything that may have changed while nobody was listening. */
function refetch() {
  const played = may('operator') ? [loadLibrary(), loadPlaylists(), loadSchedule()] : [];
  fetching(Promise.all([...played, loadOutputs(), loadLayout()]));
}

/** @param {Promise<unknown> | false} work */
function fetching(work) {
  if (!work) return;
  work.catch((error) => {
    // Without an answer the connection is lost too, and says so by itself.
    if (!(error instanceof Problem) || (error.status !== 0 && error.status !== 401)) report(error);
  });
}

addEventListener('offline', () => running && lost());
addEventListener('online', () => running && link.value === 'lost' && open());
addEventListener('visibilitychange', () => {
  if (!document.hidden && running && link.value === 'lost') open();
});

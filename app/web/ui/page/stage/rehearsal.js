/** Texts and effects as the server draws them for the present wall, before they are on it. */

/** @import { Content } from '../types.js' */
import { fromServer } from '../words.js';

const HEADER_BYTES = 8;

/**
 * @typedef {object} Listener
 * @property {(frame: Uint8Array) => void} frame r, g, b per LED in linear light
 * @property {() => void} paused it was shown for long enough: asked for once more, it goes on
 * @property {(detail: string) => void} problem it cannot be drawn
 */

/** Asks for one thing after the other; a connection that is lost is opened again for the next. */
export class Rehearsal {
  /** @type {WebSocket | null} */
  #socket = null;
  #listener;
  #asked = '';
  /** Frames that were on their way when something else was asked for are of what was before. */
  #isReady = false;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** @param {Content} content @param {number} fps */
  show(content, fps) {
    this.#asked = JSON.stringify({ content, fps });
    this.#isReady = false;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(this.#asked);
    else if (!this.#socket) this.#open();
  }

  close() {
    if (this.#socket) this.#socket.onclose = null;
    this.#socket?.close();
    this.#socket = null;
  }

  #open() {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/preview`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(this.#asked);
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = () => {
      this.#socket = null;
      this.#listener.paused();
    };
    this.#socket = socket;
  }

  /** @param {string | ArrayBuffer} data */
  #hear(data) {
    if (typeof data !== 'string') {
      if (this.#isReady && data.byteLength > HEADER_BYTES) this.#listener.frame(new Uint8Array(data, HEADER_BYTES));
      return;
    }
    const event = JSON.parse(data);
    if (event.type === 'ready') this.#isReady = true;
    else if (event.type === 'paused') this.#listener.paused();
    else if (event.type === 'problem') this.#listener.problem(fromServer(event.detail));
  }
}

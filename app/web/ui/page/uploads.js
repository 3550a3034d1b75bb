/** Choosing files, by picker or by dropping them anywhere on the page, and the list of uploads under way. */

import { byId, el, setText } from './dom.js';
import { size, span } from './format.js';
import { icon } from './icons.js';
import { loadLibrary } from './model.js';
import { report, say } from './toast.js';
import { upload } from './tus.js';
import { may } from './who.js';

/** Speed is taken over this long. */
const SPEED_WINDOW_MS = 4000;

const picker = byId('upload-picker', HTMLInputElement);
const choose = byId('upload', HTMLButtonElement);
const list = byId('uploads', HTMLElement);
const veil = byId('drop-veil', HTMLElement);

/** @type {Upload[]} */
const queue = [];
let busy = false;

export function startUploads() {
  choose.addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => {
    enqueue([...(picker.files ?? [])]);
    picker.value = '';
  });
  acceptDrops();
  addEventListener('beforeunload', (event) => {
    if (busy) event.preventDefault();
  });
}

function acceptDrops() {
  // Entering a child leaves its parent: only the balance tells whether the pointer is still over the page.
  let depth = 0;
  /** @param {DragEvent} event */
  const carriesFiles = (event) => may('operator') && (event.dataTransfer?.types.includes('Files') ?? false);
  const end = () => {
    depth = 0;
    veil.hidden = true;
  };
  addEventListener('dragenter', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth += 1;
    veil.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (!carriesFiles(event)) return;
    depth -= 1;
    if (depth <= 0) end();
  });
  addEventListener('dragover', (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    end();
    enqueue([...(event.dataTransfer?.files ?? [])]);
  });
}

/** @param {File[]} files */
export function enqueue(files) {
  for (const file of files) {
    if (file.size === 0) {
      report(`“${file.name}” is empty.`);
      continue;
    }
    const one = new Upload(file);
    queue.push(one);
    list.append(one.row);
  }
  list.hidden = list.children.length === 0;
  work();
}

/** One after the other: two at once would only share the same line. */
async function work() {
  if (busy) return;
  busy = true;
  for (let one = queue.shift(); one; one = queue.shift()) await one.run();
  busy = false;
}

/** An upload and its row. */
class Upload {
  #abort = new AbortController();
  /** @type {{at: number, sent: number}[]} */
  #samples = [];

  /** @param {File} file */
  constructor(file) {
    this.file = file;
    this.note = el('span', { class: 'upload-note' }, `${size(file.size)} · waiting`);
    this.bar = el('progress', { max: 1, value: 0, 'aria-label': `Upload of ${file.name}` });
    this.cancel = el('button', { type: 'button', class: 'button-icon small', 'aria-label': `Cancel the upload of ${file.name}` }, icon('close'));
    this.cancel.addEventListener('click', () => this.#end());
    this.row = el('li', { class: 'upload' }, el('span', { class: 'upload-name', title: file.name }, file.name), this.cancel, this.bar, this.note);
  }

  async run() {
    if (this.#abort.signal.aborted) return;
    try {
      setText(this.note, 'Starting');
      await upload(this.file, { progress: (sent) => this.#progress(sent), waiting: (problem) => this.#waiting(problem) }, this.#abort.signal);
      this.#remove();
      say(`“${this.file.name}” is in the library.`);
      await loadLibrary();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {number} sent */
  #progress(sent) {
    const now = performance.now();
    this.#samples.push({ at: now, sent });
    while ((this.#samples[0]?.at ?? now) < now - SPEED_WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    const rate = first && now > first.at ? ((sent - first.sent) / (now - first.at)) * 1000 : 0;
    const share = Math.min(1, sent / this.file.size);
    this.bar.value = share;
    const left = rate > 0 && share < 1 ? ` · ${span((this.file.size - sent) / rate)} left` : '';
    const speed = rate > 0 ? ` · ${size(Math.round(rate))}/s${left}` : '';
    setText(this.note, share < 1 ? `${Math.floor(share * 100)} % of ${size(this.file.size)}${speed}` : 'Being checked');
  }

  /** @param {Error | null} problem */
  #waiting(problem) {
    this.row.classList.toggle('is-waiting', problem !== null);
    if (!problem) return;
    this.#samples = [];
    setText(this.note, `Interrupted at ${Math.floor(this.bar.value * 100)} %. It goes on when the server answers.`);
  }

  /** @param {string} message */
  #fail(message) {
    this.row.classList.add('is-failed');
    this.bar.remove();
    this.note.setAttribute('role', 'alert');
    setText(this.note, message);
    this.cancel.setAttribute('aria-label', 'Dismiss');
    const retry = el('button', { type: 'button', class: 'button small' }, 'Try again');
    retry.addEventListener('click', () => {
      this.#remove();
      enqueue([this.file]);
    });
    this.row.append(retry);
  }

  #end() {
    this.#abort.abort(new DOMException('cancelled', 'AbortError'));
    this.#remove();
  }

  #remove() {
    this.row.remove();
    list.hidden = list.children.length === 0;
  }
}

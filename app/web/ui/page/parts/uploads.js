/**
 * Uploads: choosing files by picker or camera, and the list of those under way. The list lives as long as the page,
 * whichever view shows it. What a reload cut off waits in it for the same file to be chosen again.
 */

import { el, setText } from '../dom.js';
import { percent, size, span } from '../format.js';
import { icon } from '../icons.js';
import { loadLibrary } from '../model.js';
import { addressOf } from '../router.js';
import { GIVEN_UP, PAUSED, forgetUnfinished, unfinished, upload } from '../tus.js';
import { t } from '../words.js';
import { confirm } from './dialog.js';
import { report, say } from './toast.js';

/** Speed is taken over this long. */
const SPEED_WINDOW_MS = 4000;
const KINDS = 'image/*,video/*,.mkv,.avi,.m4v,.mov,.apng';

const list = el('ul', { class: 'uploads', hidden: true, 'aria-label': t('uploads') });
/** @type {Upload[]} */
const queue = [];
let busy = false;

addEventListener('beforeunload', (event) => {
  if (busy) event.preventDefault();
});

/** The list, with what was left over of earlier visits. */
export function uploadsList() {
  for (const one of unfinished()) {
    if (![...list.children].some((row) => /** @type {HTMLElement} */ (row).dataset.key === one.key)) list.append(leftOver(one));
  }
  list.hidden = list.children.length === 0;
  return list;
}

/** A button that lets files be chosen. @param {boolean} camera takes a picture instead */
export function uploadButton(camera = false) {
  const picker = el('input', { type: 'file', multiple: !camera, accept: camera ? 'image/*,video/*' : KINDS, capture: camera ? 'environment' : null, id: camera ? 'camera-picker' : 'upload-picker', tabindex: '-1', 'aria-hidden': 'true', hidden: true });
  picker.addEventListener('change', () => {
    enqueue([...(picker.files ?? [])]);
    picker.value = '';
  });
  const words = camera ? t('uploads.camera') : t('uploads.choose');
  const button = el('button', { type: 'button', class: camera ? 'button camera' : 'button button-main', id: camera ? 'camera' : 'upload', onclick: () => picker.click() }, icon(camera ? 'camera' : 'upload'), words);
  return [button, picker];
}

/** Takes files, and shows how far they are. @param {File[]} files */
export function enqueue(files) {
  for (const file of files) {
    if (file.size === 0) {
      report(new Error(t('uploads.is-empty', { name: file.name })));
      continue;
    }
    const one = new Upload(file);
    for (const row of [...list.children]) if (/** @type {HTMLElement} */ (row).dataset.key === one.key) row.remove();
    queue.push(one);
    list.append(one.row);
  }
  list.hidden = list.children.length === 0;
  if (list.children.length) location.hash = addressOf('library');
  work();
}

/** One after the other: two at once would only share the same line. */
async function work() {
  if (busy) return;
  busy = true;
  for (let one = queue.shift(); one; one = queue.shift()) await one.run();
  busy = false;
}

/** What a reload has cut off. @param {{key: string, name: string, size: number}} of */
function leftOver({ key, name, size: bytes }) {
  const picker = el('input', { type: 'file', hidden: true, tabindex: '-1', 'aria-hidden': 'true' });
  const note = el('span', { class: 'upload-note' }, t('uploads.left-over', { size: size(bytes) }));
  const give = el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('uploads.cancel', { name }) }, icon('close'));
  const choose = el('button', { type: 'button', class: 'button small', onclick: () => picker.click() }, t('uploads.choose-again'));
  const row = el('li', { class: 'upload is-waiting', 'data-key': key }, el('span', { class: 'upload-name', title: name }, name), give, note, choose, picker);
  give.addEventListener('click', () =>
    askToDiscard(name, () => {
      forgetUnfinished(key);
      row.remove();
      list.hidden = list.children.length === 0;
    }),
  );
  picker.addEventListener('change', () => {
    const file = picker.files?.[0];
    if (file && new Upload(file).key !== key) setText(note, t('uploads.another-file', { name }));
    else if (file) enqueue([file]);
  });
  return row;
}

/** What has arrived of a file cannot be had back. @param {string} name @param {() => void} discard */
const askToDiscard = (name, discard) =>
  confirm({ title: t('uploads.discard'), action: t('uploads.discard'), danger: true }, t('uploads.discard-ask', { name }), async () => discard());

/** An upload and its row. */
class Upload {
  #abort = new AbortController();
  /** @type {{at: number, sent: number}[]} */
  #samples = [];

  /** @param {File} file */
  constructor(file) {
    this.file = file;
    this.key = `${file.name}:${file.size}:${file.lastModified}`;
    this.note = el('span', { class: 'upload-note' }, t('uploads.waiting', { size: size(file.size) }));
    this.bar = el('progress', { max: 1, value: 0, 'aria-label': t('uploads.of', { name: file.name }) });
    this.hold = el('button', { type: 'button', class: 'button-icon small', onclick: () => this.#holdOrGo() });
    this.cancel = el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('uploads.cancel', { name: file.name }), onclick: () => this.#askToEnd() }, icon('close'));
    this.row = el('li', { class: 'upload', 'data-key': this.key }, el('span', { class: 'upload-name', title: file.name }, file.name), el('span', { class: 'upload-buttons' }, this.hold, this.cancel), this.bar, this.note);
    this.#showHold(false);
  }

  async run() {
    if (this.#abort.signal.aborted) return;
    try {
      setText(this.note, t('uploads.starting'));
      await upload(this.file, { progress: (sent) => this.#progress(sent), waiting: (problem) => this.#waiting(problem) }, this.#abort.signal);
      this.#remove();
      say(t('uploads.done', { name: this.file.name }));
      await loadLibrary();
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {boolean} held */
  #showHold(held) {
    const words = t(held ? 'uploads.go-on' : 'uploads.pause', { name: this.file.name });
    this.hold.replaceChildren(icon(held ? 'play' : 'pause'));
    this.hold.setAttribute('aria-label', words);
    this.hold.title = words;
  }

  #holdOrGo() {
    const held = this.#abort.signal.aborted;
    this.#showHold(!held);
    this.#samples = [];
    if (held) {
      this.#abort = new AbortController();
      setText(this.note, t('uploads.waiting', { size: size(this.file.size) }));
      queue.push(this);
      work();
    } else {
      this.#abort.abort(PAUSED);
      if (queue.includes(this)) queue.splice(queue.indexOf(this), 1);
      setText(this.note, t('uploads.paused', { share: percent(this.bar.value) }));
    }
  }

  /** @param {number} sent */
  #progress(sent) {
    if (this.#abort.signal.aborted) return;
    const now = performance.now();
    this.#samples.push({ at: now, sent });
    while ((this.#samples[0]?.at ?? now) < now - SPEED_WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    const rate = first && now > first.at ? ((sent - first.sent) / (now - first.at)) * 1000 : 0;
    const share = Math.min(1, sent / this.file.size);
    this.bar.value = share;
    const facts = [t('uploads.share', { share: percent(share), size: size(this.file.size) })];
    if (rate > 0) facts.push(`${size(Math.round(rate))}/s`);
    if (rate > 0) facts.push(t('uploads.left', { span: span((this.file.size - sent) / rate) }));
    setText(this.note, share < 1 ? facts.join(' · ') : t('uploads.checking'));
  }

  /** @param {Error | null} problem */
  #waiting(problem) {
    this.row.classList.toggle('is-waiting', problem !== null);
    if (!problem) return;
    this.#samples = [];
    setText(this.note, t('uploads.cut', { share: percent(this.bar.value) }));
  }

  /** @param {string} message */
  #fail(message) {
    this.row.classList.add('is-failed');
    this.bar.remove();
    this.hold.remove();
    this.note.setAttribute('role', 'alert');
    setText(this.note, message);
    this.cancel.setAttribute('aria-label', t('dismiss'));
    const retry = () => {
      this.#remove();
      enqueue([this.file]);
    };
    this.row.append(el('button', { type: 'button', class: 'button small', onclick: retry }, t('uploads.again')));
  }

  #askToEnd() {
    if (this.bar.isConnected && this.bar.value > 0) askToDiscard(this.file.name, () => this.row.isConnected && this.#end());
    else this.#end();
  }

  #end() {
    if (this.#abort.signal.aborted) forgetUnfinished(this.key);
    this.#abort.abort(GIVEN_UP);
    this.#remove();
  }

  #remove() {
    this.row.remove();
    list.hidden = list.children.length === 0;
  }
}

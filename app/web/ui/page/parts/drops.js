/** Files that are dropped or pasted anywhere on the page are taken into the library. */

import { el } from '../dom.js';
import { icon } from '../icons.js';
import { may } from '../who.js';
import { locale, t } from '../words.js';
import { report } from './toast.js';

const veil = el('div', { class: 'veil', hidden: true });

export function startDrops() {
  veil.append(el('p', {}, icon('upload'), t('uploads.drop')));
  document.body.append(veil);
  acceptDrops();
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !may('operator') || /** @type {Element} */ (event.target).closest('dialog')) return;
    event.preventDefault();
    take(files.map(named));
  });
}

/** @param {File[]} files */
function take(files) {
  import('./uploads.js').then(({ enqueue }) => enqueue(files)).catch(report);
}

/** What is pasted is called “image”, whatever it is. @param {File} file */
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const time = new Date().toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'medium' });
  return new File([file], `${t('uploads.pasted', { time })}.${file.name.split('.').pop()}`, { type: file.type, lastModified: file.lastModified });
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
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

/** The bundle that is being uploaded from this page, while it is: it goes on whichever view is shown. */

import { chooseFile } from '../parts/form.js';
import { report } from '../parts/toast.js';
import { Signal } from '../signal.js';
import { GIVEN_UP, upload } from '../tus.js';
import { PATH } from './update-dialogs.js';

/** @typedef {{sent: number, of: number, waits: boolean, stop: () => void}} Sending */

export const sending = new Signal(/** @type {Sending | null} */ (null));

addEventListener('beforeunload', (event) => {
  if (sending.value) event.preventDefault();
});

/** Lets a bundle be chosen, and sends it. The same one chosen again goes on where a reload has cut it off. */
export async function sendBundle() {
  const file = await chooseFile('.raucb');
  if (!file) return;
  const abort = new AbortController();
  /** @type {Sending} */
  const own = { sent: 0, of: file.size, waits: false, stop: () => abort.abort(GIVEN_UP) };
  /** @param {Partial<Sending>} change */
  const tell = (change) => {
    if (!abort.signal.aborted) sending.value = Object.assign(own, change);
  };
  tell({});
  const listener = { progress: (/** @type {number} */ sent) => tell({ sent }), waiting: (/** @type {Error | null} */ problem) => tell({ waits: problem !== null }) };
  upload(file, listener, abort.signal, `${PATH}/uploads`)
    .catch((error) => abort.signal.aborted || report(error))
    .finally(() => {
      if (sending.value === own) sending.value = null;
    });
}

/** Starts the page: its words, its frame, and the session; then what the address asks for. */

import { connect, disconnect } from './live.js';
import { loadCatalogues } from './model.js';
import { leaveEntrance, showEntrance } from './parts/entrance.js';
import { startPower } from './parts/power.js';
import { report } from './parts/toast.js';
import { startUploads } from './parts/uploads.js';
import { leave, show } from './router.js';
import { startSession } from './session.js';
import { drawShell, showShell } from './shell.js';
import { may } from './who.js';
import { loadWords } from './words.js';

await loadWords();
drawShell();
startPower();
startUploads();

await startSession({
  signedIn: () => {
    leaveEntrance();
    showShell(true);
    connect();
    if (may('operator')) loadCatalogues().catch(report);
    show().catch(report);
  },
  signedOut: async (message) => {
    disconnect();
    leave();
    showShell(false);
    await showEntrance(message);
  },
});
document.body.classList.remove('is-starting');

// What was loaded is kept, so that the page can say that the machine is away. Only over HTTPS, or on the machine itself.
if ('serviceWorker' in navigator) navigator.serviceWorker.register('worker.js').then(keepShell, () => {});

/** Hands the worker what this page was made of: it was not there yet to see it. @param {ServiceWorkerRegistration} registration */
function keepShell({ active, installing, waiting }) {
  const files = performance.getEntriesByType('resource').map((one) => one.name).filter((name) => !name.includes('/api/'));
  (active ?? waiting ?? installing)?.postMessage({ type: 'keep', files: [location.origin + location.pathname, ...files] });
}

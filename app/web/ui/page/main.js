/** Starts the page: its words, its frame, and the session; then what the address asks for. */

import { byId } from './dom.js';
import { connect, disconnect } from './live.js';
import { startDrops } from './parts/drops.js';
import { showEntrance } from './parts/entrance.js';
import { startPower } from './parts/power.js';
import { report } from './parts/toast.js';
import { fetchAhead, leave, show } from './router.js';
import { startSession } from './session.js';
import { drawShell, showShell } from './shell.js';
import { loaded } from './words.js';

/** From then on what was asked for first is there. */
const SETTLED_MS = 2000;
/** From then on after the sign-in nothing else is asked for. */
const AT_REST_MS = 4000;

const entrance = byId('entrance', HTMLElement);

await loaded;
drawShell();
startPower();
startDrops();

await startSession({
  signedIn: () => {
    entrance.hidden = true;
    entrance.replaceChildren();
    showShell(true);
    connect();
    show().catch(report);
    setTimeout(fetchAhead, AT_REST_MS);
  },
  signedOut: async (message) => {
    disconnect();
    leave();
    showShell(false);
    await showEntrance(message);
  },
});
document.body.classList.remove('is-starting');

// What was loaded is kept, so that the page can say that the machine is away. Only over HTTPS, or on the machine itself. It is
// all fetched once more for it: not in the way of what somebody waits for.
if ('serviceWorker' in navigator) setTimeout(() => navigator.serviceWorker.register('worker.js').then(keepShell, () => {}), SETTLED_MS);

/** Hands the worker what this page was made of: it was not there yet to see it. @param {ServiceWorkerRegistration} registration */
function keepShell({ active, installing, waiting }) {
  const files = performance.getEntriesByType('resource').map((one) => one.name).filter((name) => !name.includes('/api/'));
  (active ?? waiting ?? installing)?.postMessage({ type: 'keep', files: [location.origin + location.pathname, ...files] });
}

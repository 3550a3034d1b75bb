/**
 * The service worker: keeps the files of the page, so that it opens while the machine is away and can say so. What
 * the machine answers always comes first; the API is never kept.
 */

const KEPT = 'page';
/** How long an answer is waited for where there is a copy. */
const PATIENCE_MS = 3000;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

/** @param {string} address */
const isOurs = (address) => {
  const { origin, pathname } = new URL(address);
  return origin === location.origin && !pathname.startsWith('/api/');
};

worker.addEventListener('message', (event) => {
  if (event.data?.type !== 'keep') return;
  /** @type {Set<string>} */
  const files = new Set(event.data.files.filter(isOurs));
  // One that cannot be had is no reason to keep none.
  event.waitUntil(caches.open(KEPT).then((cache) => Promise.allSettled([...files].map((file) => cache.add(file)))));
});

worker.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET' && isOurs(event.request.url)) event.respondWith(answer(event.request));
});

/** @param {Request} request */
async function answer(request) {
  const cache = await caches.open(KEPT);
  const known = await cache.match(request, { ignoreSearch: true });
  const patience = known ? AbortSignal.timeout(PATIENCE_MS) : undefined;
  try {
    const fresh = await fetch(request, { signal: patience });
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

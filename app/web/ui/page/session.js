/**
 * Signing in and out, and keeping the session while the page is open. A sign-in link carries a one-time code in
 * the address's fragment, which never reaches a log; it is posted and taken out of the address bar at once.
 */

/** @import { Session } from './types.js' */
import { Problem, get, onSignedOut, post, put, remove } from './api.js';
import { el } from './dom.js';
import { connect, disconnect } from './live.js';
import { openDialog } from './parts/dialog.js';
import { copyLine, field } from './parts/form.js';
import { say } from './parts/toast.js';
import { session } from './who.js';
import { t } from './words.js';

/** Asking renews the session: three times in its life, so that one failure loses nothing. */
const ASK_EACH = 3;
const ASK_AGAIN_MS = 2000;
let renewal = 0;

/** @type {{signedIn: () => void, signedOut: (message?: string) => Promise<void>}} */
let tell = { signedIn: () => {}, signedOut: async () => {} };

/** @param {typeof tell} listeners */
export async function startSession(listeners) {
  tell = listeners;
  onSignedOut(() => session.value && end());
  // A machine that slept has missed its time.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && session.value) renew();
  });
  addEventListener('hashchange', () => {
    const code = codeIn(location.hash);
    if (code) useCode(code);
  });
  const code = codeIn(location.hash);
  if (code) await useCode(code);
  else await resume();
}

/** Somebody has just signed in. @param {Session} now */
export function begin(now) {
  take(now);
  tell.signedIn();
}

/** @param {string} [message] */
async function end(message) {
  clearTimeout(renewal);
  session.value = null;
  // Whoever is next may be allowed less: nothing of this one's stays open.
  for (const dialog of document.querySelectorAll('dialog[open]')) /** @type {HTMLDialogElement} */ (dialog).close();
  await tell.signedOut(message);
}

/** @param {Session} now */
function take(now) {
  session.value = now;
  clearTimeout(renewal);
  const life = now.expires_in_seconds ?? null;
  if (life !== null) renewal = setTimeout(renew, (life * 1000) / ASK_EACH);
}

async function renew() {
  try {
    take(await get('/api/session'));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) end();
    else renewal = setTimeout(renew, 30_000);
  }
}

/**
 * Goes on with the session this browser has; asks who it is where it has none, and waits where nobody answers.
 * @param {boolean} [isWaiting] whether that is said already
 */
async function resume(isWaiting = false) {
  try {
    /** @type {Session} */
    const now = await get('/api/session');
    // Somebody may have come in meanwhile.
    if (!session.value) begin(now);
  } catch (error) {
    if (session.value) return;
    if (error instanceof Problem && error.status === 401) return end();
    // What is being typed there stays.
    if (!isWaiting) await end(t('entrance.away'));
    setTimeout(resume, ASK_AGAIN_MS, true);
  }
}

/** @param {string} code */
async function useCode(code) {
  history.replaceState(null, '', location.pathname);
  try {
    begin(await post('/api/session', { code }));
  } catch (error) {
    // A used link opened again in a browser that is signed in already is no reason to ask.
    const now = await get('/api/session').catch(() => null);
    if (now) begin(/** @type {Session} */ (now));
    else await end(error instanceof Error ? error.message : String(error));
  }
}

/** The code of a sign-in link, pasted whole or only its end. @param {string} text */
export function codeIn(text) {
  return /#code=([^&\s]+)/.exec(text)?.[1] ?? null;
}

export async function signOut() {
  await remove('/api/session');
  location.reload();
}

/** Makes a one-time link for another device and shows it. */
export async function bringDevice() {
  /** @type {{path: string}} */
  const { path } = await post('/api/session/links');
  const address = new URL(path, location.origin).href;
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
  await openDialog({ title: t('device.title') }, [
    el('p', {}, t('device.how')),
    copyLine(address),
    local ? el('p', { class: 'note' }, t('device.local', { host: location.hostname })) : null,
  ]);
}

export async function changePassword() {
  const old = el('input', { type: 'password', required: true, maxlength: 1024, autocomplete: 'current-password' });
  const next = el('input', { type: 'password', required: true, minlength: 10, maxlength: 1024, autocomplete: 'new-password' });
  const done = await openDialog(
    { title: t('password.change'), action: t('password.change') },
    [field(t('password.present'), old), field(t('password.new'), next, t('password.new-note'))],
    async () => {
      // The old session ends before the answer with the new one is here: nothing may ask meanwhile, or it
      // would seem that this one is over.
      disconnect();
      try {
        session.value = await put('/api/session/password', { old: old.value, new: next.value });
      } finally {
        if (session.value) connect();
      }
    },
  );
  if (done) say(t('password.changed'));
}

/**
 * Signing in and out, and keeping the session while the page is open. A sign-in link carries a one-time code in
 * the address's fragment, which never reaches a log; it is posted and taken out of the address bar at once.
 */

/** @import { Session } from './types.js' */
import { Problem, get, onSignedOut, post, put, remove } from './api.js';
import { field, openDialog } from './dialog.js';
import { byId, el } from './dom.js';
import { connect, disconnect } from './live.js';
import { say } from './toast.js';
import { session } from './who.js';

const view = byId('sign-in', HTMLElement);
const app = byId('app', HTMLElement);
const title = byId('sign-in-title', HTMLElement);
const signInForm = byId('sign-in-form', HTMLFormElement);
const claimForm = byId('claim-form', HTMLFormElement);
const linkForm = byId('link-form', HTMLFormElement);
const other = byId('sign-in-other', HTMLDetailsElement);
const name = byId('sign-in-name', HTMLInputElement);
const password = byId('sign-in-password', HTMLInputElement);
const claimCode = byId('claim-code', HTMLInputElement);
const claimName = byId('claim-name', HTMLInputElement);
const claimPassword = byId('claim-password', HTMLInputElement);
const linkText = byId('sign-in-link', HTMLInputElement);
const problem = byId('sign-in-problem', HTMLElement);

/** Asking renews the session: three times in its life, so that one failure loses nothing. */
const ASK_EACH = 3;
let renewal = 0;

/**
 * @param {{signedIn: () => void, signedOut: () => void}} listeners
 */
export async function startSession(listeners) {
  /** @param {Session} now */
  const enter = (now) => {
    view.hidden = true;
    app.hidden = false;
    document.body.classList.remove('is-starting');
    for (const input of [password, claimPassword, claimCode, linkText]) input.value = '';
    take(now);
    listeners.signedIn();
  };
  const leave = async (message = '') => {
    clearTimeout(renewal);
    listeners.signedOut();
    session.value = null;
    // Whoever is next may be allowed less: nothing of this one's stays open.
    for (const dialog of document.querySelectorAll('dialog[open]')) /** @type {HTMLDialogElement} */ (dialog).close();
    await chooseForm();
    app.hidden = true;
    view.hidden = false;
    document.body.classList.remove('is-starting');
    complain(message);
    (claimForm.hidden ? name : claimCode).focus();
  };
  onSignedOut(leave);

  /** @param {Session} now */
  const take = (now) => {
    session.value = now;
    clearTimeout(renewal);
    if (now.expires_in_seconds !== null) renewal = setTimeout(renew, (now.expires_in_seconds * 1000) / ASK_EACH);
  };
  const renew = async () => {
    try {
      take(await get('/api/session'));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) leave();
      else renewal = setTimeout(renew, 30_000);
    }
  };
  // A machine that slept has missed its time.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && session.value) renew();
  });

  /** @param {string} code */
  const useCode = async (code) => {
    history.replaceState(null, '', location.pathname);
    try {
      enter(await post('/api/session', { code }));
    } catch (error) {
      // A used link opened again in a browser that is signed in already is no reason to ask.
      const now = await current();
      if (now) enter(now);
      else await leave(error instanceof Error ? error.message : String(error));
    }
  };

  answer(signInForm, password, async () => enter(await post('/api/session', { name: name.value.trim(), password: password.value })));
  answer(claimForm, claimCode, async () => enter(await post('/api/claim', { code: claimCode.value, name: claimName.value.trim(), password: claimPassword.value })));
  answer(linkForm, linkText, async () => {
    const text = linkText.value.trim();
    enter(await post('/api/session', { code: codeIn(text) ?? text }));
  });
  addEventListener('hashchange', () => {
    const code = codeIn(location.hash);
    if (code) useCode(code);
  });

  const code = codeIn(location.hash);
  if (code) return useCode(code);
  const now = await current();
  if (now) enter(now);
  else await leave();
}

/** Before there is an account, asks for the claim code instead. */
async function chooseForm() {
  let claimed = true;
  try {
    claimed = /** @type {{claimed: boolean}} */ (await get('/api/claim')).claimed;
  } catch {
    // Unreachable: the sign-in form will say so.
  }
  claimForm.hidden = claimed;
  signInForm.hidden = !claimed;
  title.textContent = claimed ? 'Prismatron' : 'Welcome';
}

/** @param {string} message */
function complain(message) {
  problem.textContent = message;
  problem.hidden = !message;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement} doubtful what to type again where it is refused
 * @param {() => Promise<void>} work
 */
function answer(form, doubtful, work) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    complain('');
    if (button) button.disabled = true;
    try {
      await work();
      other.open = false;
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error));
      // Somebody else was quicker with the claim code.
      if (form === claimForm && error instanceof Problem && error.status === 409) await chooseForm();
      else doubtful.select();
    } finally {
      if (button) button.disabled = false;
    }
  });
}

/** The code of a sign-in link, pasted whole or only its end. @param {string} text */
function codeIn(text) {
  return /#code=([^&\s]+)/.exec(text)?.[1] ?? null;
}

/** @returns {Promise<Session | null>} */
async function current() {
  try {
    return await get('/api/session');
  } catch {
    return null;
  }
}

export async function signOut() {
  await remove('/api/session');
  location.reload();
}

/** Makes a one-time link for another device and shows it. */
export async function bringDevice() {
  /** @type {{path: string}} */
  const { path } = await post('/api/session/links');
  const address = new URL(path, location.href).href;
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
  await openDialog({ title: 'Sign in another device' }, [
    el('p', {}, 'Open this link on the other device. It works once, for 15 minutes.'),
    copyLine(address),
    local ? el('p', { class: 'note' }, 'This page was opened on the machine itself. Another device needs the machine’s network address in place of “', location.hostname, '”, and Prismatron must listen there (--listen).') : null,
  ]);
}

/** A text to be copied, with a button for it. @param {string} text */
export function copyLine(text) {
  const shown = el('input', { type: 'text', readonly: true, value: text, class: 'mono' });
  shown.addEventListener('focus', () => shown.select());
  const copy = el('button', { type: 'button', class: 'button' }, 'Copy');
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      say('Copied.');
    } catch {
      // Without HTTPS browsers have no clipboard for pages: the person copies the selection.
      shown.focus();
    }
  });
  return el('div', { class: 'copy-line' }, shown, copy);
}

export async function changePassword() {
  const old = el('input', { type: 'password', required: true, maxlength: 1024, autocomplete: 'current-password' });
  const next = el('input', { type: 'password', required: true, minlength: 10, maxlength: 1024, autocomplete: 'new-password' });
  const done = await openDialog(
    { title: 'Change password', action: 'Change password' },
    [field('Present password', old), field('New password', next, 'At least 10 characters. Other devices are signed out.')],
    async () => {
      // The old session ends before the answer with the new one is here: nothing may ask meanwhile, or it
      // would seem that this one is over.
      disconnect();
      try {
        session.value = await put('/api/session/password', { old: old.value, new: next.value });
      } finally {
        connect();
      }
    },
  );
  if (done) say('The password is changed.');
}

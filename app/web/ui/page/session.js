/**
 * Signing in and out. A link printed by the terminal carries a one-time code in the address's fragment, which
 * never reaches a log; it is posted and taken out of the address bar at once.
 */

import { get, onSignedOut, post, put, remove } from './api.js';
import { field, openDialog } from './dialog.js';
import { byId, el } from './dom.js';
import { say } from './toast.js';

const view = byId('sign-in', HTMLElement);
const app = byId('app', HTMLElement);
const form = byId('sign-in-form', HTMLFormElement);
const secret = byId('sign-in-secret', HTMLInputElement);
const problem = byId('sign-in-problem', HTMLElement);

/**
 * @param {{signedIn: () => void, signedOut: () => void}} listeners
 */
export async function startSession(listeners) {
  const enter = () => {
    view.hidden = true;
    app.hidden = false;
    document.body.classList.remove('is-starting');
    listeners.signedIn();
  };
  /** @param {string} [message] */
  const leave = (message = '') => {
    listeners.signedOut();
    app.hidden = true;
    view.hidden = false;
    document.body.classList.remove('is-starting');
    problem.textContent = message;
    problem.hidden = !message;
    secret.focus();
  };
  onSignedOut(() => leave());

  /** @param {string} code */
  const useCode = async (code) => {
    history.replaceState(null, '', location.pathname);
    try {
      await post('/api/session', { code });
      enter();
    } catch (error) {
      // A used link opened again in a browser that is signed in already is no reason to ask.
      if (await signedIn()) enter();
      else leave(error instanceof Error ? error.message : String(error));
    }
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = secret.value.trim();
    if (!text) return;
    problem.hidden = true;
    try {
      const code = codeIn(text);
      await post('/api/session', code ? { code } : { password: secret.value });
      secret.value = '';
      enter();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
      secret.select();
    }
  });
  addEventListener('hashchange', () => {
    const code = codeIn(location.hash);
    if (code) useCode(code);
  });

  const code = codeIn(location.hash);
  if (code) await useCode(code);
  else if (await signedIn()) enter();
  else leave();
}

/** The code of a sign-in link, pasted whole or only its end. @param {string} text */
function codeIn(text) {
  return /#code=([^&\s]+)/.exec(text)?.[1] ?? null;
}

async function signedIn() {
  try {
    await get('/api/session');
    return true;
  } catch {
    return false;
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
  const shown = el('input', { type: 'text', readonly: true, value: address, class: 'mono' });
  shown.addEventListener('focus', () => shown.select());
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
  const copy = el('button', { type: 'button', class: 'button' }, 'Copy');
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(address);
      say('Copied.');
    } catch {
      // Without HTTPS browsers have no clipboard for pages: the person copies the selection.
      shown.focus();
    }
  });
  await openDialog({ title: 'Sign in another device' }, [
    el('p', {}, 'Open this link on the other device. It works once.'),
    el('div', { class: 'copy-line' }, shown, copy),
    local ? el('p', { class: 'note' }, 'This page was opened on the machine itself. Another device needs the machine’s network address in place of “', location.hostname, '”, and Prismatron must listen there (--listen).') : null,
  ]);
}

export async function setPassword() {
  const input = el('input', { type: 'password', required: true, minlength: 10, autocomplete: 'new-password' });
  const done = await openDialog(
    { title: 'Set a password', action: 'Set password' },
    [field('New password', input, 'At least 10 characters. It is asked for where no sign-in link is at hand.')],
    () => put('/api/session/password', { password: input.value }),
  );
  if (done) say('The password is set.');
}

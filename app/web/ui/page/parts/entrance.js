/** The way in: sign in by name and password or by a link; before there is an account, make the first. */

import { Problem, get, post } from '../api.js';
import { byId, el, setText } from '../dom.js';
import { begin, codeIn } from '../session.js';
import { session } from '../who.js';
import { t } from '../words.js';
import { field } from './form.js';

const place = byId('entrance', HTMLElement);

/** @param {string} [message] why it is shown */
export async function showEntrance(message = '') {
  let claimed = true;
  try {
    claimed = /** @type {{claimed: boolean}} */ (await get('/api/claim')).claimed;
  } catch {
    // Nobody answers: `message` says so.
  }
  // Somebody may have come in meanwhile.
  if (!session.value) draw(claimed, message);
}

/** @param {boolean} claimed whether somebody has an account @param {string} message */
function draw(claimed, message) {
  const problem = el('p', { class: 'form-problem', id: 'sign-in-problem', role: 'alert', hidden: !message }, message);
  /** @param {string} words */
  const complain = (words) => {
    setText(problem, words);
    problem.hidden = !words;
  };
  const form = claimed ? signInForm(complain) : claimForm(complain);
  place.replaceChildren(
    el(
      'div',
      { class: 'entrance-card' },
      el('header', { class: 'entrance-head' }, el('img', { src: 'mark.svg', alt: '', width: 44, height: 44 }), el('h1', {}, claimed ? 'Prismatron' : t('claim.title'))),
      form,
      problem,
      el('details', { class: 'entrance-other' }, el('summary', {}, t('entrance.by-link')), linkForm(complain)),
    ),
  );
  place.hidden = false;
  // Nothing takes the focus before the page is shown, which at its start it is only after this.
  requestAnimationFrame(() => form.querySelector('input')?.focus());
}

/** @typedef {(words: string) => void} Complain */

/** @param {Complain} complain */
function signInForm(complain) {
  const name = el('input', { type: 'text', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 32, required: true });
  const password = el('input', { type: 'password', autocomplete: 'current-password', maxlength: 1024, required: true });
  return entry([field(t('entrance.name'), name), field(t('entrance.password'), password)], t('entrance.sign-in'), complain, password, () =>
    post('/api/session', { name: name.value.trim(), password: password.value }),
  );
}

/** @param {Complain} complain */
function claimForm(complain) {
  const code = el('input', { type: 'text', class: 'code', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', maxlength: 24, placeholder: 'XXXXX-XXXXX', required: true });
  const name = el('input', { type: 'text', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 32, required: true });
  const password = el('input', { type: 'password', autocomplete: 'new-password', minlength: 10, maxlength: 1024, required: true });
  return entry(
    [el('p', {}, t('claim.why')), field(t('claim.code'), code, t('claim.code-note')), field(t('claim.name'), name), field(t('entrance.password'), password, t('password.rule'))],
    t('claim.create'),
    complain,
    code,
    async () => {
      const made = await post('/api/claim', { code: code.value, name: name.value.trim(), password: password.value });
      location.hash = '#/welcome';
      return made;
    },
  );
}

/** @param {Complain} complain */
function linkForm(complain) {
  const link = el('input', { type: 'password', autocomplete: 'off', required: true });
  return entry([field(t('entrance.link'), link, t('entrance.link-note'))], t('entrance.use-link'), complain, link, () => {
    const text = link.value.trim();
    return post('/api/session', { code: codeIn(text) ?? text });
  });
}

/**
 * A form that ends in a session.
 * @param {import('../dom.js').Child[]} content @param {string} action @param {Complain} complain
 * @param {HTMLInputElement} doubtful what to type again where it is refused
 * @param {() => Promise<unknown>} work
 */
function entry(content, action, complain, doubtful, work) {
  const submit = el('button', { type: 'submit', class: 'button button-main' }, action);
  const form = el('form', { class: 'entrance-form' }, content, submit);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    complain('');
    submit.disabled = true;
    try {
      begin(/** @type {import('../types.js').Session} */ (await work()));
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      // Somebody else was quicker with the claim code.
      if (error instanceof Problem && error.status === 409) await showEntrance(words);
      else {
        complain(words);
        doubtful.select();
      }
    } finally {
      submit.disabled = false;
    }
  });
  return form;
}

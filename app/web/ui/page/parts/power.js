/**
 * Restart, reboot and power off: confirmed (what takes the machine down twice, the second time by holding the button),
 * counted down with a way to take it back, and then the way back to the page. Whoever asked, every open page shows it
 * and takes no other command meanwhile.
 */

/** @import { SystemAction } from '../types.js' */
import { get, post, remove } from '../api.js';
import { byId, el, setText } from '../dom.js';
import { span } from '../format.js';
import { icon } from '../icons.js';
import { connect } from '../live.js';
import { link, status } from '../model.js';
import { t } from '../words.js';
import { confirm, openDialog } from './dialog.js';
import { report, say } from './toast.js';

const LOOK_MS = 500;
/** How long the button of a second confirmation is held. */
const HOLD_MS = 1500;

const app = byId('app', HTMLElement);
const banner = byId('power', HTMLElement);
const words = el('span', {});
const cancel = el('button', { type: 'button', class: 'button' });

/** What is pending, and when it begins by `performance.now()`. @typedef {{action: SystemAction, due: number, waits: boolean} | null} Pending */

/** @type {Pending} */
let pending = null;
/** When the machine went away, by `performance.now()`. */
let away = 0;
let ticking = 0;
let looking = 0;
/** The version that this page came with. */
let version = '';

export function startPower() {
  cancel.append(t('cancel'));
  banner.append(icon('restart'), words, cancel);
  cancel.addEventListener('click', () => takeBack().catch(report));
  status.follow((now) => {
    if (!now) return;
    // A page of another version may not understand it.
    if (version && now.version !== version) location.reload();
    version = now.version;
    const next = now.system.pending;
    if (away && !next) back();
    take(next ? { action: next.action, due: performance.now() + next.seconds_left * 1000, waits: next.stage === 'waiting' } : null);
  });
  link.follow((now) => {
    clearTimeout(looking);
    if (now === 'lost' && pending) {
      // It may be there for a moment in between.
      away ||= performance.now();
      pending.waits = false;
      clearInterval(ticking);
      ticking = setInterval(show, 1000);
      show();
      lookForIt();
    }
  });
}

/** Asks as often as it deserves, then the server. @param {SystemAction} action */
export async function askPower(action) {
  const title = t(`power.${action}.title`);
  const request = async () => {
    /** @type {{seconds_left: number, stage: string}} */
    const answer = await post(`/api/system/${action}`);
    take({ action, due: performance.now() + answer.seconds_left * 1000, waits: answer.stage === 'waiting' });
  };
  if (action === 'restart') return confirm({ title, action: t('power.restart') }, t('power.restart.ask'), request);
  const sure = await confirm({ title, action: t('continue'), danger: true }, t(`power.${action}.ask`), async () => {});
  return sure && hold(title, t(`power.${action}`), t(`power.${action}.sure`), request);
}

/**
 * Asks once more: the button has to be held, or by keyboard the word typed, lest a second click does it.
 * @param {string} title @param {string} action @param {string} question @param {() => Promise<unknown>} work
 */
async function hold(title, action, question, work) {
  const button = el('button', { type: 'button', class: 'button button-danger button-hold' }, el('span', {}, t('power.hold', { action })));
  const typed = el('input', { type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', 'aria-label': t('power.type', { word: action }), placeholder: action });
  let timer = 0;
  /** @type {(agreed: boolean) => void} */
  let agree = () => {};
  const stop = () => {
    clearTimeout(timer);
    button.classList.remove('is-held');
  };
  const start = () => {
    stop();
    button.classList.add('is-held');
    timer = setTimeout(() => agree(true), HOLD_MS);
  };
  button.addEventListener('pointerdown', start);
  for (const end of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(end, stop);
  typed.addEventListener('input', () => {
    if (typed.value.trim().toLowerCase() === action.toLowerCase()) agree(true);
  });
  const asked = openDialog({ title }, [el('p', {}, question), button, el('label', { class: 'field' }, el('span', { class: 'field-note' }, t('power.type', { word: action })), typed)], () => {
    // Enter alone is no word.
    throw new Error(t('power.type', { word: action }));
  });
  const dialog = button.closest('dialog');
  const agreed = await Promise.race([asked, new Promise((resolve) => (agree = resolve))]);
  stop();
  if (!agreed) return false;
  dialog?.close();
  await work();
  return true;
}

async function takeBack() {
  await remove('/api/system/pending');
  away = 0;
  take(null);
  say(t('cancelled'));
}

/** It answers again: says how long that took. */
function back() {
  say(t('power.back', { span: span((performance.now() - away) / 1000) }));
  away = 0;
}

/** @param {Pending} next */
function take(next) {
  const before = pending;
  pending = next;
  clearInterval(ticking);
  if (next?.waits) ticking = setInterval(show, 250);
  if (next && !before) for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  if (next || before) show();
}

/** Shows what is pending; everything else can be used only while nothing is. */
function show() {
  app.inert = pending !== null;
  document.body.classList.toggle('is-leaving', pending !== null);
  banner.hidden = pending === null;
  if (!pending) return;
  const { action, due, waits } = pending;
  const seconds = Math.ceil((due - performance.now()) / 1000);
  cancel.hidden = !waits || seconds <= 0;
  const gone = away ? ` ${t('power.waited', { span: span(Math.floor((performance.now() - away) / 1000)) })}` : '';
  setText(words, cancel.hidden ? t(`power.${action}.away`) + gone : t(`power.${action}.waiting`, { seconds }));
}

/** Asks until there is an answer, then takes everything anew. */
async function lookForIt() {
  try {
    await get('/api/health');
    connect();
  } catch {
    looking = setTimeout(lookForIt, LOOK_MS);
  }
}

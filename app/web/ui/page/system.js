/**
 * Restart, reboot and power off: asked for in the menu, confirmed, counted down with a way to take it back, and
 * then the way back to the page. Whoever asked, every open page shows it and takes no other command meanwhile.
 */

/** @import { SystemAction } from './types.js' */
import { get, post, remove } from './api.js';
import { confirm } from './dialog.js';
import { byId, el, setText } from './dom.js';
import { icon } from './icons.js';
import { connect } from './live.js';
import { link, status } from './model.js';
import { report, say } from './toast.js';

const LOOK_MS = 500;

const app = byId('app', HTMLElement);
const banner = byId('system', HTMLElement);
const words = el('span', {});
const cancel = el('button', { type: 'button', class: 'button' }, 'Cancel');

/** @type {Record<SystemAction, {path: string, label: string, ask: string[], waiting: string, away: string}>} */
const ACTIONS = {
  restart: {
    path: '/api/system/restart',
    label: 'Restart',
    ask: ['Prismatron starts again. The LEDs keep the last picture meanwhile.'],
    waiting: 'Prismatron restarts',
    away: 'Prismatron is restarting. This page comes back by itself.',
  },
  reboot: {
    path: '/api/system/reboot',
    label: 'Reboot',
    ask: ['The whole machine restarts, which takes a minute or more. The LEDs are dark meanwhile.', 'This reboots the whole machine, not only Prismatron. Are you sure?'],
    waiting: 'The machine reboots',
    away: 'The machine is rebooting. This page comes back by itself.',
  },
  poweroff: {
    path: '/api/system/poweroff',
    label: 'Power off',
    ask: ['The whole machine is switched off, and the LEDs are dark.', 'Only somebody at the machine can switch it on again. Are you sure?'],
    waiting: 'The machine is switched off',
    away: 'The machine is switching off. It has to be switched on by hand.',
  },
};

/** What is pending, and when it begins by `performance.now()`. @type {{action: SystemAction, due: number, waits: boolean} | null} */
let pending = null;
let ticking = 0;
let looking = 0;
/** The version that this page came with. */
let version = '';

export function startSystem() {
  banner.append(icon('restart'), words, cancel);
  cancel.addEventListener('click', () => takeBack().catch(report));
  status.follow((now) => {
    if (!now) return;
    // A page of another version may not understand it.
    if (version && now.version !== version) location.reload();
    version = now.version;
    const next = now.system.pending;
    take(next && { action: next.action, due: performance.now() + next.seconds_left * 1000, waits: next.stage === 'waiting' });
  });
  link.follow((now) => {
    clearTimeout(looking);
    if (now === 'lost' && pending) {
      pending.waits = false;
      show();
      lookForIt();
    }
  });
}

/** The commands of the menu; one that is not possible says why. */
export function systemCommands() {
  const system = status.value?.system;
  /** @param {SystemAction} action @param {import('./icons.js').IconName} symbol */
  const command = (action, symbol) => ({
    label: ACTIONS[action].label,
    icon: symbol,
    blocked: system?.[action].possible ? '' : (system?.[action].reason ?? 'Not known yet.'),
    run: () => ask(action),
  });
  const diagnostics = { label: 'Diagnostics', icon: /** @type {const} */ ('download'), run: takeDiagnostics };
  return [diagnostics, command('restart', 'restart'), command('reboot', 'reboot'), command('poweroff', 'power')];
}

/** Has the browser keep the archive of logs and state. */
function takeDiagnostics() {
  el('a', { href: '/api/system/diagnostics', download: '' }).click();
}

/** Asks as often as it deserves, then the server. @param {SystemAction} action */
async function ask(action) {
  const { label, ask, path } = ACTIONS[action];
  for (const [index, question] of ask.entries()) {
    const last = index === ask.length - 1;
    const wording = { title: `${label}?`, action: last ? label : 'Continue', danger: action !== 'restart' };
    const agreed = await confirm(wording, question, async () => {
      if (!last) return;
      /** @type {{seconds_left: number, stage: string}} */
      const answer = await post(path);
      take({ action, due: performance.now() + answer.seconds_left * 1000, waits: answer.stage === 'waiting' });
    });
    if (!agreed) return;
  }
}

async function takeBack() {
  await remove('/api/system/pending');
  take(null);
  say('Cancelled.');
}

/** @param {typeof pending} next */
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
  const { waiting, away } = ACTIONS[pending.action];
  const seconds = Math.ceil((pending.due - performance.now()) / 1000);
  cancel.hidden = !pending.waits || seconds <= 0;
  setText(words, cancel.hidden ? away : `${waiting} in ${seconds} s.`);
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

/**
 * Updates of the whole system, for admins: upload or name a bundle, read what it is, install it, reboot into it, go back.
 * It follows the server: whatever somebody else does, or a reload of the page, shows the same.
 */

/** @import { Update } from '../types.js' */
import { Problem, get, patch, post, remove } from '../api.js';
import { el, setText } from '../dom.js';
import { moment, percent } from '../format.js';
import { icon } from '../icons.js';
import { status } from '../model.js';
import { confirm } from '../parts/dialog.js';
import { toggle } from '../parts/form.js';
import { card } from '../parts/list.js';
import { report } from '../parts/toast.js';
import { fromServer, t } from '../words.js';
import { bundleFacts } from './bundle.js';
import { sending, sendBundle } from './bundle-upload.js';
import { slotWords } from './machine.js';
import { PATH, askAddress, askInstall, askReboot, askRollBack } from './update-dialogs.js';

const LOOK_MS = 5000;

/** @param {AbortSignal} gone */
export function updateCards(gone) {
  const place = el('div', { class: 'update' });
  const slots = el('dl', { class: 'facts' });
  const dim = toggle(t('update.dim'), false);
  const running = card(t('update.slots'), null, slots, el('div', { class: 'list-more' }, dim.control));
  let drawn = '';
  /** @param {Update} now */
  const show = (now) => {
    const key = JSON.stringify({ ...now, progress: null });
    // Whoever is about to press a button is not to find another one there: only what is told anew is drawn anew.
    if (key !== drawn) place.replaceChildren(...parts(now, act).filter((part) => part !== null));
    if (key !== drawn) slots.replaceChildren(...slotFacts(now).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
    drawn = key;
    showProgress(place, now);
    running.hidden = !now.ability.possible;
    dim.input.checked = now.dim;
  };
  const look = async () => show(await get(PATH));
  /** @param {() => unknown} work */
  const act = (work) => Promise.resolve(work()).then(look).catch(report);
  dim.input.addEventListener('change', () => act(() => patch(PATH, { dim: dim.input.checked })));
  /** Without an answer the connection is lost, which the page says by itself. */
  const follow = () => look().catch((error) => (error instanceof Problem && error.status === 0 ? null : report(error)));
  let told = '';
  status.follow((now) => {
    const key = JSON.stringify(now?.system.update);
    if (key !== told) follow();
    told = key;
  }, gone);
  // What others set within a stage is in no status.
  const looking = setInterval(() => document.hidden || follow(), LOOK_MS);
  gone.addEventListener('abort', () => clearInterval(looking));
  sending.follow((now) => {
    if (now) showProgress(place, { stage: 'receiving', progress: null });
    else follow();
  }, gone);
  return [card(t('updates'), null, place), running];
}

/** Fills what runs on between two stages. @param {HTMLElement} place @param {Pick<Update, 'stage' | 'progress'>} now */
function showProgress(place, { stage, progress }) {
  const bar = place.querySelector('progress');
  const words = place.querySelector('.update-progress');
  if (!bar || !words) return;
  const own = stage === 'receiving' ? sending.value : null;
  const share = own ? own.sent / own.of : progress ? progress.percent / 100 : null;
  if (share === null) bar.removeAttribute('value');
  else bar.value = share;
  const message = own?.waits ? t('update.cut') : progress?.stuck ? t('update.stuck') : fromServer(progress?.message ?? '');
  setText(words, [share === null ? '' : percent(share), message].filter(Boolean).join(' · '));
}

/**
 * What there is to see and to do at a stage.
 * @param {Update} now @param {(work: () => unknown) => unknown} act
 */
function parts(now, act) {
  const { ability, bundle, failure, next, stage } = now;
  if (!ability.possible) return [el('p', {}, t('update.unable')), ability.reason ? el('p', { class: 'note' }, fromServer(ability.reason)) : null];
  /** @param {string} words @param {() => unknown} work @param {string} [kind] */
  const button = (words, work, kind = '') => el('button', { type: 'button', class: `button ${kind}`, onclick: () => act(work) }, words);
  const isFree = ['idle', 'inspected', 'failed'].includes(stage);
  const runs = ['receiving', 'inspecting', 'installing'].includes(stage);
  const discard = async () => (sending.value ? sending.value.stop() : remove(PATH));
  const cancel = () => confirm({ title: t('update.cancel'), action: t('update.cancel'), danger: true }, t('update.cancel-ask'), discard);
  return [
    el('p', { class: 'update-stage', 'data-stage': stage, role: 'status' }, icon(stage === 'failed' ? 'warning' : stage === 'idle' ? 'check' : 'download'), el('span', {}, stageWords(now))),
    now.source && stage !== 'failed' ? el('p', { class: 'note' }, now.source) : null,
    failure ? failureFacts(now, failure) : null,
    runs ? el('progress', { max: 1, 'aria-label': t('update.progress') }) : null,
    runs ? el('p', { class: 'note update-progress' }) : null,
    bundle && stage !== 'idle' ? bundleFacts(bundle, now.running) : null,
    next?.reboot_at ? el('p', {}, t('update.reboots-at', { at: moment(next.reboot_at) })) : null,
    next?.waits ? el('p', { class: 'note' }, t('update.waits', { why: fromServer(next.waits) })) : null,
    el(
      'div',
      { class: 'update-actions' },
      stage === 'inspected' ? button(t('update.install'), () => askInstall(now), 'button-main') : null,
      stage === 'waiting_for_reboot' ? button(t('update.reboot'), () => post(`${PATH}/reboot`), 'button-main') : null,
      stage === 'waiting_for_reboot' ? button(t('update.reboot-at'), askReboot) : null,
      stage === 'confirming' ? button(t('update.confirm'), () => post(`${PATH}/confirm`), 'button-main') : null,
      isFree ? button(t('update.upload'), sendBundle, stage === 'inspected' ? '' : 'button-main') : null,
      isFree ? button(t('update.address'), askAddress) : null,
      (isFree || stage === 'confirming') && now.other?.good ? button(t('update.roll-back'), () => askRollBack(now), 'button-warn') : null,
      now.cancel.possible ? (stage === 'failed' ? button(t('dismiss'), discard) : button(t('cancel'), cancel)) : null,
    ),
    stage === 'installing' ? el('p', { class: 'note' }, t('update.unstoppable')) : null,
    stage === 'idle' ? el('p', { class: 'note' }, t('update.what')) : null,
  ];
}

/** @param {Update} now */
function stageWords({ stage, next, other }) {
  const slot = next ? slotWords({ name: next.slot, version: next.version }) : other ? slotWords(other) : '';
  if (stage === 'waiting_for_reboot' && next?.errand === 'roll_back') return t('update.stage.going_back', { slot });
  return t(`update.stage.${stage}`, { slot });
}

/** What was tried, why it came to nothing, and what runs now. @param {Update} now @param {NonNullable<Update['failure']>} failure */
function failureFacts({ running }, failure) {
  /** @type {[string, string][]} */
  const rows = [
    [t('update.tried'), failure.version ?? t('update.unknown')],
    [t('update.why'), t(`update.cause.${failure.cause}`)],
    [t('update.runs-now'), running ? slotWords(running) : t('update.unknown')],
    [t('update.when'), moment(failure.at)],
  ];
  return el('div', { class: 'update-failure', role: 'alert' }, el('dl', { class: 'facts' }, rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])), el('p', { class: 'note' }, fromServer(failure.message)));
}

/** What is in each slot, and what was done last. @param {Update} now @returns {[string, string][]} */
function slotFacts({ running, other, last }) {
  /** @type {[string, string][]} */
  const rows = [[t('update.running'), running ? slotWords(running) : t('update.unknown')]];
  if (other) rows.push([t('update.other'), other.good ? slotWords(other) : t('update.not-good', { slot: slotWords(other) })]);
  if (last) rows.push([t('update.last'), t(`update.last.${last.errand}`, { slot: slotWords({ name: last.slot, version: last.version }), at: moment(last.at) })]);
  return rows;
}

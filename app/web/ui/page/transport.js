/** Play, pause, stop, previous, next, seek, shuffle and repeat: what the active playlist does. */

/** @import { Order, Player, Repeat } from './types.js' */
import { changePlaylist, control, post } from './api.js';
import { byId, setText } from './dom.js';
import { clock, span } from './format.js';
import { icon } from './icons.js';
import { loadPlaylists, player, playlists, position, shown, takePlayer } from './model.js';
import { report } from './toast.js';
import { may } from './who.js';

const title = byId('now-title', HTMLElement);
const context = byId('now-context', HTMLElement);
const seek = byId('seek', HTMLInputElement);
const elapsed = byId('elapsed', HTMLElement);
const remaining = byId('remaining', HTMLElement);
const play = byId('play', HTMLButtonElement);
const stop = byId('stop', HTMLButtonElement);
const previous = byId('previous', HTMLButtonElement);
const next = byId('next', HTMLButtonElement);
const shuffle = byId('shuffle', HTMLButtonElement);
const repeat = byId('repeat', HTMLButtonElement);

/** Steps of the seek bar. */
const STEPS = 1000;
/** @type {Record<Repeat, Repeat>} */
const AFTER = { off: 'all', all: 'one', one: 'off' };
/** @type {Record<Repeat, string>} */
const REPEAT_WORDS = { off: 'Repeat: off', all: 'Repeat: the whole playlist', one: 'Repeat: this item' };

/** While the person drags, the bar is theirs. */
let seeking = false;

export function startTransport() {
  player.follow(showPlayer);
  playlists.follow(showModes);
  shown.follow(() => showPlayer(player.value));
  setInterval(showTime, 250);
  play.addEventListener('click', playOrPause);
  stop.addEventListener('click', () => send('stop'));
  previous.addEventListener('click', () => send('previous'));
  next.addEventListener('click', () => send('next'));
  seek.addEventListener('input', () => {
    seeking = true;
    showTimes(seekSeconds());
  });
  seek.addEventListener('change', async () => {
    await send('seek', { position_seconds: seekSeconds() });
    seeking = false;
    showTime();
  });
  shuffle.addEventListener('click', () => {
    const now = active();
    if (now) change({ order: now.order === 'shuffled' ? 'listed' : 'shuffled' });
  });
  repeat.addEventListener('click', () => {
    const now = active();
    if (now) change({ repeat: AFTER[now.repeat] });
  });
  document.addEventListener('keydown', onKey);
}

/** Space plays and pauses wherever it means nothing else. @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {Element} */ (event.target);
  if (event.key !== ' ' || target.closest('button, input, select, textarea, a, dialog, [role="menu"]')) return;
  event.preventDefault();
  if (!play.disabled && may('operator')) play.click();
}

/** Where nothing is active yet, plays what is shown. */
async function playOrPause() {
  const target = shown.value;
  if (player.value?.playlist || !target) return send(player.value?.mode === 'playing' ? 'pause' : 'play');
  try {
    takePlayer(await post(`/api/playlists/${target.id}/activate`, {}));
  } catch (error) {
    report(error);
  }
}

/**
 * @param {Parameters<typeof control>[0]} verb
 * @param {object} [body]
 */
async function send(verb, body) {
  try {
    takePlayer(await control(verb, body));
  } catch (error) {
    report(error);
  }
}

/** @param {{order?: Order, repeat?: Repeat}} modes */
async function change(modes) {
  const now = active();
  if (!now) return;
  try {
    await changePlaylist('PATCH', { id: now.id }, '', modes);
    await loadPlaylists();
  } catch (error) {
    report(error);
  }
}

function active() {
  const id = player.value?.playlist?.id;
  return playlists.value.find((one) => (id ? one.id === id : one.active));
}

const duration = () => player.value?.duration_seconds ?? null;
const seekSeconds = () => (Number(seek.value) / STEPS) * (duration() ?? 0);

/** @param {Player | null} now */
function showPlayer(now) {
  const playing = now?.mode === 'playing';
  document.body.dataset.mode = now?.mode ?? 'stopped';
  setText(title, now?.item?.title ?? (now?.mode === 'stopped' ? 'Stopped' : now ? 'Nothing to play' : ''));
  const list = playlists.value.find((one) => one.id === now?.playlist?.id);
  const of = list ? ` of ${list.items}` : '';
  setText(context, now?.item ? `${now.playlist?.name ?? ''} · ${now.item.index + 1}${of}` : (now?.playlist?.name ?? 'No playlist is active'));
  const words = playing ? 'Pause' : 'Play';
  if (play.getAttribute('aria-label') !== words) {
    play.setAttribute('aria-label', words);
    play.title = `${words} (space)`;
    play.replaceChildren(icon(playing ? 'pause' : 'play'));
  }
  const idle = !now?.playlist;
  previous.disabled = next.disabled = idle;
  play.disabled = idle && !shown.value?.items.length;
  stop.disabled = idle || now?.mode === 'stopped';
  showTime();
  showModes();
}

function showModes() {
  const now = active();
  shuffle.disabled = repeat.disabled = !now;
  shuffle.setAttribute('aria-pressed', String(now?.order === 'shuffled'));
  const mode = now?.repeat ?? 'off';
  if (repeat.dataset.mode !== mode) {
    repeat.dataset.mode = mode;
    repeat.replaceChildren(icon(mode === 'one' ? 'repeat_one' : 'repeat'));
    repeat.setAttribute('aria-label', REPEAT_WORDS[mode]);
    repeat.title = REPEAT_WORDS[mode];
  }
  repeat.setAttribute('aria-pressed', String(mode !== 'off'));
}

function showTime() {
  if (seeking) return;
  const total = duration();
  const at = position();
  const known = Boolean(player.value?.item) && total !== null && total > 0;
  seek.disabled = !known || !may('operator');
  seek.value = known && total ? String(Math.round((at / total) * STEPS)) : '0';
  showTimes(at);
}

/** @param {number} at seconds */
function showTimes(at) {
  const total = duration();
  const known = Boolean(player.value?.item) && total !== null && total > 0;
  setText(elapsed, clock(at));
  setText(remaining, known && total !== null ? `−${clock(Math.ceil(total - at))}` : '');
  seek.style.setProperty('--filled', `${(Number(seek.value) / STEPS) * 100}%`);
  const words = known && total !== null ? `${span(Math.floor(at))} of ${span(Math.round(total))}` : 'no known length';
  if (document.activeElement !== seek || seeking || !seek.hasAttribute('aria-valuetext')) seek.setAttribute('aria-valuetext', words);
}

/** Play, pause, stop, previous, next, seek, shuffle and repeat: what the active playlist does. */

/** @import { IconName } from '../icons.js' */
/** @import { Order, Player, Repeat } from '../types.js' */
import { changePlaylist, control, post } from '../api.js';
import { el, setText } from '../dom.js';
import { clock, span } from '../format.js';
import { icon } from '../icons.js';
import { link, loadPlaylists, player, playlists, position, shown, takePlayer } from '../model.js';
import { may } from '../who.js';
import { t } from '../words.js';
import { currentTitle } from './item.js';
import { report } from './toast.js';

/** Steps of the seek bar. */
const STEPS = 1000;
/** @type {Record<Repeat, Repeat>} */
const AFTER = { off: 'all', all: 'one', one: 'off' };

/** Where nothing is active yet, plays what is shown. */
export async function playOrPause() {
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
export async function send(verb, body) {
  try {
    takePlayer(await control(verb, body));
  } catch (error) {
    report(error);
  }
}

/** What plays, how far it is, and the bar to go elsewhere. @param {AbortSignal} gone */
export function nowPlaying(gone) {
  const title = el('h1', { class: 'now-title', id: 'now-title' });
  const context = el('span', { class: 'now-context' });
  const elapsed = el('span', { class: 'time' }, '0:00');
  const remaining = el('span', { class: 'time' });
  const seek = el('input', { type: 'range', id: 'seek', min: 0, max: STEPS, step: 1, value: 0, 'aria-label': t('play.position'), disabled: true });
  /** While the person drags, and until what they chose last is answered, the bar is theirs. */
  let seeking = false;
  let turn = 0;
  const duration = () => player.value?.duration_seconds ?? null;
  const known = () => Boolean(player.value?.item) && (duration() ?? 0) > 0;
  const chosen = () => (Number(seek.value) / STEPS) * (duration() ?? 0);

  /** @param {number} at seconds */
  const showTimes = (at) => {
    const total = duration() ?? 0;
    setText(elapsed, clock(at));
    setText(remaining, known() ? `−${clock(Math.ceil(total - at))}` : '');
    seek.style.setProperty('--filled', `${(Number(seek.value) / STEPS) * 100}%`);
    const words = known() ? t('play.at', { at: span(Math.floor(at)), of: span(Math.round(total)) }) : t('play.no-length');
    if (document.activeElement !== seek || seeking || !seek.hasAttribute('aria-valuetext')) seek.setAttribute('aria-valuetext', words);
  };
  const showTime = () => {
    // Whether it goes on out there is not known without a connection.
    if (seeking || link.value === 'lost') return;
    const at = position();
    seek.disabled = !known() || !may('operator');
    seek.value = known() ? String(Math.round((at / (duration() ?? 1)) * STEPS)) : '0';
    showTimes(at);
  };
  const show = () => {
    const now = player.value;
    setText(title, now?.item ? currentTitle(now.item) : t(now?.mode === 'stopped' ? 'play.stopped' : 'play.nothing'));
    const list = playlists.value.find((one) => one.id === now?.playlist?.id);
    const place = now?.item ? (list ? t('play.of', { n: now.item.index + 1, of: list.items }) : String(now.item.index + 1)) : '';
    setText(context, [now?.playlist?.name ?? t('play.no-playlist'), place].filter(Boolean).join(' · '));
    showTime();
  };
  player.follow(show, gone);
  playlists.follow(show, gone);
  const ticking = setInterval(showTime, 250);
  gone.addEventListener('abort', () => clearInterval(ticking));
  seek.addEventListener('input', () => {
    seeking = true;
    turn += 1;
    showTimes(chosen());
  });
  seek.addEventListener('change', async () => {
    const mine = turn;
    await send('seek', { position_seconds: chosen() });
    if (mine !== turn) return;
    seeking = false;
    showTime();
  });
  return el('div', { class: 'deck-now' }, el('div', { class: 'now-words' }, title, context), el('div', { class: 'deck-seek' }, elapsed, seek, remaining));
}

/** The buttons. @param {AbortSignal} gone */
export function transport(gone) {
  /** @param {IconName} symbol @param {string} words @param {() => unknown} run @param {string} [more] */
  const button = (symbol, words, run, more = '') => el('button', { type: 'button', class: `button-icon ${more}`, 'aria-label': words, title: words, onclick: run }, icon(symbol));
  const shuffle = button('shuffle', t('play.shuffle'), () => {
    const now = active();
    if (now) change({ order: now.order === 'shuffled' ? 'listed' : 'shuffled' });
  }, 'toggle');
  const repeat = button('repeat', t('play.repeat.off'), () => {
    const now = active();
    if (now) change({ repeat: AFTER[now.repeat] });
  }, 'toggle');
  const previous = button('previous', t('play.previous'), () => send('previous'));
  const next = button('next', t('play.next'), () => send('next'));
  const stop = button('stop', t('play.stop'), () => send('stop'));
  const play = el('button', { type: 'button', class: 'button-play', id: 'play', onclick: playOrPause });

  const showModes = () => {
    const now = active();
    shuffle.disabled = repeat.disabled = !now;
    shuffle.setAttribute('aria-pressed', String(now?.order === 'shuffled'));
    const mode = now?.repeat ?? 'off';
    if (repeat.dataset.mode !== mode) {
      repeat.dataset.mode = mode;
      repeat.replaceChildren(icon(mode === 'one' ? 'repeat_one' : 'repeat'));
      repeat.title = t(`play.repeat.${mode}`);
      repeat.setAttribute('aria-label', repeat.title);
    }
    repeat.setAttribute('aria-pressed', String(mode !== 'off'));
  };
  /** @param {Player | null} now */
  const showPlayer = (now) => {
    const playing = now?.mode === 'playing';
    const words = playing ? t('play.pause') : t('play.play');
    if (play.getAttribute('aria-label') !== words) {
      play.setAttribute('aria-label', words);
      play.title = t('play.by-space', { what: words });
      play.replaceChildren(icon(playing ? 'pause' : 'play'));
    }
    const idle = !now?.playlist;
    previous.disabled = next.disabled = idle;
    play.disabled = idle && !shown.value?.items.length;
    stop.disabled = idle || now?.mode === 'stopped';
    showModes();
  };
  player.follow(showPlayer, gone);
  shown.follow(() => showPlayer(player.value), gone);
  playlists.follow(showModes, gone);
  document.addEventListener('keydown', onKey, { signal: gone });
  return el('div', { class: 'deck-buttons' }, shuffle, previous, play, next, stop, repeat);
}

/** Space plays and pauses wherever it means nothing else. @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {Element} */ (event.target);
  if (event.key !== ' ' || target.closest('button, input, select, textarea, a, summary, dialog, [role="menu"]')) return;
  event.preventDefault();
  playOrPause();
}

function active() {
  const id = player.value?.playlist?.id;
  return playlists.value.find((one) => (id ? one.id === id : one.active));
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

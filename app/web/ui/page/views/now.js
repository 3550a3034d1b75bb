/** The wall as it is lit now, what plays on it, and the hands on both. */

/** @import { Item } from '../types.js' */
import { control, get } from '../api.js';
import { el, setText } from '../dom.js';
import { player, playlists, takePlayer } from '../model.js';
import { blackout } from '../parts/blackout.js';
import { brightness } from '../parts/brightness.js';
import { healthLine } from '../parts/health.js';
import { itemLength, itemPicture, itemTitle } from '../parts/item.js';
import { report } from '../parts/toast.js';
import { nowPlaying, transport } from '../parts/transport.js';
import { addressOf } from '../router.js';
import { Stage } from '../stage/stage.js';
import { View } from '../view.js';
import { may } from '../who.js';
import { t } from '../words.js';

/** How many items are shown that come next. */
const AHEAD = 6;

class NowView extends View {
  /** @param {AbortSignal} gone */
  show(gone) {
    const hands = may('operator') ? [transport(gone), el('div', { class: 'deck-light' }, brightness(gone), blackout(gone))] : [];
    this.append(
      el(
        'div',
        { class: 'now' },
        el('section', { class: 'console', 'aria-label': t('player') }, new Stage(), el('div', { class: 'deck' }, nowPlaying(gone), ...hands)),
        el('div', { class: 'now-side' }, healthLine(gone), may('operator') ? queue(gone) : null),
      ),
    );
  }
}
customElements.define('view-now', NowView);

/** What comes next, to be played at once. @param {AbortSignal} gone */
function queue(gone) {
  const list = el('ol', { class: 'queue' });
  const note = el('p', { class: 'empty' });
  const all = el('a', { class: 'link', hidden: true }, t('queue.all'));
  /** The active playlist as it was read last. @type {{id: string, items: Item[]} | null} */
  let known = null;
  let drawn = '';
  const draw = () => {
    const now = player.value;
    const items = known?.items ?? [];
    const at = items.findIndex((item) => item.id === now?.item?.id);
    const shuffled = playlists.value.find((one) => one.id === known?.id)?.order === 'shuffled';
    const next = shuffled ? [] : [...items.slice(at + 1), ...items.slice(0, Math.max(0, at))].slice(0, AHEAD);
    all.href = addressOf('playlists', known?.id ?? '');
    all.hidden = !known;
    note.hidden = next.length > 0;
    setText(note, !known ? t('queue.no-playlist') : shuffled ? t('queue.shuffled') : t('queue.nothing'));
    const key = JSON.stringify(next);
    if (key === drawn) return;
    drawn = key;
    list.replaceChildren(
      ...next.map((item) =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', class: 'queue-item', title: t('item.play'), onclick: () => control('jump', { item: item.id }).then(takePlayer, report) },
            el('span', { class: 'row-picture' }, itemPicture(item.content)),
            el('span', { class: 'row-title' }, itemTitle(item)),
            el('span', { class: 'row-length' }, itemLength(item)),
          ),
        ),
      ),
    );
  };
  let asked = '';
  let turn = 0;
  const ask = async () => {
    // Before the first answer nobody knows what is next.
    if (!player.value) return;
    const active = player.value.playlist?.id ?? '';
    const summary = playlists.value.find((one) => one.id === active);
    const key = `${active} ${JSON.stringify(summary ?? null)}`;
    if (key !== asked) {
      asked = key;
      turn += 1;
      const mine = turn;
      const read = active ? await get(`/api/playlists/${active}`) : null;
      if (mine !== turn) return;
      known = read;
    }
    // Until it is read what was next before stays.
    if (!gone.aborted && (known?.id ?? '') === active) draw();
  };
  player.follow(() => ask().catch(report), gone);
  // A change of an item changes no summary: what is told about playlists is asked for again.
  playlists.follow(() => {
    asked = '';
    ask().catch(report);
  }, gone);
  return el('section', { class: 'card', 'aria-label': t('queue') }, el('header', { class: 'card-head' }, el('h2', {}, t('queue')), all), list, note);
}

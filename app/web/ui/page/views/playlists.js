/** Playlists: which there are, the items of one, and what is done to it as a whole. */

/** @import { Item } from '../types.js' */
import { changePlaylist, control, post } from '../api.js';
import { el, setText } from '../dom.js';
import { span } from '../format.js';
import { icon } from '../icons.js';
import { library, loadCatalogues, loadLibrary, player, playlists, show, shown, takePlayer } from '../model.js';
import { openDialog } from '../parts/dialog.js';
import { focusPlace } from '../parts/focus.js';
import { field, keepFile, number } from '../parts/form.js';
import { itemTitle } from '../parts/item.js';
import { editItem, effectItem, textItem } from '../parts/item-editor.js';
import { isMine } from '../parts/meanwhile.js';
import { menuAt } from '../parts/menu.js';
import { pickMedia } from '../parts/pick-media.js';
import { act, addItems, changeNewest, moveItems, removeItems, replaceItem } from '../parts/playlist.js';
import { create, discard, duplicate, importFile, rename } from '../parts/playlist-whole.js';
import { makeReorderable } from '../parts/reorder.js';
import { makeRow, markRow, pictureKey } from '../parts/row.js';
import { report } from '../parts/toast.js';
import { addressOf } from '../router.js';
import { View } from '../view.js';
import { t } from '../words.js';

class PlaylistsView extends View {
  #dragging = false;
  /** The ids of the chosen items. @type {Set<string>} */
  #chosen = new Set();
  /** The item that was chosen last, where a range begins. */
  #anchor = '';

  #names = el('nav', { class: 'lists', 'aria-label': t('playlists') });
  #title = el('h1', {});
  #summary = el('span', { class: 'head-note' });
  #activate = el('button', { type: 'button', class: 'button button-main', onclick: () => this.#play() }, icon('play'), t('playlist.play'));
  #more = el('button', { type: 'button', class: 'button-icon', 'aria-label': t('playlist.more'), title: t('playlist.more') }, icon('more'));
  #list = el('ol', { class: 'rows', id: 'items', 'aria-label': t('items') });
  #empty = el('p', { class: 'empty' });
  #bar = el('div', { class: 'chosen-bar', role: 'group', 'aria-label': t('chosen'), hidden: true });
  #chosenWords = el('span', { class: 'chosen-words', role: 'status' });

  /** @param {AbortSignal} gone */
  show(gone) {
    menuAt(this.#more, () => [
      { label: t('rename'), icon: 'pencil', run: rename },
      { label: t('playlist.duplicate'), icon: 'copy', run: duplicate },
      { label: t('playlist.export'), icon: 'download', run: () => keepFile(`/api/playlists/${shown.value?.id}/file`) },
      { label: t('playlist.delete'), icon: 'bin', danger: true, run: discard },
    ]);
    const another = el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('playlist.another'), title: t('playlist.another') }, icon('plus'));
    menuAt(another, () => [
      { label: t('playlist.new'), icon: 'plus', run: create },
      { label: t('playlist.import'), icon: 'upload', run: () => importFile().catch(report) },
    ]);
    /** @param {string} words @param {import('../icons.js').IconName} symbol @param {() => unknown} run @param {string} [id] */
    const add = (words, symbol, run, id) => el('button', { type: 'button', class: 'button', id, onclick: run }, icon(symbol), words);
    this.#fillBar();
    this.append(
      el(
        'div',
        { class: 'playlists' },
        el('aside', { class: 'card lists-card' }, el('header', { class: 'card-head' }, el('h2', {}, t('playlists')), another), this.#names),
        el(
          'section',
          { class: 'card playlist', 'aria-labelledby': 'playlist-title' },
          el('header', { class: 'view-head' }, el('div', { class: 'head-words' }, this.#title, this.#summary), this.#activate, this.#more),
          el('div', { class: 'playlist-add' }, add(t('media.add'), 'still', pickFiles, 'add-media'), add(t('effect.add'), 'spark', () => edit(() => effectItem((item, name) => addItems([item], name)))), add(t('text.add'), 'text', () => edit(() => textItem((item, name) => addItems([item], name))))),
          this.#bar,
          this.#list,
          this.#empty,
        ),
      ),
    );
    this.#title.id = 'playlist-title';
    playlists.follow(() => this.#showNames(), gone);
    shown.follow(() => this.#showItems(), gone);
    library.follow(() => this.#showItems(), gone);
    player.follow(() => this.#showPlaying(), gone);
    makeReorderable(this.#list, {
      drop: (order, from, to) => this.#drop(order, from, to),
      begin: () => (this.#dragging = true),
      end: () => {
        this.#dragging = false;
        this.#showItems();
      },
    });
    this.#list.addEventListener('keydown', (event) => this.#onKey(event), { signal: gone });
  }

  /** @param {string} part the id of a playlist */
  open(part) {
    if (!part) return;
    if (part !== shown.value?.id) this.#choose([]);
    // Also where it is shown: another may be on its way.
    show(part).catch(report);
  }

  #showNames() {
    this.#names.replaceChildren(
      ...playlists.value.map((one) =>
        el(
          'a',
          { class: 'list-link', href: addressOf('playlists', one.id), 'aria-current': one.id === shown.value?.id ? 'page' : null, 'data-id': one.id },
          el('span', { class: 'list-name' }, one.name),
          el('span', { class: 'list-facts' }, t('items.count', { n: one.items })),
          one.active ? el('span', { class: 'badge' }, t('playlist.active')) : null,
        ),
      ),
    );
    this.#showPlaying();
  }

  #showItems() {
    if (this.#dragging) return;
    const now = shown.value;
    const focus = focusPlace(this.#list);
    for (const link of this.#names.querySelectorAll('a')) {
      if (link.dataset.id === now?.id) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    const items = now?.items ?? [];
    const ids = new Set(items.map((item) => item.id));
    this.#chosen = new Set([...this.#chosen].filter((id) => ids.has(id)));
    /** @type {Map<string | undefined, Element | null | undefined>} */
    const pictures = new Map(Array.from(this.#list.children, (row) => [/** @type {HTMLElement} */ (row).dataset.picture, row.querySelector('.row-picture')?.firstElementChild]));
    this.#list.replaceChildren(
      ...items.map((item, index) =>
        makeRow(item, index, items.length, {
          jump: () => jump(item),
          move: (step) => this.#drop(items.map((one) => one.id), index, index + step),
          edit: () => edit(() => editItem(item, async (changed) => now && replaceItem(now, item, changed))),
          remove: () => removeItems([item]),
          choose: (event) => this.#chooseRow(item, event.shiftKey),
        }, this.#chosen.has(item.id), pictures.get(pictureKey(item)) ?? undefined),
      ),
    );
    setText(this.#title, now?.name ?? t('playlists'));
    this.#more.hidden = !now;
    this.#empty.hidden = items.length > 0 || !shown.isKnown;
    setText(this.#empty, now ? t('playlist.empty') : t('playlists.empty'));
    this.#showChosen();
    this.#showPlaying();
    focus();
  }

  #showPlaying() {
    const now = player.value;
    const playing = shown.value !== null && now?.playlist?.id === shown.value.id;
    const problems = new Map(playing ? now?.problems.map((one) => [one.item, one.reason]) : []);
    for (const item of shown.value?.items ?? []) if (item.problem) problems.set(item.id, item.problem);
    for (const row of this.#list.children) {
      if (!(row instanceof HTMLElement)) continue;
      const current = playing && now?.item?.id === row.dataset.item;
      markRow(row, current ? (now?.mode ?? 'stopped') : null, problems.get(row.dataset.item ?? '') ?? null);
    }
    const one = playlists.value.find((each) => each.id === shown.value?.id);
    const length = one && one.duration_seconds !== null && one.items > 0 ? span(one.duration_seconds) : '';
    setText(this.#summary, one ? [t('items.count', { n: one.items }), length].filter(Boolean).join(' · ') : '');
    this.#activate.hidden = !shown.value?.items.length || playing;
  }

  #play() {
    act(async () => {
      const now = shown.value;
      if (now) takePlayer(await post(`/api/playlists/${now.id}/activate`, {}));
    });
  }

  /** A row that is dragged takes the other chosen ones with it. @param {string[]} order as it was shown @param {number} from @param {number} to */
  #drop(order, from, to) {
    const id = order[from];
    const items = shown.value?.items ?? [];
    if (to < 0 || to >= order.length || !id || !items.some((item) => item.id === id)) return;
    const ids = this.#chosen.has(id) ? [...this.#chosen] : [id];
    const staying = items.map((item) => item.id).filter((one) => !ids.includes(one));
    const next = order.slice(to > from ? to + 1 : to).find((one) => staying.includes(one));
    moveItems(ids, next ? staying.indexOf(next) : staying.length);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const row = /** @type {Element} */ (event.target).closest('li');
    const item = shown.value?.items.find((one) => one.id === row?.dataset.item);
    if (!item) return;
    if (event.key === 'Delete') removeItems(this.#chosen.has(item.id) ? this.#chosenItems() : [item]);
    else if (event.key === 'Escape' && this.#chosen.size) this.#choose([]);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) this.#choose(shown.value?.items.map((one) => one.id) ?? []);
    else return;
    event.preventDefault();
  }

  /** @param {Item} item @param {boolean} range from the one before to this */
  #chooseRow(item, range) {
    const ids = shown.value?.items.map((one) => one.id) ?? [];
    const [a, b] = [ids.indexOf(this.#anchor), ids.indexOf(item.id)];
    const next = new Set(this.#chosen);
    if (range && a >= 0) for (const id of ids.slice(Math.min(a, b), Math.max(a, b) + 1)) next.add(id);
    else if (!next.delete(item.id)) next.add(item.id);
    this.#anchor = item.id;
    this.#choose([...next]);
  }

  /** @param {string[]} ids */
  #choose(ids) {
    this.#chosen = new Set(ids);
    for (const row of this.#list.children) {
      if (!(row instanceof HTMLElement)) continue;
      const chosen = this.#chosen.has(row.dataset.item ?? '');
      row.classList.toggle('is-chosen', chosen);
      const box = row.querySelector('input');
      if (box) box.checked = chosen;
    }
    this.#showChosen();
  }

  #chosenItems = () => shown.value?.items.filter((item) => this.#chosen.has(item.id)) ?? [];

  #showChosen() {
    this.#bar.hidden = this.#chosen.size === 0;
    this.#list.classList.toggle('is-choosing', this.#chosen.size > 0);
    setText(this.#chosenWords, t('chosen.count', { n: this.#chosen.size }));
  }

  #fillBar() {
    const ids = () => this.#chosenItems().map((item) => item.id);
    /** @param {string} words @param {import('../icons.js').IconName} symbol @param {() => void} run */
    const button = (words, symbol, run) => el('button', { type: 'button', class: 'button small', onclick: run }, icon(symbol), words);
    this.#bar.replaceChildren(
      this.#chosenWords,
      button(t('chosen.top'), 'up', () => moveItems(ids(), 0)),
      button(t('chosen.bottom'), 'down', () => moveItems(ids(), Infinity)),
      button(t('chosen.duration'), 'clock', () => setDuration(this.#chosenItems())),
      button(t('item.remove'), 'bin', () => removeItems(this.#chosenItems())),
      el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('chosen.none'), title: t('chosen.none'), onclick: () => this.#choose([]) }, icon('close')),
    );
  }
}
customElements.define('view-playlists', PlaylistsView);

async function pickFiles() {
  try {
    // Before the first answer nobody knows what there is.
    if (!library.isKnown) await loadLibrary();
    await pickMedia(addItems);
  } catch (error) {
    report(error);
  }
}

/** Opens a dialog of the items' editor, which goes by the catalogues. @param {() => unknown} open */
function edit(open) {
  loadCatalogues().then(open, report);
}

/** @param {Item} item */
function jump(item) {
  act(async () => {
    const now = shown.value;
    if (!now) return;
    const active = player.value?.playlist?.id === now.id;
    takePlayer(active ? await control('jump', { item: item.id }) : await post(`/api/playlists/${now.id}/activate`, { item: item.id }));
  });
}

/** One duration for several. @param {Item[]} items */
async function setDuration(items) {
  const of = shown.value?.id;
  if (!of) return;
  const known = new Map(items.map((item) => [item.id, item.duration_seconds]));
  const seconds = number({ min: 0.1, max: 86400, step: 0.1, value: items[0]?.duration_seconds ?? 10 });
  await openDialog({ title: t('chosen.duration'), action: t('save') }, [field(t('item.duration'), seconds)], () =>
    changeNewest(of, async (newest) => {
      const there = newest.items.filter((item) => known.has(item.id));
      const theirs = there.find((item) => item.duration_seconds !== known.get(item.id));
      if (theirs && !(await isMine(itemTitle(theirs), false))) return undefined;
      return changePlaylist('PATCH', newest, '/items', { items: there.map((item) => item.id), duration_seconds: Number(seconds.value) });
    }),
  );
}

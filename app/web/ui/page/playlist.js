/** The playlist panel: which playlist is shown, what is done to it as a whole, and its rows. */

/** @import { Item, NewItem, Playlist } from './types.js' */
import { Problem, changePlaylist, control, post, remove as removeAt } from './api.js';
import { askText, confirm, menuAt } from './dialog.js';
import { byId, el, setText } from './dom.js';
import { plural, span } from './format.js';
import { effectItem, editItem, textItem } from './item-editor.js';
import { library, loadPlaylists, player, playlists, show, shown, takePlayer } from './model.js';
import { makeReorderable } from './reorder.js';
import { makeRow, markRow, pictureKey } from './row.js';
import { report, say } from './toast.js';

const choice = byId('playlist-choice', HTMLSelectElement);
const summary = byId('playlist-summary', HTMLElement);
const activate = byId('playlist-activate', HTMLButtonElement);
const more = byId('playlist-more', HTMLButtonElement);
const list = byId('items', HTMLElement);
const empty = byId('items-empty', HTMLElement);

let dragging = false;

export function startPlaylist() {
  playlists.follow(showChoice);
  shown.follow(showItems);
  library.follow(() => showItems(shown.value));
  player.follow(showPlaying);
  choice.addEventListener('change', () => show(choice.value).catch(report));
  activate.addEventListener('click', () => act(async () => {
    const now = shown.value;
    if (now) takePlayer(await post(`/api/playlists/${now.id}/activate`, {}));
  }));
  byId('playlist-new', HTMLButtonElement).addEventListener('click', create);
  byId('add-effect', HTMLButtonElement).addEventListener('click', () => effectItem((item, name) => addItems([item], name)));
  byId('add-text', HTMLButtonElement).addEventListener('click', () => textItem((item, name) => addItems([item], name)));
  menuAt(more, () => [
    { label: 'Rename', icon: 'pencil', run: rename },
    { label: 'Delete playlist', icon: 'bin', danger: true, run: discard },
  ]);
  makeReorderable(list, {
    drop: move,
    begin: () => (dragging = true),
    end: () => {
      dragging = false;
      showItems(shown.value);
    },
  });
}

/**
 * Adds items at the end of the shown playlist; makes one first where there is none.
 * @param {NewItem[]} items
 * @param {string} name what is added, for the message
 */
export async function addItems(items, name) {
  await act(async () => {
    /** @type {Playlist} */
    const target = shown.value ?? (await post('/api/playlists', { name: 'My playlist' }));
    shown.value = await changePlaylist('POST', { id: target.id }, '/items', { items });
    say(`${name} is added to “${target.name}”.`);
    await loadPlaylists();
  });
}

/** What is being done to the playlist, and all that waits for it. */
let acting = Promise.resolve();

/**
 * Does something to the shown playlist, once what was begun before is done: it builds on that. Where somebody
 * else was quicker, shows theirs and says so.
 * @param {() => Promise<unknown>} work
 */
function act(work) {
  acting = acting.then(() => attempt(work));
  return acting;
}

/** @param {() => Promise<unknown>} work */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    report(error);
    if (error instanceof Problem && [404, 409, 412].includes(error.status)) await loadPlaylists().catch(report);
  }
}

function showChoice() {
  const all = playlists.value;
  choice.replaceChildren(...all.map((one) => el('option', { value: one.id }, one.active ? `${one.name} (active)` : one.name)));
  choice.disabled = all.length === 0;
  if (all.length === 0) choice.append(el('option', {}, 'No playlist yet'));
  choice.value = shown.value?.id ?? '';
}

/** @param {Playlist | null} now */
function showItems(now) {
  if (dragging) return;
  const focus = focusPlace();
  choice.value = now?.id ?? choice.value;
  more.disabled = !now;
  const items = now?.items ?? [];
  /** @type {Map<string | undefined, Element | null | undefined>} */
  const pictures = new Map(Array.from(list.children, (row) => [/** @type {HTMLElement} */ (row).dataset.picture, row.querySelector('.row-picture')?.firstElementChild]));
  list.replaceChildren(...items.map((item, index) => makeRow(item, index, items.length, {
    jump: () => jump(item),
    move: (step) => move(index, index + step),
    edit: () => editItem(item, (changed) => replace(item, changed)),
    remove: () => act(async () => keep(await changePlaylist('DELETE', { id: now?.id ?? '' }, `/items/${item.id}`))),
  }, pictures.get(pictureKey(item)) ?? undefined)));
  empty.hidden = items.length > 0;
  setText(empty, now ? 'This playlist is empty. Add files from the library, an effect or a text.' : 'No playlist yet. Add something and one is made.');
  showPlaying();
  focus();
}

/** Remembers what had the focus, by item and control, and gives it back after the rows were made anew. */
function focusPlace() {
  const element = document.activeElement;
  const row = element?.closest('li');
  if (!(element instanceof HTMLElement) || !row || row.parentElement !== list) return () => {};
  const id = row.dataset.item;
  const role = element.dataset.role;
  const index = [...list.children].indexOf(row);
  return () => {
    const same = /** @type {HTMLElement[]} */ ([...list.children]).find((one) => one.dataset.item === id);
    const target = same ?? list.children[Math.min(index, list.children.length - 1)];
    const again = target?.querySelector(`[data-role="${role}"]`);
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  };
}

function showPlaying() {
  const now = player.value;
  const playing = shown.value !== null && now?.playlist?.id === shown.value.id;
  const problems = new Map(playing ? now?.problems.map((one) => [one.item, one.reason]) : []);
  for (const item of shown.value?.items ?? []) if (item.problem) problems.set(item.id, item.problem);
  for (const row of list.children) {
    if (!(row instanceof HTMLElement)) continue;
    const current = playing && now?.item?.id === row.dataset.item;
    markRow(row, current ? (now?.mode ?? 'stopped') : null, problems.get(row.dataset.item ?? '') ?? null);
  }
  const one = playlists.value.find((each) => each.id === shown.value?.id);
  const length = one && one.duration_seconds !== null && one.items > 0 ? ` · ${span(one.duration_seconds)}` : '';
  setText(summary, one ? `${plural(one.items, 'item')}${length}` : '');
  activate.hidden = !shown.value || playing;
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

/** Shown at once, then asked for; put back where it is refused. @param {number} from @param {number} to */
function move(from, to) {
  const now = shown.value;
  if (!now || to < 0 || to >= now.items.length) return;
  const items = [...now.items];
  items.splice(to, 0, ...items.splice(from, 1));
  shown.value = { ...now, items };
  act(async () => {
    try {
      const { revision } = shown.value?.id === now.id ? shown.value : now;
      keep(await changePlaylist('PUT', { id: now.id, revision }, '/order', { items: items.map((item) => item.id) }));
    } catch (error) {
      if (shown.value?.id === now.id) shown.value = now;
      throw error;
    }
  });
}

/** @param {Item} item @param {NewItem} changed */
async function replace(item, changed) {
  const now = shown.value;
  if (now) keep(await changePlaylist('PUT', now, `/items/${item.id}`, changed));
}

/** @param {Playlist} changed */
function keep(changed) {
  if (changed && shown.value?.id === changed.id) shown.value = changed;
}

async function create() {
  await askText({ title: 'New playlist', label: 'Name', value: '', action: 'Create' }, async (name) => {
    /** @type {Playlist} */
    const made = await post('/api/playlists', { name });
    shown.value = made;
    await loadPlaylists();
  });
}

async function rename() {
  const now = shown.value;
  if (!now) return;
  await askText({ title: 'Rename playlist', label: 'Name', value: now.name, action: 'Rename' }, async (name) => {
    await changePlaylist('PATCH', { id: now.id }, '', { name });
    await loadPlaylists();
  });
}

async function discard() {
  const now = shown.value;
  if (!now) return;
  const playing = player.value?.playlist?.id === now.id ? ' It is playing now; the wall goes dark.' : '';
  await confirm({ title: 'Delete playlist', action: 'Delete', danger: true }, `Delete the playlist “${now.name}”? The files stay in the library.${playing}`, async () => {
    await removeAt(`/api/playlists/${now.id}`);
    shown.value = null;
    await loadPlaylists();
  });
}

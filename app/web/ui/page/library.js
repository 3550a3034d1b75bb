/** The library: every medium with its thumbnail, to be added to the shown playlist, renamed or deleted. */

/** @import { Media } from './types.js' */
import { Problem, patch, remove } from './api.js';
import { askText, confirm, menuAt } from './dialog.js';
import { byId, el, setText } from './dom.js';
import { plural, size, span } from './format.js';
import { icon } from './icons.js';
import { library, loadLibrary, status } from './model.js';
import { addItems } from './playlist.js';
import { say } from './toast.js';

const grid = byId('library', HTMLElement);
const summary = byId('library-summary', HTMLElement);
const filter = byId('library-filter', HTMLInputElement);
const empty = byId('library-empty', HTMLElement);
const storage = byId('storage', HTMLElement);

/** From how many media on a filter is worth its place. */
const FILTER_FROM = 9;

/** Cards by medium, kept so that thumbnails are not fetched again and focus stays where it is.
 * @type {Map<string, {media: Media, card: HTMLElement}>} */
const cards = new Map();

export function startLibrary() {
  library.follow(show);
  filter.addEventListener('input', () => show(library.value));
  status.follow((now) => {
    if (!now) return;
    const { used_bytes: used, quota_bytes: quota, free_bytes: free, reserve_bytes: reserve } = now.storage;
    const room = Math.max(0, Math.min(free - reserve, quota === null ? Infinity : quota - used));
    setText(storage, `${size(used)} used, room for ${size(room)} more`);
  });
}

/** @param {Media[]} all */
function show(all) {
  const newest = [...all].sort((a, b) => b.added.localeCompare(a.added));
  const wanted = filter.value.trim().toLowerCase();
  filter.hidden = all.length < FILTER_FROM && !wanted;
  const matching = newest.filter((media) => media.name.toLowerCase().includes(wanted));
  const ids = new Set(matching.map((media) => media.id));
  for (const [id, { card }] of cards) {
    if (!ids.has(id)) {
      card.remove();
      cards.delete(id);
    }
  }
  matching.forEach((media, index) => {
    let known = cards.get(media.id);
    if (!known || known.media.name !== media.name) {
      const card = makeCard(media);
      known?.card.replaceWith(card);
      known = { media, card };
      cards.set(media.id, known);
    }
    if (grid.children[index] !== known.card) grid.insertBefore(known.card, grid.children[index] ?? null);
  });
  setText(summary, plural(all.length, 'file'));
  empty.hidden = matching.length > 0;
  setText(empty, wanted ? `Nothing is called “${filter.value.trim()}”.` : 'Nothing here yet. Drop pictures or videos anywhere on this page.');
}

/** @param {Media} media */
function makeCard(media) {
  const more = el('button', { type: 'button', class: 'button-icon small', 'aria-label': `More for ${media.name}` }, icon('more'));
  menuAt(more, () => [
    { label: 'Rename', icon: 'pencil', run: () => rename(media) },
    { label: 'Delete', icon: 'bin', danger: true, run: () => discard(media) },
  ]);
  const add = el('button', { type: 'button', class: 'card-add', 'aria-label': `Add ${media.name} to the playlist`, title: 'Add to the playlist' }, icon('plus'));
  add.addEventListener('click', () => addItems([{ content: { type: 'media', media: media.id } }], `“${media.name}”`));
  const badge = media.duration_seconds !== null && media.kind !== 'still' ? span(media.duration_seconds) : '';
  const thumbnail = el('img', { src: `/api/media/${media.id}/thumbnail`, alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' });
  thumbnail.addEventListener('error', () => thumbnail.replaceWith(icon('still')));
  return el(
    'li',
    { class: 'card' },
    el('div', { class: 'card-picture' }, thumbnail, badge ? el('span', { class: 'card-badge' }, badge) : null, add),
    el(
      'div',
      { class: 'card-words' },
      el('span', { class: 'card-name', title: media.name }, media.name),
      el('span', { class: 'card-facts', title: media.format.toUpperCase() }, `${media.width}×${media.height} · ${size(media.bytes)}`),
    ),
    more,
  );
}

/** @param {Media} media */
async function rename(media) {
  await askText({ title: 'Rename', label: 'Name', value: media.name, action: 'Rename' }, async (name) => {
    await patch(`/api/media/${media.id}`, { name });
    await loadLibrary();
  });
}

/** Asks, and once more where playlists use it. @param {Media} media */
async function discard(media) {
  const path = `/api/media/${media.id}`;
  /** @type {string | null} */
  let inUse = null;
  const done = await confirm({ title: 'Delete file', action: 'Delete', danger: true }, `Delete “${media.name}” for good?`, async () => {
    try {
      await remove(path);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 409) throw error;
      inUse = error.message;
    }
  });
  if (!done) return;
  if (inUse !== null) {
    const question = `${inUse} It will be skipped there. Delete it all the same?`;
    if (!(await confirm({ title: 'File in use', action: 'Delete anyway', danger: true }, question, () => remove(`${path}?force=true`)))) return;
  }
  say(`“${media.name}” is deleted.`);
  await loadLibrary();
}

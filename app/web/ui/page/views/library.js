/** The library: every file with its picture, to be found, looked at, put into playlists, renamed or deleted. */

/** @import { Media } from '../types.js' */
import { Problem, patch, post, remove } from '../api.js';
import { el, setText } from '../dom.js';
import { count, moment, number, size, span } from '../format.js';
import { icon } from '../icons.js';
import { library, loadLibrary, player, playlists, shown, status } from '../model.js';
import { askText, confirm, openDialog } from '../parts/dialog.js';
import { field, keepFile, select } from '../parts/form.js';
import { menuAt } from '../parts/menu.js';
import { moveAt, movingPicture } from '../parts/motion.js';
import { addItems } from '../parts/playlist.js';
import { report, say } from '../parts/toast.js';
import { showTrash } from '../parts/trash.js';
import { uploadButton, uploadsList } from '../parts/uploads.js';
import { View } from '../view.js';
import { fromServer, t } from '../words.js';

/** @type {Record<string, (a: Media, b: Media) => number>} */
const ORDERS = {
  newest: (a, b) => b.added.localeCompare(a.added),
  oldest: (a, b) => a.added.localeCompare(b.added),
  name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  size: (a, b) => b.bytes - a.bytes,
  length: (a, b) => (b.duration_seconds ?? 0) - (a.duration_seconds ?? 0),
};

class LibraryView extends View {
  /** Cards by medium, kept so that pictures are not fetched again and focus stays where it is.
   * @type {Map<string, {media: Media, card: HTMLElement}>} */
  #tiles = new Map();
  #grid = el('ul', { class: 'tiles', id: 'library', 'aria-label': t('files') });
  #summary = el('span', { class: 'head-note' });
  #find = el('input', { type: 'search', placeholder: t('library.find'), 'aria-label': t('library.find') });
  #order = select(Object.keys(ORDERS).map((order) => [order, t(`order.${/** @type {'name'} */ (order)}`)]), 'newest');
  #empty = el('div', { class: 'empty empty-large', hidden: true });

  /** @param {AbortSignal} gone */
  show(gone) {
    this.#order.setAttribute('aria-label', t('library.order'));
    this.append(
      el(
        'div',
        { class: 'library' },
        el('header', { class: 'view-head' }, el('div', { class: 'head-words' }, el('h1', {}, t('nav.library')), this.#summary), uploadButton(true), uploadButton()),
        storageBar(gone),
        uploadsList(),
        el('div', { class: 'filters' }, this.#find, this.#order),
        this.#grid,
        this.#empty,
      ),
    );
    library.follow(() => this.#show(), gone);
    // What could not be played is told by the player first.
    const failed = () => JSON.stringify(player.value?.problems ?? []);
    let problems = failed();
    player.follow(() => {
      const before = problems;
      problems = failed();
      if (problems !== before) loadLibrary().catch(report);
    }, gone);
    this.#find.addEventListener('input', () => this.#show(), { signal: gone });
    this.#order.addEventListener('change', () => this.#show(), { signal: gone });
  }

  #show() {
    const wanted = this.#find.value.trim().toLowerCase();
    const matching = library.value.filter((media) => media.name.toLowerCase().includes(wanted)).sort(ORDERS[this.#order.value]);
    const ids = new Set(matching.map((media) => media.id));
    for (const [id, { card }] of this.#tiles) {
      if (!ids.has(id)) {
        card.remove();
        this.#tiles.delete(id);
      }
    }
    matching.forEach((media, index) => {
      let known = this.#tiles.get(media.id);
      if (!known || known.media.name !== media.name || known.media.problem !== media.problem) {
        const card = makeTile(media);
        known?.card.replaceWith(card);
        known = { media, card };
        this.#tiles.set(media.id, known);
      }
      if (this.#grid.children[index] !== known.card) this.#grid.insertBefore(known.card, this.#grid.children[index] ?? null);
    });
    if (!library.isKnown) return;
    setText(this.#summary, t('files.count', { n: library.value.length }));
    this.#find.hidden = this.#order.hidden = library.value.length === 0;
    this.#empty.hidden = matching.length > 0;
    this.#empty.replaceChildren(icon(wanted ? 'search' : 'still'), el('p', {}, wanted ? t('library.no-match', { name: this.#find.value.trim() }) : t('library.empty')));
  }
}
customElements.define('view-library', LibraryView);

/** How much is taken, of how much there is. @param {AbortSignal} gone */
function storageBar(gone) {
  const bar = el('meter', { min: 0, max: 1, 'aria-label': t('storage') });
  const words = el('span', { class: 'note', id: 'storage' });
  status.follow((now) => {
    if (!now) return;
    const { used_bytes: used, quota_bytes: quota, free_bytes: free, reserve_bytes: reserve } = now.storage;
    const room = Math.max(0, Math.min(free - reserve, quota === null ? Infinity : quota - used));
    bar.value = used + room ? used / (used + room) : 1;
    bar.high = 0.9;
    setText(words, quota === null ? t('storage.facts', { used: size(used), room: size(room) }) : t('storage.facts-quota', { used: size(used), room: size(room), quota: size(quota) }));
  }, gone);
  const trash = el('button', { type: 'button', class: 'link', onclick: () => showTrash().catch(report) });
  status.follow((now) => {
    const deleted = now?.storage.deleted_bytes ?? 0;
    trash.hidden = deleted === 0;
    setText(trash, t('trash.facts', { size: size(deleted) }));
  }, gone);
  return el('div', { class: 'storage' }, bar, words, trash);
}

/** @param {Media} media */
function makeTile(media) {
  const more = el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('more-for', { name: media.name }) }, icon('more'));
  menuAt(more, () => [
    { label: t('media.to-playlist'), icon: 'list', run: () => addTo(media) },
    { label: t('media.details'), icon: 'info', run: () => showDetails(media) },
    { label: t('download'), icon: 'download', run: () => keepFile(`/api/media/${media.id}/file`, media.name) },
    { label: t('rename'), icon: 'pencil', run: () => rename(media) },
    { label: t('delete'), icon: 'bin', danger: true, run: () => discard(media) },
  ]);
  const add = el('button', { type: 'button', class: 'tile-add', 'aria-label': t('media.add-one', { name: media.name }), title: t('media.to-playlist') }, icon('plus'));
  add.addEventListener('click', () => (playlists.value.length > 1 ? addTo(media) : put(media).catch(report)));
  const moves = media.kind !== 'still';
  const length = moves && media.duration_seconds !== null ? span(media.duration_seconds) : '';
  const thumbnail = el('img', { src: `/api/media/${media.id}/thumbnail`, alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' });
  thumbnail.addEventListener('error', () => thumbnail.replaceWith(icon('still')));
  const picture = el('button', { type: 'button', class: 'tile-picture', 'aria-label': t('media.details-of', { name: media.name }), onclick: () => showDetails(media) }, thumbnail);
  if (moves) moveAt(picture, media);
  return el(
    'li',
    { class: 'tile' },
    picture,
    length ? el('span', { class: 'tile-badge' }, icon('play'), length) : null,
    media.problem ? el('span', { class: 'tile-problem', title: fromServer(media.problem) }, icon('warning'), t('media.failed')) : null,
    add,
    el('div', { class: 'tile-words' }, el('span', { class: 'tile-name', title: media.name }, media.name), el('span', { class: 'tile-facts' }, `${media.width}×${media.height} · ${size(media.bytes)}`)),
    more,
  );
}

/** @param {Media} media */
function showDetails(media) {
  /** @param {string} name @param {string} value */
  const fact = (name, value) => [el('dt', {}, name), el('dd', {}, value)];
  return openDialog({ title: media.name, wide: true }, [
    media.problem ? el('p', { class: 'form-problem' }, t('media.problem', { why: fromServer(media.problem) })) : null,
    media.kind === 'still' ? el('div', { class: 'details-picture' }, el('img', { src: `/api/media/${media.id}/file`, alt: '' })) : movingPicture(media),
    el(
      'dl',
      { class: 'facts' },
      fact(t('media.kind'), `${t(`kind.${media.kind}`)}, ${media.format.toUpperCase()}`),
      fact(t('media.pixels'), `${count(media.width)} × ${count(media.height)}`),
      fact(t('media.length'), media.duration_seconds === null ? '–' : span(media.duration_seconds)),
      fact(t('media.fps'), media.fps === null ? '–' : number(media.fps, 2)),
      fact(t('media.size'), size(media.bytes)),
      fact(t('media.crc'), media.crc32),
      fact(t('media.added'), moment(media.added)),
    ),
  ]);
}

/** @param {Media} media @param {{id: string, name: string}} [target] */
const put = (media, target) => addItems([{ content: { type: 'media', media: media.id } }], t('quoted', { name: media.name }), target);

/** Into which playlist? @param {Media} media */
async function addTo(media) {
  const all = playlists.value;
  const choice = select(all.map((one) => [one.id, one.name]), shown.value?.id ?? all[0]?.id ?? '');
  if (!all.length) return put(media).catch(report);
  await openDialog({ title: t('media.to-playlist'), action: t('add') }, [field(t('playlist'), choice)], () => put(media, all.find((one) => one.id === choice.value)));
}

/** @param {Media} media */
async function rename(media) {
  await askText({ title: t('rename'), label: t('name'), value: media.name, action: t('rename') }, async (name) => {
    await patch(`/api/media/${media.id}`, { name });
    await loadLibrary();
  });
}

/** Deletes at once, and can take it back; asks where playlists use it. @param {Media} media */
async function discard(media) {
  const path = `/api/media/${media.id}`;
  try {
    await remove(path);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409) return report(error);
    const wording = { title: t('media.in-use-title'), action: t('media.delete-anyway'), danger: true };
    if (!(await confirm(wording, t('media.in-use', { why: error.message }), () => remove(`${path}?force=true`)))) return;
  }
  say(t('media.deleted', { name: media.name }), { label: t('undo'), run: () => post(`/api/trash/${media.id}/restore`).then(loadLibrary).catch(report) });
  await loadLibrary();
}

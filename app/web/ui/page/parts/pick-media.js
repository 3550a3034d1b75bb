/** Choosing files of the library for a playlist. */

/** @import { NewItem } from '../types.js' */
import { el } from '../dom.js';
import { library } from '../model.js';
import { t } from '../words.js';
import { openDialog } from './dialog.js';

/** @param {(items: NewItem[], name: string) => Promise<unknown>} use */
export function pickMedia(use) {
  const newest = [...library.value].sort((a, b) => b.added.localeCompare(a.added));
  const boxes = newest.map((media) => el('input', { type: 'checkbox', value: media.id, class: 'pick-box' }));
  const choices = newest.map((media, index) =>
    el('label', { class: 'pick' }, boxes[index], el('span', { class: 'tile-picture' }, el('img', { src: `/api/media/${media.id}/thumbnail`, alt: '', loading: 'lazy' })), el('span', { class: 'pick-name' }, media.name)),
  );
  const wording = newest.length ? { title: t('media.add'), action: t('add'), wide: true } : { title: t('media.add') };
  return openDialog(wording, newest.length ? [el('div', { class: 'picks' }, choices)] : [el('p', {}, t('library.empty'))], async () => {
    const chosen = newest.filter((_, index) => boxes[index]?.checked);
    if (!chosen.length) throw new Error(t('media.choose'));
    const name = chosen.length === 1 ? t('quoted', { name: chosen[0]?.name ?? '' }) : t('files.count', { n: chosen.length });
    await use(chosen.map((media) => ({ content: { type: 'media', media: media.id } })), name);
  });
}

/** The deleted files, to be brought back or deleted for good. */

/** @import { DeletedMedia } from '../types.js' */
import { get, post, remove } from '../api.js';
import { el } from '../dom.js';
import { day, size } from '../format.js';
import { icon } from '../icons.js';
import { loadLibrary } from '../model.js';
import { t } from '../words.js';
import { confirm, openDialog } from './dialog.js';
import { report, say } from './toast.js';

export async function showTrash() {
  const list = el('ul', { class: 'people', 'aria-label': t('trash') });
  const empty = el('button', { type: 'button', class: 'button button-warn', onclick: () => empties().catch(report) }, icon('bin'), t('trash.empty'));
  const load = async () => {
    /** @type {{media: DeletedMedia[]}} */
    const { media } = await get('/api/trash');
    list.replaceChildren(...(media.length ? media.map((one) => row(one, load)) : [el('li', { class: 'empty' }, t('trash.nothing'))]));
    empty.hidden = media.length === 0;
  };
  const empties = async () => {
    await confirm({ title: t('trash.empty'), action: t('trash.empty'), danger: true }, t('trash.empty-ask'), () => remove('/api/trash'));
    await load();
  };
  await load();
  await openDialog({ title: t('trash'), wide: true }, [el('p', { class: 'note' }, t('trash.what')), list, el('div', {}, empty)]);
}

/** @param {DeletedMedia} deleted @param {() => Promise<void>} load */
function row({ media, until }, load) {
  const restore = async () => {
    await post(`/api/trash/${media.id}/restore`);
    say(t('trash.restored', { name: media.name }));
    await Promise.all([load(), loadLibrary()]);
  };
  const discard = async () => {
    await confirm({ title: t('trash.delete'), action: t('delete'), danger: true }, t('media.delete-ask', { name: media.name }), () => remove(`/api/trash/${media.id}`));
    await load();
  };
  return el(
    'li',
    { class: 'person' },
    el('span', { class: 'person-words' }, el('span', { class: 'person-name' }, media.name), el('span', { class: 'person-facts' }, t('trash.until', { size: size(media.bytes), day: day(until) }))),
    el('button', { type: 'button', class: 'button small', 'aria-label': t('trash.restore-one', { name: media.name }), onclick: () => restore().catch(report) }, t('trash.restore')),
    el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('trash.delete-one', { name: media.name }), onclick: () => discard().catch(report) }, icon('bin')),
  );
}

/** What is done about a data partition that the machine has set aside: shown only while there is one. */

import { post } from '../api.js';
import { el } from '../dom.js';
import { status } from '../model.js';
import { confirm } from '../parts/dialog.js';
import { card } from '../parts/list.js';
import { report, say } from '../parts/toast.js';
import { t } from '../words.js';

/** @param {AbortSignal} gone */
export function dataPartitionCard(gone) {
  /** @param {'repair' | 'replace'} remedy */
  const apply = async (remedy) => {
    const wording = { title: t(`data.${remedy}.title`), action: t(`data.${remedy}`), danger: remedy === 'replace' };
    const done = await confirm(wording, t(`data.${remedy}.ask`), () => post('/api/system/data-partition', { remedy }));
    if (done) say(t('data.begun'));
  };
  /** @param {'repair' | 'replace'} remedy @param {string} kind */
  const button = (remedy, kind) => el('button', { type: 'button', class: `button ${kind}`, onclick: () => apply(remedy).catch(report) }, t(`data.${remedy}`));
  const all = card(t('data'), null, el('p', { class: 'note' }, t('data.set-aside')), el('div', { class: 'list-more' }, button('repair', 'button-main'), button('replace', 'button-warn')));
  status.follow((now) => (all.hidden = now?.system.data_partition !== 'set_aside'), gone);
  return all;
}

/** What somebody else has changed or removed while a person had it open: whose holds is the person's to say. */

import { el } from '../dom.js';
import { t } from '../words.js';
import { openDialog } from './dialog.js';

/**
 * Asks whose holds. Where that is not said it fails, so that what is open stays open.
 * @param {string} name of what both had @param {boolean} isGone whether the other has removed it
 * @returns {Promise<boolean>} whether it is that of the one who is asked
 */
export async function isMine(name, isGone) {
  let mine = false;
  /** @param {string} words @param {boolean} own */
  const choice = (words, own) => el('button', { type: 'submit', class: 'button', onclick: () => (mine = own) }, words);
  const said = await openDialog({ title: t('both') }, [
    el('p', {}, t(isGone ? 'both.gone' : 'both.changed', { name })),
    el('div', { class: 'list-more' }, choice(t(isGone ? 'both.leave-out' : 'both.theirs'), false), choice(t(isGone ? 'both.put-back' : 'both.mine'), true)),
  ]);
  if (!said) throw new Error(t('both.open'));
  return mine;
}

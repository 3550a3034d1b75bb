/** Safe mode, asked for: dark, and staying so over restarts until somebody leaves it. */

import { put, remove } from '../api.js';
import { el, setText } from '../dom.js';
import { status } from '../model.js';
import { fromServer, t } from '../words.js';
import { confirm } from './dialog.js';
import { card } from './list.js';
import { report } from './toast.js';

/** @param {AbortSignal} gone */
export function safeModeCard(gone) {
  const words = el('p', { class: 'note' });
  const button = el('button', { type: 'button', class: 'button' });
  button.addEventListener('click', () => {
    const work = status.value?.safe_mode
      ? remove('/api/safe-mode')
      : confirm({ title: t('safe-mode'), action: t('safe-mode.enter'), danger: true }, t('safe-mode.enter-ask'), () => put('/api/safe-mode', undefined));
    Promise.resolve(work).catch(report);
  });
  status.follow((now) => {
    setText(words, now?.safe_mode ? t('safe-mode.on', { reason: fromServer(now.safe_mode) }) : t('safe-mode.off'));
    setText(button, now?.safe_mode ? t('safe-mode.leave') : t('safe-mode.enter'));
  }, gone);
  return card(t('safe-mode'), null, words, el('div', { class: 'list-more' }, button));
}

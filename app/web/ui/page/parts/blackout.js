/** Blackout: dark at once, while what plays goes on unseen, until somebody gives the light back; every page shows it. */

import { post } from '../api.js';
import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { player } from '../model.js';
import { t } from '../words.js';
import { report } from './toast.js';

/** @param {AbortSignal} gone */
export function blackout(gone) {
  const words = el('span', {});
  const button = el('button', { type: 'button', class: 'button button-blackout', id: 'blackout', 'aria-pressed': 'false' }, icon('power'), words);
  const isDark = () => player.value?.blackout ?? false;
  button.addEventListener('click', () => post('/api/control/blackout', { on: !isDark() }).catch(report));
  player.follow(() => {
    button.setAttribute('aria-pressed', String(isDark()));
    button.title = t(isDark() ? 'blackout.end-what' : 'blackout.what');
    setText(words, t(isDark() ? 'blackout.end' : 'blackout'));
  }, gone);
  return button;
}

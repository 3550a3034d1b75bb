/**
 * Blackout: dark at once, while what plays goes on unseen; then the light of before again. It is the brightness that is
 * taken away, so every page shows it, and whoever moves the slider ends it.
 */

/** @import { Status } from '../types.js' */
import { get, patch } from '../api.js';
import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { player } from '../model.js';
import { t } from '../words.js';
import { report } from './toast.js';

const KEPT = 'prismatron-light';
/** The light that comes back where somebody else has made it dark. */
const OTHERWISE = 0.5;

/** @param {AbortSignal} gone */
export function blackout(gone) {
  const words = el('span', {});
  const button = el('button', { type: 'button', class: 'button button-blackout', id: 'blackout', 'aria-pressed': 'false' }, icon('power'), words);
  const isDark = () => player.value?.brightness === 0;
  const turn = async () => {
    if (isDark()) return patch('/api/settings', { brightness: recall() });
    // As it is now, not as it was told last.
    /** @type {Status} */
    const { player: now } = await get('/api/status');
    if (now.brightness > 0) keep(now.brightness);
    return patch('/api/settings', { brightness: 0 });
  };
  button.addEventListener('click', () => turn().catch(report));
  player.follow(() => {
    button.setAttribute('aria-pressed', String(isDark()));
    button.title = t(isDark() ? 'blackout.end-what' : 'blackout.what');
    setText(words, t(isDark() ? 'blackout.end' : 'blackout'));
  }, gone);
  return button;
}

// A browser may forbid storage; then half the light comes back.

function recall() {
  try {
    return Number(localStorage.getItem(KEPT)) || OTHERWISE;
  } catch {
    return OTHERWISE;
  }
}

/** @param {number} light */
function keep(light) {
  try {
    localStorage.setItem(KEPT, String(light));
  } catch {
    // See above.
  }
}

/** What plays and the buttons one wants at once, under every view but the one of the player itself. */

import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { player } from '../model.js';
import { addressOf } from '../router.js';
import { t } from '../words.js';
import { currentTitle } from './item.js';
import { playOrPause, send } from './transport.js';

export class MiniPlayer extends HTMLElement {
  connectedCallback() {
    this.className = 'mini';
    this.setAttribute('role', 'region');
    this.setAttribute('aria-label', t('player'));
    const title = el('span', { class: 'mini-title' });
    const list = el('span', { class: 'mini-list' });
    const play = el('button', { type: 'button', class: 'button-icon', onclick: playOrPause });
    const next = el('button', { type: 'button', class: 'button-icon', 'aria-label': t('play.next'), title: t('play.next'), onclick: () => send('next') }, icon('next'));
    this.append(
      el('a', { class: 'mini-now', href: addressOf('now') }, title, list),
      el('span', { class: 'mini-buttons', 'data-least': 'operator' }, play, next),
    );
    player.follow((now) => {
      setText(title, now?.item ? currentTitle(now.item) : t('play.nothing'));
      setText(list, now?.playlist?.name ?? '');
      const words = now?.mode === 'playing' ? t('play.pause') : t('play.play');
      next.disabled = play.disabled = !now?.playlist;
      if (play.getAttribute('aria-label') === words) return;
      play.setAttribute('aria-label', words);
      play.title = words;
      play.replaceChildren(icon(now?.mode === 'playing' ? 'pause' : 'play'));
    });
  }
}
customElements.define('mini-player', MiniPlayer);

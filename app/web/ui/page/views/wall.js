/** The wall: the controllers that light it, and where its LEDs are. */

import { el, setText } from '../dom.js';
import { count } from '../format.js';
import { icon } from '../icons.js';
import { layoutEditor } from '../layout/editor.js';
import { layout } from '../model.js';
import { card } from '../parts/list.js';
import { addOutput, outputsList } from '../parts/outputs.js';
import { addressOf } from '../router.js';
import { View } from '../view.js';
import { may } from '../who.js';
import { t } from '../words.js';

/** The parts, in the order of their tabs. @type {{name: string, title: import('../words.js').Key, least: import('../types.js').Role, draw: (gone: AbortSignal) => HTMLElement[]}[]} */
const PARTS = [
  { name: 'outputs', title: 'outputs', least: 'viewer', draw: (gone) => [outputsCard(gone)] },
  { name: 'layout', title: 'layout', least: 'admin', draw: (gone) => [layoutEditor(gone)] },
];

class WallView extends View {
  #tabs = el('nav', { class: 'tabs', 'aria-label': t('wall.parts') });
  #place = el('div', { class: 'wall-part' });
  #drawn = new AbortController();

  /** @param {AbortSignal} gone */
  show(gone) {
    const facts = el('span', { class: 'head-note' });
    this.append(el('div', { class: 'wall' }, el('header', { class: 'view-head' }, el('div', { class: 'head-words' }, el('h1', {}, t('nav.wall')), facts)), this.#tabs, this.#place));
    layout.follow((now) => {
      if (now) setText(facts, t('wall.facts', { leds: count(now.leds), width: String(now.canvas.width), height: String(now.canvas.height) }));
    }, gone);
    gone.addEventListener('abort', () => this.#drawn.abort());
  }

  /** @param {string} name of a part */
  open(name) {
    const parts = PARTS.filter((part) => may(part.least));
    const now = parts.find((part) => part.name === name) ?? parts[0];
    if (!now) return;
    this.#tabs.hidden = parts.length < 2;
    this.#tabs.replaceChildren(...parts.map((part) => el('a', { href: addressOf('wall', part.name), 'aria-current': part === now ? 'page' : null }, t(part.title))));
    this.#drawn.abort();
    this.#drawn = new AbortController();
    this.#place.replaceChildren(...now.draw(this.#drawn.signal));
  }
}
customElements.define('view-wall', WallView);

/** @param {AbortSignal} gone */
function outputsCard(gone) {
  const { line, list, empty } = outputsList(gone);
  const add = may('admin') ? el('button', { type: 'button', class: 'button', onclick: () => addOutput() }, icon('plus'), t('outputs.add')) : null;
  return card(t('outputs'), add, line, list, empty);
}

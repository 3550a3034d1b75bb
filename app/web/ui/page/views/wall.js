/** The wall: the controllers that light it, and where its LEDs are. */

/** @import { PowerEstimate } from '../types.js' */
import { get } from '../api.js';
import { el, setText } from '../dom.js';
import { count, number } from '../format.js';
import { icon } from '../icons.js';
import { layoutEditor } from '../layout/editor.js';
import { layout, outputs, status } from '../model.js';
import { findControllers } from '../parts/find-controllers.js';
import { identifyCard } from '../parts/identify.js';
import { card } from '../parts/list.js';
import { addOutput, outputsList } from '../parts/outputs.js';
import { Tabs } from '../parts/tabs.js';
import { report } from '../parts/toast.js';
import { newestAnswer } from '../turns.js';
import { View } from '../view.js';
import { may } from '../who.js';
import { t } from '../words.js';

/** In the order of their tabs. @type {import('../parts/tabs.js').Part[]} */
const PARTS = [
  { name: 'outputs', title: 'outputs', least: 'viewer', draw: (gone) => [outputsCard(gone), ...(may('operator') ? [identifyCard(gone)] : [])] },
  { name: 'layout', title: 'layout', least: 'admin', draw: (gone) => [layoutEditor(gone)] },
];

class WallView extends View {
  #tabs = new Tabs('wall', t('wall.parts'), el('div', { class: 'wall-part' }), PARTS);

  /** @param {AbortSignal} gone */
  show(gone) {
    const facts = el('span', { class: 'head-note' });
    this.append(el('div', { class: 'wall' }, el('header', { class: 'view-head' }, el('div', { class: 'head-words' }, el('h1', {}, t('nav.wall')), facts)), this.#tabs.bar, this.#tabs.place));
    layout.follow((now) => {
      if (now) setText(facts, t('wall.facts', { leds: count(now.leds), width: String(now.canvas.width), height: String(now.canvas.height) }));
    }, gone);
    gone.addEventListener('abort', () => this.#tabs.leave());
  }

  /** @param {string} name of a part */
  open(name) {
    this.#tabs.open(name);
  }
}
customElements.define('view-wall', WallView);

/** @param {AbortSignal} gone */
function outputsCard(gone) {
  const { line, list, empty } = outputsList(gone);
  const find = () => findControllers().catch(report);
  const hands = may('admin') && el('span', { class: 'head-hands' }, el('button', { type: 'button', class: 'button', onclick: find }, icon('search'), t('find')), el('button', { type: 'button', class: 'button', onclick: () => addOutput() }, icon('plus'), t('outputs.add')));
  return card(t('outputs'), hands, line, list, empty, powerLine(gone));
}

/** What all LEDs would draw at most, with and without what holds them back. @param {AbortSignal} gone */
function powerLine(gone) {
  const words = el('p', { class: 'note' });
  let asked = '';
  const ask = newestAnswer(() => get('/api/power'), (/** @type {PowerEstimate} */ { full_ma: full, most_ma: most }) => {
    words.hidden = full === 0;
    setText(words, t('power.estimate', { full: number(full / 1000, 1), most: number(most / 1000, 1) }));
  });
  const look = async () => {
    const key = `${status.value?.player.brightness} ${JSON.stringify(outputs.value.map(({ status: _, ...spec }) => spec))} ${status.value?.player.leds}`;
    if (key === asked) return;
    asked = key;
    await ask();
  };
  status.follow(() => look().catch(report), gone);
  outputs.follow(() => look().catch(report), gone);
  return words;
}

/** The first start, once there is an account: time and place, controllers, a picture to test with. */

import { changePlaylist, post } from '../api.js';
import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { effects, loadCatalogues, loadPlaylists, loadSchedule, outputs, playlists, schedule, takePlayer } from '../model.js';
import { findControllers } from '../parts/find-controllers.js';
import { addOutput } from '../parts/outputs.js';
import { report } from '../parts/toast.js';
import { addressOf } from '../router.js';
import { chooseZone } from '../schedule/keep.js';
import { Stage } from '../stage/stage.js';
import { queue } from '../turns.js';
import { View } from '../view.js';
import { nameOf, session } from '../who.js';
import { t } from '../words.js';

const inTurn = queue();

class WelcomeView extends View {
  /** @param {AbortSignal} gone */
  show(gone) {
    const zone = el('p', { class: 'note' });
    const controllers = el('p', { class: 'note' });
    /** @param {string} action @param {() => Promise<unknown>} run */
    const by = (action, run) => el('button', { type: 'button', class: 'button', onclick: () => run().catch(report) }, action);
    /** @param {string} title @param {HTMLElement} words @param {HTMLElement[]} hands @param {HTMLElement} [below] */
    const step = (title, words, hands, below) => el('li', { class: 'card welcome-step' }, el('div', { class: 'welcome-words' }, el('h2', {}, title), words), el('div', { class: 'welcome-hands' }, hands), below ?? null);
    this.append(
      el(
        'div',
        { class: 'welcome' },
        el('h1', {}, t('welcome.hello', { name: session.value ? nameOf(session.value) : '' })),
        el('p', {}, t('welcome.what')),
        el(
          'ol',
          { class: 'welcome-steps' },
          step(t('welcome.zone'), zone, [by(t('schedule.place'), chooseZone)]),
          step(t('welcome.controllers'), controllers, [by(t('find'), findControllers), by(t('outputs.add'), () => addOutput())]),
          step(t('welcome.pattern'), el('p', { class: 'note' }, t('welcome.pattern-what')), [by(t('welcome.pattern-show'), () => post('/api/identify', { pattern: { type: 'order' } })), by(t('welcome.pattern-play'), () => inTurn(playPattern))], new Stage()),
        ),
        el('a', { class: 'button button-main', href: addressOf('now') }, icon('wall'), t('welcome.done')),
      ),
    );
    schedule.follow((now) => setText(zone, t('welcome.zone-what', { zone: now?.time_zone_in_force ?? '' })), gone);
    outputs.follow((now) => setText(controllers, t('welcome.controllers-what', { n: now.length })), gone);
    loadSchedule().catch(report);
  }
}
customElements.define('view-welcome', WelcomeView);

/** Plays an effect by itself, from a playlist that is made for it once. */
async function playPattern() {
  const name = t('welcome.pattern-name');
  await Promise.all([loadCatalogues(), loadPlaylists()]);
  const [effect] = effects.value;
  const known = playlists.value.find((one) => one.name === name);
  /** @type {{id: string}} */
  const list = known ?? (await post('/api/playlists', { name }));
  // One that was made, and then cut off, is empty.
  if (!known?.items && effect) await changePlaylist('POST', { id: list.id }, '/items', { items: [{ content: { type: 'effect', effect: effect.name, params: {} } }] });
  takePlayer(await post(`/api/playlists/${list.id}/activate`, {}));
}

/** The displays of this machine, where there are several: how each fares, and the way to its page. They look as outputs do. */

/** @import { Display, DisplayState } from '../types.js' */
import { get } from '../api.js';
import { el } from '../dom.js';
import { t } from '../words.js';
import { card, whileThere } from './list.js';

/** The colour of the dot, named as outputs name theirs. @type {Record<DisplayState, string>} */
const DOTS = { ok: 'sending', degraded: 'waiting', failing: 'failing', silent: 'failing', starting: 'waiting', stopped: 'off', failed: 'failing' };

/** @param {AbortSignal} gone */
export function displaysCard(gone) {
  const list = el('ul', { class: 'outputs', 'aria-label': t('displays') });
  const all = card(t('displays'), null, list, el('p', { class: 'note' }, t('displays.what')));
  all.hidden = true;
  whileThere(load, gone);
  return all;

  async function load() {
    /** @type {{displays: Display[]}} */
    const { displays } = await get('/api/displays');
    list.replaceChildren(...displays.map(row));
    all.hidden = displays.length < 2;
  }
}

/** @param {Display} display */
function row(display) {
  const name = display.name ?? t('displays.first');
  const { page } = display;
  const isAway = Boolean(page?.local) && !isHere(location.hostname);
  const href = page && !isAway && !display.own ? `${page.scheme}://${location.hostname}:${page.port}/` : '';
  const where = page ? t('displays.port', { port: String(page.port) }) : t('displays.no-page');
  return el(
    'li',
    { class: 'output', 'data-state': DOTS[display.state] },
    el('span', { class: 'dot', 'aria-hidden': 'true' }),
    el('span', { class: 'output-name' }, href ? el('a', { href }, name) : name),
    el('span', { class: 'output-state' }, t(`display.${display.state}`)),
    el('span', { class: 'output-facts' }, display.own ? t('displays.own') : isAway ? t('displays.local') : where),
  );
}

/** Whether a name is that of the machine the browser runs on. @param {string} host */
function isHere(host) {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

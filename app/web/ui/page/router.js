/**
 * Which view is shown: the one the address names after `#/`. A view's module is fetched when it is first wanted, or
 * beforehand once the page is at rest, so that a line that is lost then takes no view away. What somebody's role may not
 * see is no view for them.
 */

/** @import { IconName } from './icons.js' */
/** @import { Role } from './types.js' */
/** @import { Key } from './words.js' */
import { el } from './dom.js';
import { link } from './model.js';
import { report } from './parts/toast.js';
import { Signal } from './signal.js';
import { View } from './view.js';
import { may } from './who.js';
import { t } from './words.js';

/** @typedef {{name: string, title: Key, icon: IconName, least: Role, load: () => Promise<unknown>}} Route */

/** In the order of the navigation. The element of a view is called `view-` and its name. @type {Route[]} */
const ROUTES = [
  { name: 'now', title: 'nav.now', icon: 'wall', least: 'viewer', load: () => import('./views/now.js') },
  { name: 'library', title: 'nav.library', icon: 'still', least: 'operator', load: () => import('./views/library.js') },
  { name: 'playlists', title: 'nav.playlists', icon: 'list', least: 'operator', load: () => import('./views/playlists.js') },
  { name: 'schedule', title: 'nav.schedule', icon: 'calendar', least: 'operator', load: () => import('./views/schedule.js') },
  { name: 'wall', title: 'nav.wall', icon: 'grid', least: 'viewer', load: () => import('./views/wall.js') },
  { name: 'system', title: 'nav.system', icon: 'gear', least: 'viewer', load: () => import('./views/system.js') },
];
/** After the first account was made; nobody goes there again. @type {Route} */
const WELCOME = { name: 'welcome', title: 'nav.welcome', icon: 'check', least: 'admin', load: () => import('./views/welcome.js') };

/** The view that is shown. */
export const place = new Signal(/** @type {Route | null} */ (null));

export const routes = () => ROUTES.filter((route) => may(route.least));

/** @param {string} name @param {string} [part] */
export const addressOf = (name, part = '') => `#/${name}${part && `/${part}`}`;

/** Where the address leads: the first view where it leads nowhere. */
function asked() {
  const [, name, ...rest] = location.hash.split('/');
  const route = [...routes(), ...(may('admin') ? [WELCOME] : [])].find((one) => one.name === name);
  return { route: route ?? routes()[0], part: route ? decodeURIComponent(rest.join('/')) : '' };
}

/** @type {HTMLElement | null} */
let outlet = null;
let turn = 0;
/** Whether somebody is there to be shown anything. */
let isOpen = false;

/** Shows the views in `where` from now on. @param {HTMLElement} where */
export function startRouter(where) {
  outlet = where;
  addEventListener('hashchange', () => {
    if (isOpen) show(true).catch(report);
  });
}

/** Shows what the address says. @param {boolean} moved by somebody who is using the page */
export async function show(moved = false) {
  const { route, part } = asked();
  if (!route || !outlet) return;
  isOpen = true;
  turn += 1;
  const mine = turn;
  if (route !== place.value) {
    try {
      await route.load();
    } catch {
      if (mine === turn) awaitReload();
      return;
    }
    if (mine !== turn) return;
    outlet.replaceChildren(document.createElement(`view-${route.name}`));
    scrollTo(0, 0);
    place.value = route;
    document.title = `${t(route.title)} · Prismatron`;
    // Whoever listens to the page hears where they are.
    if (moved) outlet.focus({ preventScroll: true });
  }
  const view = outlet.firstElementChild;
  if (view instanceof View) view.open(part);
}

/** Whether the line was lost since the page was loaded. */
let wasLost = false;
link.follow((now) => {
  wasLost ||= now === 'lost';
});

/** A view that could not be fetched is not asked for again by a browser, until the page is loaded anew: once there is a line. */
function awaitReload() {
  place.value = null;
  outlet?.replaceChildren(el('p', { class: 'empty empty-large' }, t('problem.0')));
  link.follow((now) => now === 'open' && wasLost && place.value === null && isOpen && location.reload());
}

/** Fetches the views that were not wanted yet, once there is a line. */
export function fetchAhead() {
  const fetched = new AbortController();
  link.follow((now) => {
    if (now !== 'open') return;
    fetched.abort();
    Promise.allSettled(routes().map((route) => route.load()));
  }, fetched.signal);
}

/** Shows nothing: nobody is signed in. */
export function leave() {
  isOpen = false;
  turn += 1;
  place.value = null;
  outlet?.replaceChildren();
}

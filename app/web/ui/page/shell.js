/** The frame around the views: where one can go, how it all fares, who is signed in. */

/** @import { Command } from './parts/menu.js' */
import { byId, el, setText } from './dom.js';
import { icon } from './icons.js';
import { link, status } from './model.js';
import { openDialog } from './parts/dialog.js';
import { field, select } from './parts/form.js';
import { showHealth } from './parts/health.js';
import { menuAt } from './parts/menu.js';
import { MiniPlayer } from './parts/mini-player.js';
import { Notices } from './parts/notices.js';
import { report } from './parts/toast.js';
import { addressOf, place, routes, startRouter } from './router.js';
import { bringDevice, changePassword, signOut } from './session.js';
import { may, nameOf, session } from './who.js';
import { LANGUAGES, speak, spoken, t } from './words.js';

const app = byId('app', HTMLElement);

export function drawShell() {
  const nav = el('nav', { class: 'nav', 'aria-label': t('nav') });
  const main = el('main', { class: 'view', id: 'view', tabindex: '-1' });
  const lost = el('p', { class: 'lost', role: 'alert', hidden: true }, t('lost'));
  const skip = el('button', { type: 'button', class: 'skip', onclick: () => main.focus() }, t('skip'));
  app.append(
    skip,
    el(
      'header',
      { class: 'rail' },
      el('a', { class: 'brand', href: addressOf('now') }, el('img', { src: 'mark.svg', alt: '', width: 28, height: 28 }), 'Prismatron'),
      nav,
      el('div', { class: 'rail-foot' }, healthButton(), whoButton()),
    ),
    el('div', { class: 'page' }, lost, new Notices(), main),
    new MiniPlayer(),
  );
  link.follow((now) => {
    lost.hidden = now !== 'lost';
  });
  session.follow((now) => {
    // A session that was renewed may go where it went before.
    if (document.body.dataset.role === (now?.role ?? '')) return;
    document.body.dataset.role = now?.role ?? '';
    if (now) {
      nav.replaceChildren(
        ...routes().map((route) => el('a', { class: 'nav-link', href: addressOf(route.name), 'data-name': route.name }, icon(route.icon), el('span', {}, t(route.title)))),
      );
    }
  });
  place.follow((now) => {
    document.body.dataset.view = now?.name ?? '';
    for (const one of nav.querySelectorAll('a')) {
      if (one.dataset.name === now?.name) one.setAttribute('aria-current', 'page');
      else one.removeAttribute('aria-current');
    }
  });
  startRouter(main);
}

/** How it all fares, in a word; the reasons behind it. */
function healthButton() {
  const words = el('span', {});
  const button = el('button', { type: 'button', class: 'rail-button health', id: 'health', onclick: () => showHealth() }, el('span', { class: 'dot', 'aria-hidden': 'true' }), words);
  const show = () => {
    // Of a machine that does not answer nothing is known.
    const now = link.value === 'lost' ? null : status.value;
    const findings = now?.health.findings.length ?? 0;
    button.dataset.state = now?.health.state ?? 'unknown';
    setText(words, !now ? t('health.unknown') : findings ? t('health.findings-short', { n: findings }) : t('health.ok'));
  };
  status.follow(show);
  link.follow(show);
  return button;
}

function whoButton() {
  const words = el('span', { class: 'who', id: 'who' });
  const button = el('button', { type: 'button', class: 'rail-button', id: 'menu' }, icon('person'), words);
  session.follow((now) => {
    setText(words, now ? nameOf(now) : '');
    button.setAttribute('aria-label', now ? t('menu.of', { name: nameOf(now) }) : t('menu'));
  });
  menuAt(
    button,
    () => {
      const own = session.value?.kind === 'account';
      /** @type {(Command | false)[]} */
      const all = [
        { label: t('device.title'), icon: 'phone', run: () => bringDevice().catch(report) },
        own && { label: t('password.change'), icon: 'key', run: changePassword },
        { label: t('language'), icon: 'globe', run: chooseLanguage },
        { label: t('sign-out'), icon: 'exit', run: () => signOut().catch(report) },
      ];
      return all.filter((one) => one !== false);
    },
    () => (session.value ? `${nameOf(session.value)} · ${t(`role.${session.value.role}`)}` : ''),
  );
  return button;
}

function chooseLanguage() {
  const languages = select(Object.entries(LANGUAGES), spoken());
  openDialog({ title: t('language'), action: t('language.use') }, [field(t('language'), languages)], () => speak(languages.value));
}

/** Shows the frame to somebody who is signed in. @param {boolean} shown */
export function showShell(shown) {
  app.hidden = !shown;
  document.body.classList.toggle('is-inside', shown && may('viewer'));
}

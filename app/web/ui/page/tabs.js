/** On a narrow screen the panels share one place; a wide one shows them all and hides the tabs by style alone. */

import { byId } from './dom.js';
import { may, session } from './who.js';

const NAMES = ['playlist', 'library', 'outputs'];

export function startTabs() {
  const tabs = NAMES.map((name) => byId(`tab-${name}`, HTMLButtonElement));
  /** @param {number} index */
  const choose = (index) => {
    document.body.dataset.tab = NAMES[index];
    tabs.forEach((tab, at) => {
      tab.setAttribute('aria-selected', String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
    });
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => choose(index));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = (index + step + tabs.length) % tabs.length;
      choose(next);
      tabs[next]?.focus();
    });
  });
  choose(0);
  session.follow((now) => {
    if (now) choose(may('operator') ? 0 : NAMES.indexOf('outputs'));
  });
}

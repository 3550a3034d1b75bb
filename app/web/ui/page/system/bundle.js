/** What a bundle is, before it is installed. */

/** @import { Update } from '../types.js' */
import { el } from '../dom.js';
import { size } from '../format.js';
import { icon } from '../icons.js';
import { t } from '../words.js';

/** @param {NonNullable<Update['bundle']>} bundle @param {Update['running']} running */
export function bundleFacts(bundle, running) {
  const { direction } = bundle;
  /** @type {[string, string][]} */
  const rows = [
    [t('update.version'), running?.version ? t('update.from-to', { from: running.version, to: bundle.version }) : bundle.version],
    [t('update.compatible'), bundle.compatible],
    [t('update.signer'), bundle.signer ?? t('update.unknown')],
    [t('update.size'), size(bundle.bytes ?? bundle.image_bytes)],
  ];
  if (bundle.build) rows.push([t('update.build'), bundle.build]);
  return el(
    'div',
    { class: 'update-bundle' },
    bundle.description ? el('p', {}, bundle.description) : null,
    direction === 'up' ? null : el('p', { class: 'update-warning', 'data-direction': direction }, icon('warning'), el('span', {}, t(`update.direction.${direction}`))),
    el('dl', { class: 'facts' }, rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
    bundle.changelog ? el('h3', { class: 'form-part' }, t('update.changelog')) : null,
    bundle.changelog ? el('pre', { class: 'update-changelog', tabindex: '0', role: 'group', 'aria-label': t('update.changelog') }, bundle.changelog) : null,
  );
}

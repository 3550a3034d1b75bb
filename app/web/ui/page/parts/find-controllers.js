/** Looking for WLED controllers in the networks the machine is in, and taking one as an output. */

/** @import { Controller } from '../types.js' */
import { post } from '../api.js';
import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../words.js';
import { openDialog } from './dialog.js';
import { addOutput } from './outputs.js';

export async function findControllers() {
  const list = el('ul', { class: 'people', 'aria-label': t('find') });
  const note = el('p', { class: 'note', role: 'status' });
  const bar = el('progress', { 'aria-label': t('find.looking') });
  const again = el('button', { type: 'button', class: 'button', onclick: () => look() }, icon('search'), t('find.again'));
  const look = async () => {
    again.hidden = true;
    bar.hidden = false;
    setText(note, t('find.looking'));
    try {
      /** @type {{controllers: Controller[]}} */
      const { controllers } = await post('/api/outputs/find');
      list.replaceChildren(...controllers.map((one) => row(one, look)));
      setText(note, controllers.length ? t('find.found', { n: controllers.length }) : t('find.none'));
    } catch (error) {
      setText(note, error instanceof Error ? error.message : String(error));
    }
    again.hidden = false;
    bar.hidden = true;
  };
  const closed = openDialog({ title: t('find'), wide: true }, [note, bar, list, el('div', {}, again)]);
  await look();
  await closed;
}

/** @param {Controller} controller @param {() => Promise<void>} look */
function row({ name, host, address, port, output }, look) {
  const where = host ? `${host} · ${address}` : address;
  const page = address.includes(':') ? `http://[${address}]:${port}/` : `http://${address}:${port}/`;
  const add = async () => {
    await addOutput({ name, hosts: [host ?? address] });
    await look();
  };
  return el(
    'li',
    { class: 'person' },
    el('span', { class: 'person-words' }, el('a', { class: 'person-name', href: page, target: '_blank', rel: 'noreferrer' }, name), el('span', { class: 'person-facts' }, where)),
    output ? el('span', { class: 'badge' }, t('find.known', { name: output })) : el('button', { type: 'button', class: 'button small', 'aria-label': t('find.add', { name }), onclick: add }, t('add')),
  );
}

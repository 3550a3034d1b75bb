/** The dialog of API tokens: what scripts show instead of signing in. */

/** @import { Token } from './types.js' */
import { get, post, remove } from './api.js';
import { roleChoice } from './accounts.js';
import { select } from './controls.js';
import { confirm, field, openDialog } from './dialog.js';
import { el } from './dom.js';
import { day } from './format.js';
import { icon } from './icons.js';
import { openList } from './list-dialog.js';
import { copyLine } from './session.js';
import { report, say } from './toast.js';
import { session } from './who.js';

/** @type {[string, string][]} */
const LIVES = [['7', 'A week'], ['30', 'A month'], ['90', 'Three months'], ['365', 'A year'], ['1095', 'Three years']];

export async function showTokens() {
  await openList({
    title: 'API tokens',
    empty: 'No tokens yet. A script sends one as “Authorization: Bearer …”.',
    rows: async (load) => {
      /** @type {{tokens: Token[]}} */
      const { tokens } = await get('/api/tokens');
      return tokens.map((token) => row(token, load));
    },
    more: 'New token',
    create,
  });
}

/** @param {Token} token @param {() => Promise<void>} load */
function row(token, load) {
  const discard = el('button', { type: 'button', class: 'button-icon small', 'aria-label': `Delete ${token.name}`, title: 'Delete' }, icon('bin'));
  discard.addEventListener('click', async () => {
    const done = await confirm({ title: 'Delete token', action: 'Delete', danger: true }, `Delete the token “${token.name}”? What uses it stops working at once.`, () => remove(`/api/tokens/${token.id}`)).catch(report);
    if (done) say(`The token “${token.name}” is deleted.`);
    await load().catch(report);
  });
  const over = new Date(token.expires) <= new Date();
  return el(
    'li',
    { class: 'person' },
    el(
      'span',
      { class: 'person-words' },
      el('span', { class: 'person-name', title: token.name }, token.name),
      el('span', { class: 'person-facts' }, `${over ? 'Ended' : 'Until'} ${day(token.expires)} · made by ${token.made_by}`),
    ),
    el('span', { class: 'badge' }, token.role),
    discard,
  );
}

async function create() {
  const name = el('input', { type: 'text', required: true, maxlength: 32, autocomplete: 'off' });
  const mine = session.value?.role ?? 'viewer';
  const role = roleChoice(mine === 'viewer' ? 'viewer' : 'operator', mine);
  const life = select(LIVES, '90');
  let secret = '';
  const made = await openDialog(
    { title: 'New token', action: 'Create' },
    [field('What is it for?', name), field('Role', role), field('Good for', life)],
    async () => {
      ({ secret } = await post('/api/tokens', { name: name.value.trim(), role: role.value, days: Number(life.value) }));
    },
  );
  if (!made) return;
  await openDialog({ title: 'The new token' }, [el('p', {}, 'Copy it now: it is never shown again.'), copyLine(secret)]);
}

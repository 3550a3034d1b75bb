/** API tokens: what scripts show instead of signing in. */

/** @import { Token } from '../types.js' */
import { get, post, remove } from '../api.js';
import { el } from '../dom.js';
import { day } from '../format.js';
import { icon } from '../icons.js';
import { session } from '../who.js';
import { fromServer, t } from '../words.js';
import { roleChoice } from './accounts.js';
import { confirm, openDialog } from './dialog.js';
import { copyLine, field, select } from './form.js';
import { listCard } from './list.js';
import { report, say } from './toast.js';

const LIVES = /** @type {const} */ (['7', '30', '90', '365', '1095']);

/** @param {AbortSignal} gone */
export function tokensCard(gone) {
  return listCard({
    title: t('tokens'),
    empty: t('tokens.empty'),
    rows: async (load) => {
      /** @type {{tokens: Token[]}} */
      const { tokens } = await get('/api/tokens');
      return tokens.map((token) => row(token, load));
    },
    more: t('tokens.new'),
    create,
  }, gone);
}

/** @param {Token} token @param {() => Promise<void>} load */
function row(token, load) {
  const discard = el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('delete-one', { name: token.name }), title: t('delete') }, icon('bin'));
  discard.addEventListener('click', async () => {
    const done = await confirm({ title: t('tokens.delete'), action: t('delete'), danger: true }, t('tokens.delete-ask', { name: token.name }), () => remove(`/api/tokens/${token.id}`)).catch(report);
    if (done) say(t('tokens.deleted', { name: token.name }));
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
      el('span', { class: 'person-facts' }, t(over ? 'tokens.ended' : 'tokens.until', { day: day(token.expires), who: fromServer(token.made_by) })),
    ),
    el('span', { class: 'badge' }, t(`role.${token.role}`)),
    discard,
  );
}

async function create() {
  const name = el('input', { type: 'text', required: true, maxlength: 32, autocomplete: 'off' });
  const mine = session.value?.role ?? 'viewer';
  const role = roleChoice(mine === 'viewer' ? 'viewer' : 'operator', mine);
  const life = select(LIVES.map((days) => [days, t(`days.${days}`)]), '90');
  let secret = '';
  const made = await openDialog(
    { title: t('tokens.new'), action: t('create') },
    [field(t('tokens.what-for'), name), field(t('role'), role), field(t('tokens.good-for'), life)],
    async () => {
      ({ secret } = await post('/api/tokens', { name: name.value.trim(), role: role.value, days: Number(life.value) }));
    },
  );
  if (!made) return;
  await openDialog({ title: t('tokens.made') }, [el('p', {}, t('tokens.copy-now')), copyLine(secret)]);
}

/** Accounts, for admins: who may sign in and what they may do. */

/** @import { Account, Role } from '../types.js' */
import { get, patch, post, put, remove } from '../api.js';
import { el } from '../dom.js';
import { icon } from '../icons.js';
import { ROLES, session } from '../who.js';
import { t } from '../words.js';
import { askText, confirm, openDialog } from './dialog.js';
import { field, select } from './form.js';
import { listCard } from './list.js';
import { menuAt } from './menu.js';
import { report, say } from './toast.js';

/** A choice of roles. @param {Role} chosen @param {Role} [most] */
export function roleChoice(chosen, most = 'admin') {
  const upTo = ROLES.slice(0, ROLES.indexOf(most) + 1);
  return select(upTo.map((role) => [role, t(`role.${role}.may`)]), chosen);
}

const newPassword = () => el('input', { type: 'password', required: true, minlength: 10, maxlength: 1024, autocomplete: 'new-password' });

/** @param {AbortSignal} gone */
export function accountsCard(gone) {
  let isFirst = false;
  return listCard({
    title: t('accounts'),
    empty: t('accounts.empty'),
    rows: async (load) => {
      /** @type {{accounts: Account[]}} */
      const { accounts } = await get('/api/accounts');
      isFirst = accounts.length === 0;
      // Once there is an admin's account nobody is told to make one any more.
      if (session.value?.claimed === false) session.value = await get('/api/session');
      return accounts.map((account) => row(account, load));
    },
    more: t('accounts.add'),
    create: () => create(isFirst),
  }, gone);
}

/** @param {Account} account @param {() => Promise<void>} load */
function row(account, load) {
  const own = account.id === session.value?.account;
  const role = roleChoice(account.role);
  role.setAttribute('aria-label', t('accounts.role-of', { name: account.name }));
  role.addEventListener('change', async () => {
    try {
      await patch(`/api/accounts/${account.id}`, { role: role.value });
      say(t('accounts.is-now', { name: account.name, role: t(`role.${/** @type {Role} */ (role.value)}`) }));
    } catch (error) {
      report(error);
    }
    await load().catch(report);
  });
  const more = el('button', { type: 'button', class: 'button-icon small', 'aria-label': t('more-for', { name: account.name }) }, icon('more'));
  /** @param {() => Promise<unknown>} work */
  const then = (work) => () => work().then(load).catch(report);
  menuAt(more, () => [
    { label: t('rename'), icon: 'pencil', run: then(() => rename(account, own)) },
    ...(own ? [] : [{ label: t('accounts.reset'), icon: /** @type {const} */ ('key'), run: then(() => reset(account)) }]),
    { label: t('delete'), icon: 'bin', danger: true, run: then(() => discard(account, own)) },
  ]);
  return el(
    'li',
    { class: 'person' },
    el(
      'span',
      { class: 'person-words' },
      el('span', { class: 'person-name', title: account.name }, account.name),
      el('span', { class: 'person-facts' }, [own ? t('accounts.you') : '', account.tokens ? t('tokens.count', { n: account.tokens }) : ''].filter(Boolean).join(' · ')),
    ),
    role,
    more,
  );
}

/** @param {boolean} first */
async function create(first) {
  const name = el('input', { type: 'text', required: true, maxlength: 32, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });
  const password = newPassword();
  const role = roleChoice(first ? 'admin' : 'operator');
  await openDialog(
    { title: t('accounts.add'), action: t('add') },
    [field(t('name'), name), field(t('entrance.password'), password, t('password.rule')), field(t('role'), role)],
    () => post('/api/accounts', { name: name.value.trim(), password: password.value, role: role.value }),
  );
}

/** @param {Account} account @param {boolean} own */
function rename(account, own) {
  return askText({ title: t('accounts.rename'), label: t('name'), value: account.name, action: t('rename') }, async (name) => {
    await patch(`/api/accounts/${account.id}`, { name });
    if (own) session.value = await get('/api/session');
  });
}

/** @param {Account} account */
async function reset(account) {
  const password = newPassword();
  const done = await openDialog(
    { title: t('accounts.reset-of', { name: account.name }), action: t('accounts.reset') },
    [field(t('password.new'), password, t('accounts.reset-note', { name: account.name }))],
    () => put(`/api/accounts/${account.id}/password`, { password: password.value }),
  );
  if (done) say(t('accounts.reset-done', { name: account.name }));
}

/** @param {Account} account @param {boolean} own */
async function discard(account, own) {
  const question = [t('accounts.delete-ask', { name: account.name }), own ? t('accounts.delete-own') : '', account.tokens ? t('accounts.delete-tokens', { n: account.tokens }) : ''];
  const done = await confirm({ title: t('accounts.delete'), action: t('delete'), danger: true }, question.filter(Boolean).join(' '), () => remove(`/api/accounts/${account.id}`));
  if (done) say(t('accounts.deleted', { name: account.name }));
}

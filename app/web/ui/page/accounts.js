/** The dialog of accounts, for admins: who may sign in and what they may do. */

/** @import { Account, Role } from './types.js' */
import { get, patch, post, put, remove } from './api.js';
import { select } from './controls.js';
import { askText, confirm, field, menuAt, openDialog } from './dialog.js';
import { el } from './dom.js';
import { plural } from './format.js';
import { icon } from './icons.js';
import { openList } from './list-dialog.js';
import { report, say } from './toast.js';
import { ROLES, session } from './who.js';

/** @type {Record<Role, string>} */
const MEANING = {
  viewer: 'Viewer: looks',
  operator: 'Operator: plays, uploads',
  admin: 'Admin: everything',
};

/** A choice of roles. @param {Role} chosen @param {Role} [most] */
export function roleChoice(chosen, most = 'admin') {
  const upTo = ROLES.slice(0, ROLES.indexOf(most) + 1);
  return select(upTo.map((role) => [role, MEANING[role]]), chosen);
}

const newPassword = () => el('input', { type: 'password', required: true, minlength: 10, maxlength: 1024, autocomplete: 'new-password' });

export async function showAccounts() {
  let isFirst = false;
  await openList({
    title: 'Accounts',
    empty: 'No accounts yet. Make an admin’s first: with it you can sign in without a link.',
    rows: async (load) => {
      /** @type {{accounts: Account[]}} */
      const { accounts } = await get('/api/accounts');
      isFirst = accounts.length === 0;
      // Once there is an admin's account nobody is told to make one any more.
      if (session.value?.claimed === false) session.value = await get('/api/session');
      return accounts.map((account) => row(account, load));
    },
    more: 'Add account',
    create: () => create(isFirst),
  });
}

/** @param {Account} account @param {() => Promise<void>} load */
function row(account, load) {
  const own = account.id === session.value?.account;
  const role = roleChoice(account.role);
  role.setAttribute('aria-label', `Role of ${account.name}`);
  role.addEventListener('change', async () => {
    try {
      await patch(`/api/accounts/${account.id}`, { role: role.value });
      say(`${account.name} is now ${role.value}.`);
    } catch (error) {
      report(error);
    }
    await load().catch(report);
  });
  const more = el('button', { type: 'button', class: 'button-icon small', 'aria-label': `More for ${account.name}` }, icon('more'));
  /** @param {() => Promise<unknown>} work */
  const then = (work) => () => work().then(load).catch(report);
  menuAt(more, () => [
    { label: 'Rename', icon: 'pencil', run: then(() => rename(account)) },
    ...(own ? [] : [{ label: 'Reset password', icon: /** @type {const} */ ('key'), run: then(() => reset(account)) }]),
    { label: 'Delete', icon: 'bin', danger: true, run: then(() => discard(account, own)) },
  ]);
  return el(
    'li',
    { class: 'person' },
    el(
      'span',
      { class: 'person-words' },
      el('span', { class: 'person-name', title: account.name }, account.name),
      el('span', { class: 'person-facts' }, [own ? 'You' : '', account.tokens ? plural(account.tokens, 'API token') : ''].filter(Boolean).join(' · ')),
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
    { title: 'Add account', action: 'Add' },
    [field('Name', name), field('Password', password, 'At least 10 characters.'), field('Role', role)],
    () => post('/api/accounts', { name: name.value.trim(), password: password.value, role: role.value }),
  );
}

/** @param {Account} account */
function rename(account) {
  return askText({ title: 'Rename account', label: 'Name', value: account.name, action: 'Rename' }, (name) => patch(`/api/accounts/${account.id}`, { name }));
}

/** @param {Account} account */
async function reset(account) {
  const password = newPassword();
  const done = await openDialog(
    { title: `Reset password of ${account.name}`, action: 'Reset password' },
    [field('New password', password, `At least 10 characters. ${account.name} is signed out everywhere.`)],
    () => put(`/api/accounts/${account.id}/password`, { password: password.value }),
  );
  if (done) say(`The password of ${account.name} is reset.`);
}

/** @param {Account} account @param {boolean} own */
async function discard(account, own) {
  const tokens = account.tokens ? ` Its ${plural(account.tokens, 'API token')} will stop working.` : '';
  const question = `Delete the account “${account.name}”?${own ? ' It is yours: you will be signed out.' : ''}${tokens}`;
  const done = await confirm({ title: 'Delete account', action: 'Delete', danger: true }, question, () => remove(`/api/accounts/${account.id}`));
  if (done) say(`The account “${account.name}” is deleted.`);
}

/** What is asked of the person about an update. */

/** @import { Update } from '../types.js' */
import { post } from '../api.js';
import { el } from '../dom.js';
import { askText, confirm, openDialog } from '../parts/dialog.js';
import { field, select } from '../parts/form.js';
import { t } from '../words.js';
import { slotWords } from './machine.js';

export const PATH = '/api/system/update';
const DAY_MS = 86_400_000;
/** A quiet hour, where nothing else is said. */
const QUIET_HOUR = 4;

export const askAddress = () => askText({ title: t('update.address-title'), action: t('update.inspect'), label: t('update.address-label'), value: 'https://' }, (url) => post(PATH, { url }));

/** @param {Update} update */
export function askInstall({ bundle }) {
  const down = bundle?.direction === 'down';
  const then = select([['now', t('update.then.now')], ['at', t('update.then.at')], ['wait', t('update.then.wait')]], 'now');
  const hour = hourField();
  const choose = () => {
    hour.control.hidden = hour.input.disabled = then.value !== 'at';
  };
  then.addEventListener('change', choose);
  choose();
  return openDialog(
    { title: t('update.install-title', { version: bundle?.version ?? '' }), action: t('update.install-do'), danger: down },
    [down ? el('p', { class: 'form-problem' }, t('update.direction.down')) : null, el('p', {}, t('update.install-ask')), field(t('update.then'), then), hour.control],
    () => post(`${PATH}/install`, then.value === 'now' ? { reboot: true } : then.value === 'at' ? { reboot_at: hour.read() } : {}),
  );
}

export function askReboot() {
  const hour = hourField();
  return openDialog({ title: t('update.reboot-title'), action: t('update.set') }, [hour.control], () => post(`${PATH}/reboot`, { at: hour.read() }));
}

/** @param {Update} update */
export function askRollBack({ other }) {
  const slot = other ? slotWords(other) : '';
  return confirm({ title: t('update.roll-back-title'), action: t('update.roll-back'), danger: true }, t('update.roll-back-ask', { slot }), () => post(`${PATH}/rollback`));
}

/** A time within the week that the server takes, by the clock of whoever looks; the coming small hours at first. */
function hourField() {
  const quiet = new Date();
  quiet.setHours(QUIET_HOUR, 0, 0, 0);
  if (quiet.getTime() <= Date.now()) quiet.setTime(quiet.getTime() + DAY_MS);
  const input = el('input', { type: 'datetime-local', required: true, min: local(new Date()), max: local(new Date(Date.now() + 7 * DAY_MS)), value: local(quiet) });
  return { control: field(t('update.when'), input, t('update.when-note')), input, read: () => `${new Date(input.value).toISOString().slice(0, 19)}Z` };
}

/** As the control writes it. @param {Date} time */
const local = (time) => new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

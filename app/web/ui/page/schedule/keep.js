/** The schedule as it is sent; whose clocks count, and from where the sun is looked at. */

/** @import { NewSchedule, NewScheduleRule, Schedule, ScheduleRule } from '../types.js' */
import { Problem, change, get } from '../api.js';
import { el } from '../dom.js';
import { loadSchedule, schedule } from '../model.js';
import { openDialog } from '../parts/dialog.js';
import { field, number, select } from '../parts/form.js';
import { t } from '../words.js';

/** A rule as it is sent: without what the server says of it. @param {ScheduleRule | NewScheduleRule} rule @returns {NewScheduleRule} */
export function plain({ id, name, enabled, days, dates, from, until, act }) {
  return { id, name, enabled, days, dates, from, until, act };
}

/**
 * Sends a changed schedule, unless somebody else has changed it since it was read: then theirs is shown first.
 * @param {Partial<Pick<NewSchedule, 'enabled' | 'time_zone' | 'place'>> & {rules?: (ScheduleRule | NewScheduleRule)[]}} changes
 */
export async function keepSchedule(changes) {
  const now = schedule.value;
  if (!now) return;
  const { rules = now.rules, ...others } = changes;
  /** @type {NewSchedule} */
  const next = { enabled: now.enabled, time_zone: now.time_zone, place: now.place, ...others, rules: rules.map(plain) };
  try {
    schedule.value = /** @type {Schedule} */ (await change('PUT', '/api/schedule', now.revision, next));
  } catch (error) {
    await loadSchedule();
    if (error instanceof Problem && error.status === 412) throw new Problem(412, t('schedule.changed'));
    throw error;
  }
}

/** Whose clocks count, and from where the sun is looked at. */
export async function chooseZone() {
  const now = schedule.value;
  /** @type {{machine: string, time_zones: string[]}} */
  const { machine, time_zones: names } = await get('/api/time-zones');
  const zone = select([['', t('schedule.machine-zone', { zone: machine })], ...names.map((name) => /** @type {[string, string]} */ ([name, name.replaceAll('_', ' ')]))], now?.time_zone ?? '');
  const latitude = number({ min: -90, max: 90, step: 'any', value: now?.place?.latitude ?? '', optional: true });
  const longitude = number({ min: -180, max: 180, step: 'any', value: now?.place?.longitude ?? '', optional: true });
  await openDialog({ title: t('schedule.place'), action: t('save') }, [field(t('schedule.time-zone'), zone), el('div', { class: 'fields' }, field(t('schedule.latitude'), latitude), field(t('schedule.longitude'), longitude)), el('p', { class: 'note' }, t('schedule.place-note'))], () =>
    keepSchedule({ time_zone: zone.value || null, place: latitude.value && longitude.value ? { latitude: Number(latitude.value), longitude: Number(longitude.value) } : null }),
  );
}

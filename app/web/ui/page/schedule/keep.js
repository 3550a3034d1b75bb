/** The schedule as it is sent; whose clocks count, and from where the sun is looked at. */

/** @import { NewSchedule, NewScheduleRule, Schedule, ScheduleRule } from '../types.js' */
import { Problem, change, get, withNewest } from '../api.js';
import { el } from '../dom.js';
import { loadSchedule, schedule } from '../model.js';
import { behind } from '../moves.js';
import { openDialog } from '../parts/dialog.js';
import { field, number, select } from '../parts/form.js';
import { isMine } from '../parts/meanwhile.js';
import { queue } from '../turns.js';
import { t } from '../words.js';

/** A rule as it is sent: without what the server says of it. @param {ScheduleRule | NewScheduleRule} rule @returns {NewScheduleRule} */
export function plain({ id, name, enabled, days, dates, from, until, act }) {
  return { id, name, enabled, days, dates, from, until, act };
}

/** @typedef {Partial<Pick<NewSchedule, 'enabled' | 'time_zone' | 'place'>> & {rules?: (ScheduleRule | NewScheduleRule)[]}} Changes */

const inTurn = queue();

/**
 * Changes the schedule as it is now, one change after the other; where somebody else was quicker, once more what they
 * made of it.
 * @param {(now: Schedule) => Changes | undefined | Promise<Changes | undefined>} work nothing where it is to stay as it is
 */
export const keepSchedule = (work) => inTurn(() => keep(work));

/** @param {Parameters<typeof keepSchedule>[0]} work */
async function keep(work) {
  const read = async () => {
    await loadSchedule();
    return /** @type {Schedule} */ (schedule.value);
  };
  try {
    await withNewest(schedule.value ?? (await read()), read, async (now) => {
      const changes = await work(now);
      if (!changes) return;
      const { rules = now.rules, ...others } = changes;
      /** @type {NewSchedule} */
      const next = { enabled: now.enabled, time_zone: now.time_zone, place: now.place, ...others, rules: rules.map(plain) };
      schedule.value = /** @type {Schedule} */ (await change('PUT', '/api/schedule', now.revision, next));
    });
  } catch (error) {
    // What was refused is not shown as if it were so.
    if (error instanceof Problem) await loadSchedule();
    throw error;
  }
}

/** A rule once more among the others as they are now, where it was. @param {(ScheduleRule | NewScheduleRule)[]} now @param {NewScheduleRule} rule @param {ScheduleRule[]} before those it was among */
export function withBack(now, rule, before) {
  const next = rule.id && behind(before, rule.id, now);
  const at = next ? now.findIndex((one) => one.id === next.id) : now.length;
  return [...now.slice(0, at), rule, ...now.slice(at)];
}

/** Whose clocks count, and from where the sun is looked at. */
export async function chooseZone() {
  const now = schedule.value;
  /** @param {Schedule | null} of */
  const chosen = (of) => JSON.stringify([of?.time_zone, of?.place]);
  /** @type {{machine: string, time_zones: string[]}} */
  const { machine, time_zones: names } = await get('/api/time-zones');
  const zone = select([['', t('schedule.machine-zone', { zone: machine })], ...names.map((name) => /** @type {[string, string]} */ ([name, name.replaceAll('_', ' ')]))], now?.time_zone ?? '');
  const latitude = number({ min: -90, max: 90, step: 'any', value: now?.place?.latitude ?? '', optional: true });
  const longitude = number({ min: -180, max: 180, step: 'any', value: now?.place?.longitude ?? '', optional: true });
  await openDialog({ title: t('schedule.place'), action: t('save') }, [field(t('schedule.time-zone'), zone), el('div', { class: 'fields' }, field(t('schedule.latitude'), latitude), field(t('schedule.longitude'), longitude)), el('p', { class: 'note' }, t('schedule.place-note'))], () =>
    keepSchedule(async (newest) => {
      if (chosen(newest) !== chosen(now) && !(await isMine(t('schedule.place'), false))) return undefined;
      return { time_zone: zone.value || null, place: latitude.value && longitude.value ? { latitude: Number(latitude.value), longitude: Number(longitude.value) } : null };
    }),
  );
}

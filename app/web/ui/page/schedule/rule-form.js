/** The dialog in which a rule of the schedule is made and changed. */

/** @import { NewScheduleRule, ScheduleMoment } from '../types.js' */
import { el } from '../dom.js';
import { percent } from '../format.js';
import { playlists } from '../model.js';
import { openDialog } from '../parts/dialog.js';
import { field, number, range, select, toggle } from '../parts/form.js';
import { locale, t } from '../words.js';

export const DAYS = /** @type {const} */ (['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);

/** A day's name in the person's language. @param {number} index from Monday @param {'short' | 'long'} [length] */
export const dayName = (index, length = 'short') => new Date(Date.UTC(2024, 0, 1 + index)).toLocaleDateString(locale(), { weekday: length, timeZone: 'UTC' });

/** @returns {NewScheduleRule} */
export const freshRule = () => ({
  name: '',
  enabled: true,
  days: [...DAYS],
  dates: null,
  from: { type: 'clock', time: '18:00' },
  until: { type: 'clock', time: '23:00' },
  act: playlists.value[0] ? { type: 'play', playlist: playlists.value[0].id } : { type: 'dark' },
});

/**
 * @param {string} title @param {NewScheduleRule} rule @param {(rule: NewScheduleRule) => Promise<unknown>} use
 */
export function editRule(title, rule, use) {
  const name = el('input', { type: 'text', required: true, maxlength: 100, value: rule.name, autocomplete: 'off' });
  const { act } = rule;
  const kind = select([['play', t('act.play')], ['dark', t('act.dark')], ['brightness', t('act.brightness')]], act.type);
  const playlist = select(playlists.value.map((one) => [one.id, one.name]), act.type === 'play' ? act.playlist : (playlists.value[0]?.id ?? ''));
  const light = range({ min: 0, max: 100, step: 1, value: act.type === 'brightness' ? Math.round(act.brightness * 100) : 30, unit: '%', label: t('brightness') });
  const playlistField = field(t('playlist'), playlist);
  const from = momentPart(t('schedule.from'), rule.from, ['clock', 'sunrise', 'sunset', 'cron']);
  const until = momentPart(t('schedule.until'), rule.until, ['clock', 'sunrise', 'sunset', 'after']);
  const help = el('p', { class: 'field-note', id: 'cron-help' }, t('moment.pattern-help'));
  from.kind.addEventListener('change', () => {
    // What begins by a pattern mostly lasts for a while.
    if (from.kind.value === 'cron' && until.kind.value === 'clock') until.choose('after');
    choose();
  });
  const boxes = DAYS.map((day, index) => {
    const box = el('input', { type: 'checkbox', 'aria-label': dayName(index, 'long') });
    box.checked = (rule.days ?? DAYS).includes(day);
    return box;
  });
  const days = el('fieldset', { class: 'day-choice' }, el('legend', {}, t('schedule.days')), boxes.map((box, index) => el('label', {}, box, el('span', {}, dayName(index)))));
  const limited = toggle(t('schedule.dates'), Boolean(rule.dates));
  const first = el('input', { type: 'date', value: rule.dates?.first ?? '' });
  const last = el('input', { type: 'date', value: rule.dates?.last ?? '' });
  const yearly = toggle(t('schedule.every-year'), rule.dates?.every_year ?? false);
  const dates = el('div', { class: 'fields' }, field(t('schedule.first'), first), field(t('schedule.last'), last), yearly.control);
  const enabled = toggle(t('schedule.counts'), rule.enabled ?? true);
  const choose = () => {
    playlistField.hidden = playlist.disabled = kind.value !== 'play';
    playlist.required = kind.value === 'play';
    light.control.hidden = kind.value !== 'brightness';
    help.hidden = from.kind.value !== 'cron';
    dates.hidden = !limited.input.checked;
    first.required = last.required = limited.input.checked;
    first.disabled = last.disabled = !limited.input.checked;
  };
  kind.addEventListener('change', choose);
  limited.input.addEventListener('change', choose);
  choose();
  /** @returns {NewScheduleRule} */
  const read = () => ({
    ...(rule.id ? { id: rule.id } : {}),
    name: name.value.trim(),
    enabled: enabled.input.checked,
    days: DAYS.filter((_, index) => boxes[index]?.checked),
    dates: limited.input.checked ? { first: first.value, last: last.value, every_year: yearly.input.checked } : null,
    from: from.read(),
    until: until.read(),
    act: kind.value === 'play' ? { type: 'play', playlist: playlist.value } : kind.value === 'brightness' ? { type: 'brightness', brightness: light.read() / 100 } : { type: 'dark' },
  });
  return openDialog({ title, action: t('save'), wide: true }, [
    field(t('name'), name),
    el('div', { class: 'fields' }, field(t('schedule.what'), kind), playlistField, light.control),
    days,
    el('div', { class: 'fields' }, from.nodes, until.nodes),
    help,
    limited.control,
    dates,
    enabled.control,
  ], () => use(read()));
}

/** @param {string} label @param {ScheduleMoment} moment @param {ScheduleMoment['type'][]} kinds that it may be of */
function momentPart(label, moment, kinds) {
  const kind = select(kinds.map((one) => [one, t(`moment.${one}`)]), moment.type);
  const time = el('input', { type: 'time', required: true, value: moment.type === 'clock' ? moment.time.slice(0, 5) : '18:00', 'aria-label': label });
  const offset = number({ min: -360, max: 360, step: 1, value: moment.type === 'sunrise' || moment.type === 'sunset' ? (moment.offset_minutes ?? 0) : 0 });
  const pattern = el('input', { type: 'text', required: true, maxlength: 100, class: 'cron-pattern', 'aria-describedby': 'cron-help', value: moment.type === 'cron' ? moment.pattern : '0 18 * * FRI', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });
  const minutes = number({ min: 1, max: 1440, step: 1, value: moment.type === 'after' ? moment.minutes : 60 });
  const parts = [
    { of: ['clock'], input: time, node: field(t('moment.time'), time) },
    { of: ['sunrise', 'sunset'], input: offset, node: field(t('moment.offset'), offset) },
    { of: ['cron'], input: pattern, node: field(t('moment.pattern'), pattern) },
    { of: ['after'], input: minutes, node: field(t('moment.minutes'), minutes) },
  ].filter((part) => kinds.some((one) => part.of.includes(one)));
  const choose = () => {
    for (const part of parts) part.node.hidden = part.input.disabled = !part.of.includes(kind.value);
  };
  kind.addEventListener('change', choose);
  choose();
  return {
    kind,
    /** @param {ScheduleMoment['type']} one */
    choose: (one) => {
      kind.value = one;
      choose();
    },
    nodes: el('div', { class: 'moment' }, field(label, kind), parts.map(({ node }) => node)),
    /** @returns {ScheduleMoment} */
    read: () => {
      switch (kind.value) {
        case 'sunrise':
        case 'sunset':
          return { type: kind.value, offset_minutes: Number(offset.value) };
        case 'cron':
          return { type: 'cron', pattern: pattern.value.trim() };
        case 'after':
          return { type: 'after', minutes: Number(minutes.value) };
        default:
          return { type: 'clock', time: time.value };
      }
    },
  };
}

/** When a rule begins or ends, in words. @param {ScheduleMoment} moment */
function momentWords(moment) {
  if (moment.type === 'clock') return new Date(`1970-01-01T${moment.time}Z`).toLocaleTimeString(locale(), { timeStyle: 'short', timeZone: 'UTC' });
  if (moment.type === 'cron') return moment.pattern;
  if (moment.type === 'after') return t('moment.for', { n: moment.minutes });
  const minutes = moment.offset_minutes ?? 0;
  const word = t(`moment.${moment.type}`);
  return minutes ? `${word} ${minutes > 0 ? '+' : '−'}${Math.abs(minutes)} min` : word;
}

/** What a rule wants, in words. @param {NewScheduleRule['act']} act */
export function actWords(act) {
  if (act.type === 'dark') return t('act.dark');
  if (act.type === 'brightness') return t('act.brightness-of', { share: percent(act.brightness) });
  return playlists.value.find((one) => one.id === act.playlist)?.name ?? t('schedule.playlist-gone');
}

/** From when until when. @param {NewScheduleRule} rule */
export function timeWords({ from, until }) {
  const [first, last] = [momentWords(from), momentWords(until)];
  if (until.type === 'after') return `${first}, ${last}`;
  return first === last ? t('schedule.all-day') : `${first} – ${last}`;
}

/** A week at a glance: what is on when, day by day, as the server reckons it. */

/** @import { ScheduleRule, ScheduleWeek } from '../types.js' */
import { el } from '../dom.js';
import { locale, t } from '../words.js';

const DAY_MS = 86_400_000;
/** The share of a day from which on there is room for a name. */
const NAMED = 1 / 48;
const HOURS = [0, 6, 12, 18, 24];

/**
 * @param {ScheduleWeek} week @param {(id: string) => Pick<ScheduleRule, 'name' | 'act'> | undefined} ruleOf
 * @param {(id: string) => void} open a rule
 */
export function weekTable(week, ruleOf, open) {
  const zone = { timeZone: week.time_zone };
  const clock = new Intl.DateTimeFormat('en-GB', { ...zone, timeStyle: 'medium' });
  const rows = week.days.map((day) => {
    const [start, end] = [Date.parse(day.start), Date.parse(day.end)];
    const length = end - start;
    /** What a clock shows, as a share of its round: the scale is the same on days on which clocks change. @param {number} time */
    const share = (time) => {
      if (time <= start) return 0;
      if (time >= end) return 1;
      const [hours = 0, minutes = 0, seconds = 0] = clock.format(time).split(':').map(Number);
      return (((hours * 60 + minutes) * 60 + seconds) * 1000) / DAY_MS;
    };
    const date = new Date(start + length / 2);
    /** Rules that the keyboard gets to: once a day each, however often it begins. @type {Set<string>} */
    const reached = new Set();
    const bars = [...week.show.map((span) => ({ ...span, kind: 'show' })), ...week.brightness.map((span) => ({ ...span, kind: 'brightness' }))]
      .filter((span) => Date.parse(span.start) < end && Date.parse(span.end) > start)
      .map((span) => {
        const rule = ruleOf(span.rule);
        const [from, until] = [span.start, span.end].map((time) => new Date(time).toLocaleTimeString(locale(), { ...zone, timeStyle: 'short' }));
        const words = t('schedule.span', { name: rule?.name ?? '', from: from ?? '', until: until ?? '' });
        const tabindex = reached.has(span.rule) ? '-1' : null;
        reached.add(span.rule);
        const bar = el('button', { type: 'button', class: 'week-bar', 'data-kind': rule?.act.type ?? 'play', 'data-row': span.kind, title: words, 'aria-label': words, tabindex, onclick: () => open(span.rule) });
        const left = share(Date.parse(span.start));
        // An hour that comes twice may end by the clock before it began.
        const width = Math.max(0, share(Date.parse(span.end)) - left);
        if (width > NAMED) bar.append(el('span', {}, rule?.name ?? ''));
        bar.style.left = `${left * 100}%`;
        bar.style.width = `${width * 100}%`;
        return bar;
      });
    const sun = [day.sunrise, day.sunset].flatMap((time) => {
      if (!time) return [];
      const mark = el('i', { class: 'week-sun' });
      mark.style.left = `${share(Date.parse(time)) * 100}%`;
      return [mark];
    });
    const now = Date.now();
    const here = now >= start && now < end ? [el('i', { class: 'week-now' })] : [];
    for (const mark of here) mark.style.left = `${share(now) * 100}%`;
    // A day on which clocks change has another length, and says so.
    const changed = length === DAY_MS ? '' : t('schedule.hours', { n: Math.round(length / 3_600_000) });
    return el(
      'li',
      { class: 'week-day' },
      el('span', { class: 'week-date' }, el('b', {}, date.toLocaleDateString(locale(), { ...zone, weekday: 'short' })), ` ${date.toLocaleDateString(locale(), { ...zone, day: 'numeric', month: 'short' })}`, changed ? el('small', {}, changed) : null),
      el('div', { class: 'week-line' }, sun, bars, here),
    );
  });
  const scale = el('div', { class: 'week-scale', 'aria-hidden': 'true' }, HOURS.map((hour) => el('span', {}, hourWords(hour))));
  return el('div', { class: 'week-table' }, scale, el('ol', { class: 'week', 'aria-label': t('schedule.week') }, rows));
}

/** An hour as clocks show it where whoever looks is: `18`, `6 PM`. @param {number} hour */
function hourWords(hour) {
  const parts = new Intl.DateTimeFormat(locale(), { hour: 'numeric', timeZone: 'UTC' }).formatToParts(hour * 3_600_000);
  return parts.filter(({ type }) => type === 'hour' || type === 'dayPeriod').map(({ value }) => value).join(' ');
}

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
  const rows = week.days.map((day) => {
    const [start, end] = [Date.parse(day.start), Date.parse(day.end)];
    const length = end - start;
    /** @param {number} time */
    const share = (time) => Math.min(1, Math.max(0, (time - start) / length));
    const date = new Date(start + length / 2);
    /** Rules that the keyboard gets to: once a day each, however often it begins. @type {Set<string>} */
    const reached = new Set();
    const bars = [...week.show.map((span) => ({ ...span, kind: 'show' })), ...week.brightness.map((span) => ({ ...span, kind: 'brightness' }))]
      .filter((span) => Date.parse(span.start) < end && Date.parse(span.end) > start)
      .map((span) => {
        const rule = ruleOf(span.rule);
        const [from, until] = [span.start, span.end].map((time) => new Date(time).toLocaleTimeString(locale(), { ...zone, hour: '2-digit', minute: '2-digit' }));
        const words = t('schedule.span', { name: rule?.name ?? '', from: from ?? '', until: until ?? '' });
        const tabindex = reached.has(span.rule) ? '-1' : null;
        reached.add(span.rule);
        const bar = el('button', { type: 'button', class: 'week-bar', 'data-kind': rule?.act.type ?? 'play', 'data-row': span.kind, title: words, 'aria-label': words, tabindex, onclick: () => open(span.rule) });
        const [left, right] = [share(Date.parse(span.start)), share(Date.parse(span.end))];
        if (right - left > NAMED) bar.append(el('span', {}, rule?.name ?? ''));
        bar.style.left = `${left * 100}%`;
        bar.style.width = `${(right - left) * 100}%`;
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
  const scale = el('div', { class: 'week-scale', 'aria-hidden': 'true' }, HOURS.map((hour) => el('span', {}, String(hour).padStart(2, '0'))));
  return el('div', { class: 'week-table' }, scale, el('ol', { class: 'week', 'aria-label': t('schedule.week') }, rows));
}

/** The schedule: its rules, of which the one further up wins, the week that follows from them, and where the sun is. */

/** @import { ScheduleRule, ScheduleState } from '../types.js' */
import { get } from '../api.js';
import { el, setText } from '../dom.js';
import { icon } from '../icons.js';
import { playlists, schedule, status } from '../model.js';
import { moved } from '../moves.js';
import { focusPlace } from '../parts/focus.js';
import { toggle } from '../parts/form.js';
import { card } from '../parts/list.js';
import { isMine } from '../parts/meanwhile.js';
import { makeReorderable } from '../parts/reorder.js';
import { stepButtons } from '../parts/row.js';
import { report, say } from '../parts/toast.js';
import { chooseZone, keepSchedule, plain, withBack } from '../schedule/keep.js';
import { DAYS, actWords, dayName, editRule, freshRule, timeWords } from '../schedule/rule-form.js';
import { weekTable } from '../schedule/week.js';
import { View } from '../view.js';
import { fromServer, locale, t } from '../words.js';

const WEEK_MS = 7 * 86_400_000;

class ScheduleView extends View {
  #rules = el('ol', { class: 'rows rules', 'aria-label': t('schedule.rules') });
  #empty = el('p', { class: 'empty', hidden: true }, t('schedule.empty'));
  #week = el('div', {});
  #state = el('span', { class: 'head-note' });
  #follow = toggle(t('schedule.follow'), false);
  #zone = el('p', { class: 'note' });
  /** Weeks from the present one. */
  #turned = 0;
  #drawing = 0;
  #dragging = false;
  /** Answers that whether it is followed waits for. */
  #awaited = 0;

  /** @param {AbortSignal} gone */
  show(gone) {
    const add = el('button', { type: 'button', class: 'button button-main', onclick: () => this.#add() }, icon('plus'), t('schedule.add'));
    const where = el('button', { type: 'button', class: 'button', onclick: () => chooseZone().catch(report) }, icon('globe'), t('schedule.place'));
    /** @param {'previous' | 'next'} symbol @param {number} step */
    const turn = (symbol, step) => el('button', { type: 'button', class: 'button-icon small', 'aria-label': t(step < 0 ? 'schedule.week-before' : 'schedule.week-after'), onclick: () => this.#turn(step) }, icon(symbol));
    this.append(
      el(
        'div',
        { class: 'schedule' },
        el('header', { class: 'view-head' }, el('div', { class: 'head-words' }, el('h1', {}, t('nav.schedule')), this.#state), this.#follow.control, where, add),
        card(t('schedule.week'), el('span', { class: 'week-turn' }, turn('previous', -1), turn('next', 1)), this.#week, this.#zone),
        card(t('schedule.rules'), el('span', { class: 'note' }, t('schedule.order')), this.#rules, this.#empty),
      ),
    );
    this.#follow.input.addEventListener('change', () => this.#keepFollow().catch(report));
    makeReorderable(this.#rules, {
      drop: (order, from, to) => this.#move(order[from] ?? '', to - from),
      begin: () => (this.#dragging = true),
      end: () => {
        this.#dragging = false;
        this.#show();
      },
    });
    schedule.follow(() => this.#show(), gone);
    playlists.follow(() => this.#show(), gone);
    status.follow((now) => setText(this.#state, now ? stateWords(now.schedule) : ''), gone);
  }

  async #keepFollow() {
    const enabled = this.#follow.input.checked;
    this.#awaited += 1;
    try {
      await keepSchedule(() => ({ enabled }));
    } finally {
      this.#awaited -= 1;
      this.#showFollow();
    }
  }

  #showFollow() {
    // What was just chosen is not taken back by the answer to a change before.
    if (schedule.value && !this.#awaited) this.#follow.input.checked = schedule.value.enabled;
  }

  #show() {
    const now = schedule.value;
    if (!now || this.#dragging) return;
    this.#showFollow();
    this.#empty.hidden = now.rules.length > 0;
    const focus = focusPlace(this.#rules);
    this.#rules.replaceChildren(...now.rules.map((rule, index) => ruleRow(rule, index, now.rules.length, (step) => this.#move(rule.id, step))));
    focus();
    const sun = now.place ? t('schedule.sun', { latitude: now.place.latitude, longitude: now.place.longitude }) : t('schedule.no-sun');
    setText(this.#zone, `${t('schedule.zone', { zone: now.time_zone_in_force })} ${sun}`);
    this.#drawWeek().catch(report);
  }

  async #drawWeek() {
    this.#drawing += 1;
    const mine = this.#drawing;
    const first = this.#turned ? `?first=${new Date(Date.parse(mondayOf()) + this.#turned * WEEK_MS).toISOString().slice(0, 10)}` : '';
    const week = await get(`/api/schedule/week${first}`);
    // Of several asked for at once the last one is shown.
    if (mine !== this.#drawing) return;
    /** @param {string} id */
    const ruleOf = (id) => schedule.value?.rules.find((rule) => rule.id === id);
    this.#week.replaceChildren(weekTable(week, ruleOf, (id) => {
      const rule = ruleOf(id);
      if (rule) openRule(rule);
    }));
  }

  /** @param {number} step */
  #turn(step) {
    this.#turned += step;
    this.#drawWeek().catch(report);
  }

  /** Moves a rule by so many places, in the list as it is when it is its turn. @param {string} id @param {number} step */
  #move(id, step) {
    keepSchedule(({ rules }) => ({ rules: moved(rules, { ids: [id], to: Math.max(0, rules.findIndex((rule) => rule.id === id) + step) }) })).catch(report);
  }

  #add() {
    editRule(t('schedule.add'), freshRule(), (rule) => keepSchedule(({ rules }) => ({ rules: [...rules, rule] })));
  }
}
customElements.define('view-schedule', ScheduleView);

/** This week's Monday, by the schedule's clocks. */
function mondayOf() {
  const zone = schedule.value?.time_zone_in_force;
  const today = new Date(new Date().toLocaleDateString('sv-SE', { timeZone: zone }));
  today.setUTCDate(today.getUTCDate() - ((today.getUTCDay() + 6) % 7));
  return today.toISOString().slice(0, 10);
}

/** @param {ScheduleRule} rule @param {number} index @param {number} count @param {(step: number) => void} move */
function ruleRow(rule, index, count, move) {
  const days = rule.days.length === 7 ? t('schedule.every-day') : DAYS.flatMap((day, at) => (rule.days.includes(day) ? [dayName(at)] : [])).join(', ');
  const dates = rule.dates ? ` · ${dateWords(rule.dates.first)} – ${dateWords(rule.dates.last)}` : '';
  return el(
    'li',
    { class: rule.enabled && !rule.problem ? 'row rule' : 'row rule is-broken', 'data-item': rule.id },
    el('button', { type: 'button', class: 'handle', 'data-role': 'handle', 'aria-label': t('item.handle', { item: rule.name, at: index + 1, of: count }), title: t('item.drag') }, icon('grip')),
    el(
      'button',
      { type: 'button', class: 'row-main', 'data-role': 'open', onclick: () => openRule(rule) },
      el('span', { class: 'rule-mark', 'data-kind': rule.act.type }, icon(rule.act.type === 'play' ? 'play' : rule.act.type === 'dark' ? 'eye_off' : 'sun')),
      el('span', { class: 'row-words' }, el('span', { class: 'row-title' }, rule.name), el('span', { class: 'row-facts' }, `${actWords(rule.act)} · ${days} · ${timeWords(plain(rule))}${dates}`), rule.problem ? el('span', { class: 'row-problem' }, icon('warning'), fromServer(rule.problem)) : null),
    ),
    rule.enabled ? null : el('span', { class: 'badge' }, t('schedule.off')),
    stepButtons(rule.name, index, count, move),
    el('button', { type: 'button', class: 'button-icon small', 'data-role': 'remove', 'aria-label': t('delete-one', { name: rule.name }), title: t('delete'), onclick: () => discard(rule).catch(report) }, icon('bin')),
  );
}

/** @param {string} date */
const dateWords = (date) => new Date(`${date}T12:00:00Z`).toLocaleDateString(locale(), { dateStyle: 'medium', timeZone: 'UTC' });

/** Changes a rule; where somebody else has changed or deleted it meanwhile, the person says whose holds. @param {ScheduleRule} rule */
function openRule(rule) {
  const before = schedule.value?.rules ?? [];
  let known = plain(rule);
  editRule(rule.name, known, (changed) =>
    keepSchedule(async ({ rules }) => {
      const now = rules.find((one) => one.id === rule.id);
      const isSame = now && JSON.stringify(plain(now)) === JSON.stringify(known);
      if (!isSame && !(await isMine(rule.name, !now))) return undefined;
      if (!now) return { rules: withBack(rules, changed, before) };
      known = plain(now);
      return { rules: rules.map((one) => (one === now ? changed : one)) };
    }),
  );
}

/** Deletes a rule at once, and can put it back. @param {ScheduleRule} rule */
async function discard({ id, name }) {
  /** @type {ScheduleRule[]} */
  let before = [];
  await keepSchedule(({ rules }) => {
    before = rules;
    return { rules: rules.filter((one) => one.id !== id) };
  });
  const deleted = before.find((one) => one.id === id);
  if (deleted) say(t('schedule.deleted', { name }), { label: t('undo'), run: () => keepSchedule(({ rules }) => ({ rules: withBack(rules, deleted, before) })).catch(report) });
}

/** What it is doing, in words. @param {ScheduleState} state */
function stateWords(state) {
  if (state.mode !== 'on') return t(`schedule.mode.${state.mode}`);
  const { show } = state;
  const next = show?.next ? t('schedule.next', { what: show.next.rule?.name ?? t('schedule.by-hand'), at: new Date(show.next.at).toLocaleString(locale(), { weekday: 'short', hour: 'numeric', minute: '2-digit', timeZone: state.time_zone }) }) : '';
  const now = show?.rule ? (show.overridden ? t('schedule.overridden', { name: show.rule.name }) : show.rule.name) : t('schedule.by-hand');
  return [now, next].filter(Boolean).join(' · ');
}

/** The schedule: rules added, changed, ordered and deleted, the week that follows, whose clocks count; as an operator. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, REFUSED, accessible, dialog, fits, go, holdAnswers, inside, openBrowser, shoot, signIn, until, visit } from './browser.mjs';
import { apiOf, startServer } from './server.mjs';

describe('the schedule', { concurrency: false }, () => {
  let server, browser, page, other, api;

  before(async () => {
    server = await startServer();
    api = apiOf(server.origin, await server.token());
    for (const [name, role] of [['Ada', 'admin'], ['Otto', 'operator']]) await api('POST', '/api/accounts', { name, password: 'a good password', role });
    browser = await openBrowser();
    page = await operator();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function operator(options) {
    const at = await visit(browser, server.origin, { expected: REFUSED, timezoneId: 'Europe/Berlin', ...options });
    await at.goto(`${server.origin}/`);
    await signIn(at, 'Otto', 'a good password');
    await inside(at);
    await go(at, 'schedule');
    return at;
  }
  const rules = async () => (await api('GET', '/api/schedule')).rules;
  const stored = async () => (await rules()).map((rule) => rule.name);
  const rows = (at = page) => at.locator('.rules > li');
  const names = (at = page) => rows(at).locator('.row-title').allTextContents();
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const bars = (kind) => page.locator(`.week-bar[data-kind="${kind}"]`);

  test('sets whose clocks count and where the sun is looked at', async () => {
    await page.getByRole('button', { name: 'Time and place' }).click();
    await dialog(page).getByRole('combobox', { name: 'Time zone' }).selectOption('Europe/Berlin');
    await dialog(page).getByRole('spinbutton', { name: /^Latitude/ }).fill('52.5');
    await dialog(page).getByRole('spinbutton', { name: /^Longitude/ }).fill('13.4');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.getByText('Times of Europe/Berlin. Sun at 52.5°, 13.4°.').waitFor();
    const now = await api('GET', '/api/schedule');
    assert.deepEqual([now.time_zone, now.place], ['Europe/Berlin', { latitude: 52.5, longitude: 13.4 }]);
    await until(async () => (await page.locator('.week-sun').count()) === 14, 'sunrise and sunset of each day');
  });

  test('adds a rule by the sun, on some days', async () => {
    await page.getByRole('button', { name: 'Add rule' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('Evening');
    await dialog(page).getByRole('combobox', { name: 'From' }).selectOption('sunset');
    await dialog(page).getByRole('spinbutton', { name: 'Minutes later' }).first().fill('-15');
    await dialog(page).getByLabel('Until').last().fill('23:30');
    for (const day of ['Saturday', 'Sunday']) await dialog(page).getByRole('checkbox', { name: day }).uncheck({ force: true });
    await shoot(page, 'schedule-rule');
    await accessible(page, 'the form of a rule');
    await page.setViewportSize(PHONE);
    await fits(page, 'the form of a rule');
    await shoot(page, 'schedule-rule-phone');
    await page.setViewportSize(DESKTOP);
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await until(async () => (await names()).includes('Evening'), 'the rule');
    const [rule] = await rules();
    assert.deepEqual([rule.from, rule.until.time.slice(0, 5), rule.days.length, rule.act.type], [{ type: 'sunset', offset_minutes: -15 }, '23:30', 5, 'play']);
    await until(async () => (await bars('play').count()) === 5, 'five evenings in the week');
  });

  test('adds dark hours and brightness; the one further up wins', async () => {
    for (const [name, act] of [['Closed', 'dark'], ['Late and soft', 'brightness']]) {
      await page.getByRole('button', { name: 'Add rule' }).click();
      await dialog(page).getByRole('textbox', { name: 'Name' }).fill(name);
      await dialog(page).getByRole('combobox', { name: 'What' }).selectOption(act);
      if (act === 'brightness') await dialog(page).getByRole('slider').fill('40');
      await dialog(page).getByRole('button', { name: 'Save' }).click();
      await until(async () => (await names()).includes(name), name);
    }
    assert.deepEqual((await rules()).map((rule) => rule.name), ['Evening', 'Closed', 'Late and soft']);
    assert.equal((await rules())[2].act.brightness, 0.4);
    await rows().nth(1).locator('.handle').press('ArrowUp');
    await until(async () => (await rules())[0].name === 'Closed', 'the dark hours to be first');
    await until(async () => (await bars('dark').count()) === 7, 'seven dark evenings');
    await shoot(page, 'schedule');
  });

  test('moves rules by keys, by buttons and by dragging', async () => {
    const order = (...wanted) => until(async () => same(await names(), wanted), wanted.join());
    const focused = () => page.evaluate(() => [document.activeElement.closest('li')?.querySelector('.row-title').textContent, document.activeElement.dataset.role]);
    await rows().nth(0).locator('.handle').focus();
    for (const _ of [1, 2]) await page.keyboard.press('ArrowDown');
    await order('Evening', 'Late and soft', 'Closed');
    assert.deepEqual(await focused(), ['Closed', 'handle']);

    await page.setViewportSize(PHONE);
    await page.getByRole('button', { name: 'Move up: Late and soft' }).click();
    await order('Late and soft', 'Evening', 'Closed');
    // That button can do no more.
    assert.deepEqual(await focused(), ['Late and soft', 'handle']);
    await page.getByRole('button', { name: 'Move down: Late and soft' }).scrollIntoViewIfNeeded();
    await shoot(page, 'schedule-rules-phone');
    await page.setViewportSize(DESKTOP);

    const last = rows().nth(2);
    await last.scrollIntoViewIfNeeded();
    const grip = await last.locator('.handle').boundingBox();
    const target = await rows().nth(0).boundingBox();
    await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await page.mouse.down();
    await page.mouse.move(grip.x + grip.width / 2, grip.y - 20, { steps: 4 });
    await page.mouse.move(grip.x + grip.width / 2, target.y + 6, { steps: 8 });
    await page.mouse.up();
    await order('Closed', 'Late and soft', 'Evening');
    await page.getByRole('button', { name: 'Move up: Evening' }).click();
    await order('Closed', 'Evening', 'Late and soft');
    assert.deepEqual([await focused(), await stored()], [['Evening', 'up'], await names()]);
  });

  test('opens a rule from the week and changes it', async () => {
    await bars('dark').first().click();
    await dialog(page).getByRole('switch', { name: 'Counts' }).uncheck();
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await until(async () => (await rules())[0].enabled === false, 'the rule to be off');
    await until(async () => (await bars('dark').count()) === 0, 'no dark evening');
    await rows().first().getByText('Off').waitFor();
  });

  test('is followed where that is switched on, and says what is next', async () => {
    await page.getByRole('switch', { name: 'Follow it' }).check();
    await until(async () => (await api('GET', '/api/schedule')).enabled, 'it to be followed');
    await page.locator('.view-head .head-note', { hasText: /Evening|next:/ }).waitFor();
  });

  test('shows other weeks, also one in which clocks change', async () => {
    const first = () => page.locator('.week-date').first().textContent();
    const before = await first();
    await page.getByRole('button', { name: 'The week after' }).click();
    await until(async () => (await first()) !== before, 'the week after');
    await page.getByRole('button', { name: 'The week before' }).click();
    await until(async () => (await first()) === before, 'this week');

    // An older answer that comes late changes nothing.
    let late;
    const held = new Promise((resolve) => (late = resolve));
    await page.route('**/api/schedule/week?*', async (route) => {
      const response = await route.fetch();
      await held;
      await route.fulfill({ response });
    }, { times: 1 });
    const came = page.waitForEvent('requestfinished', (request) => request.url().includes('/api/schedule/week?'));
    await page.getByRole('button', { name: 'The week after' }).click();
    const now = page.waitForResponse((response) => response.url().endsWith('/api/schedule/week'));
    await page.getByRole('button', { name: 'The week before' }).click();
    await now;
    late();
    await came;
    await page.evaluate(() => new Promise(requestAnimationFrame));
    assert.equal(await first(), before);

    // At most 31 weeks on Berlin's clocks change; such a day has another length.
    for (let week = 0; week < 31 && (await page.locator('.week-date small').count()) === 0; week += 1) {
      const now = await first();
      await page.getByRole('button', { name: 'The week after' }).click();
      await until(async () => (await first()) !== now, 'another week');
    }
    assert.match(await page.locator('.week-date small').first().textContent(), /^2[35] h$/);
    // It is drawn by what clocks show: six in the evening is where it is on other days.
    const evenings = await bars('brightness').evaluateAll((all) => all.map(({ style }) => `${style.left} ${parseFloat(style.width).toFixed(3)}%`));
    assert.deepEqual(evenings, Array(7).fill(`75% ${(500 / 24).toFixed(3)}%`));
    await shoot(page, 'schedule-clock-change');
  });

  test('says times as clocks show them where whoever looks is', async () => {
    const there = await operator({ locale: 'en-US' });
    await rows(there).getByText(/6:00\sPM – 11:00\sPM/).first().waitFor();
    const scale = there.locator('.week-scale > span');
    await until(async () => same(await scale.allTextContents(), ['12 AM', '6 AM', '12 PM', '6 PM', '12 AM']), 'hours of a clock of twelve');
    await there.getByRole('button', { name: /^Late and soft, 6:00\sPM to 11:00\sPM$/ }).first().waitFor();
    await there.setViewportSize(PHONE);
    await fits(there, 'a week by a clock of twelve');
    await shoot(there, 'schedule-us-phone');
    await there.close();
  });

  test('deletes a rule and takes it back', async () => {
    const before = await names();
    await page.getByRole('button', { name: 'Delete Evening' }).click();
    await until(async () => !(await names()).includes('Evening'), 'it to be gone');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => JSON.stringify(await names()) === JSON.stringify(before), 'it to be back in its place');
  });

  test('adds a rule by a cron pattern, and says what is wrong with one', async () => {
    await page.getByRole('button', { name: 'Add rule' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('Bells');
    await dialog(page).getByRole('combobox', { name: 'What' }).selectOption('dark');
    await dialog(page).getByRole('combobox', { name: 'From' }).selectOption('cron');
    assert.equal(await dialog(page).getByRole('combobox', { name: 'Until' }).inputValue(), 'after');
    await dialog(page).getByRole('spinbutton', { name: 'Minutes after it begins' }).fill('5');
    const pattern = dialog(page).getByRole('textbox', { name: 'Pattern' });
    await pattern.fill('0 25 * * *');
    await page.setViewportSize({ width: PHONE.width, height: 500 });
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await until(() => dialog(page).getByText('a cron pattern has five fields').evaluate((words) => {
      const [box, sight] = [words.getBoundingClientRect(), words.closest('.dialog-body').getBoundingClientRect()];
      return box.top >= sight.top && box.bottom <= sight.bottom;
    }), 'what is wrong to be in sight');
    await page.setViewportSize(DESKTOP);
    await pattern.fill('0 3,5 * * WED');
    await shoot(page, 'schedule-cron');
    await accessible(page, 'the form of a rule by a pattern');
    await page.setViewportSize(PHONE);
    await fits(page, 'the form of a rule by a pattern');
    await shoot(page, 'schedule-cron-phone');
    await page.setViewportSize(DESKTOP);
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await rows().last().getByText('0 3,5 * * WED, for 5 min').waitFor();
    await until(async () => (await bars('dark').count()) === 2, 'two dark times in the week');
    assert.deepEqual(await bars('dark').evaluateAll((all) => all.map((bar) => bar.tabIndex)), [0, -1]);
  });

  test('adds a rule for some weeks of every year', async () => {
    await page.getByRole('button', { name: 'Add rule' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('Advent');
    await dialog(page).getByRole('switch', { name: 'Only between two dates' }).check();
    await dialog(page).getByLabel('First day').fill('2025-12-01');
    await dialog(page).getByLabel('Last day').fill('2026-01-06');
    await dialog(page).getByRole('switch', { name: 'Every year' }).check();
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await rows().filter({ hasText: 'Advent' }).getByText('1 Dec 2025 – 6 Jan 2026').waitFor();
    assert.deepEqual((await rules()).at(-1).dates, { first: '2025-12-01', last: '2026-01-06', every_year: true });
    await rows().filter({ hasText: 'Advent' }).locator('.row-main').click();
    assert.equal(await dialog(page).getByRole('switch', { name: 'Every year' }).isChecked(), true);
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  });

  test('takes back one of two deletions, and leaves the other', async () => {
    const before = await stored();
    const [first, second] = before;
    for (const name of [first, second]) {
      await page.getByRole('button', { name: `Delete ${name}` }).click();
      await until(async () => !(await names()).includes(name), `${name} to be gone`);
    }
    const undo = (name) => page.locator('.toast', { hasText: name }).getByRole('button', { name: 'Undo' }).click();
    await undo(first);
    await until(async () => same(await names(), before.filter((name) => name !== second)), 'only the first to be back, in its place');
    await undo(second);
    await until(async () => same(await stored(), before), 'both to be back in their places');
  });

  const open = (at, name) => rows(at).filter({ hasText: name }).locator('.row-main').click();
  const rename = (at, name) => dialog(at).getByRole('textbox', { name: 'Name' }).fill(name);
  const save = async (at) => dialog(at).getByRole('button', { name: 'Save' }).click();
  const closed = (at) => at.getByRole('dialog').waitFor({ state: 'detached' });

  test('asks whose change of a rule holds, and loses neither', async () => {
    other = await operator();
    const before = await stored();
    const renamed = (name) => before.map((one) => (one === 'Bells' ? name : one));
    await until(async () => same(await names(other), before), 'the other page to show it');
    await open(page, 'Bells');
    await rename(page, 'Gongs');
    await open(other, 'Bells');
    await rename(other, 'Chimes');
    await save(other);
    await until(async () => same(await names(), renamed('Chimes')), 'this page to hear of it');
    await save(page);
    await dialog(page).getByText('while you had it open').waitFor();
    assert.deepEqual(await stored(), renamed('Chimes'));
    // Not answered, what is composed stays.
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    await dialog(page).getByText('Not saved yet').waitFor();
    await save(page);
    await dialog(page).getByRole('button', { name: 'Keep theirs' }).click();
    await closed(page);
    assert.deepEqual(await stored(), renamed('Chimes'));

    await open(page, 'Chimes');
    await rename(page, 'Bells');
    await page.route('**/api/schedule', async (route) => {
      await open(other, 'Chimes');
      await rename(other, 'Gongs');
      await save(other);
      await closed(other);
      await route.continue();
    }, { times: 1 });
    await save(page);
    await dialog(page).getByRole('button', { name: 'Keep mine' }).click();
    await closed(page);
    assert.deepEqual(await stored(), before);
  });

  test('puts a rule back that somebody else has deleted while it was open', async () => {
    const before = await stored();
    await open(page, before[1]);
    await rename(page, 'Mine');
    await other.getByRole('button', { name: `Delete ${before[1]}` }).click();
    await until(async () => (await names()).length === before.length - 1, 'this page to hear of it');
    await save(page);
    await dialog(page).getByRole('button', { name: 'Put it back' }).click();
    await closed(page);
    assert.deepEqual(await stored(), before.with(1, 'Mine'));
  });

  test('adds to what somebody else has made of it meanwhile', async () => {
    const before = await stored();
    await page.getByRole('button', { name: 'Add rule' }).click();
    await rename(page, 'One more');
    await page.route('**/api/schedule', async (route) => {
      await other.getByRole('button', { name: 'Delete Mine' }).click();
      await until(async () => !(await stored()).includes('Mine'), 'the other page to be quicker');
      await route.continue();
    }, { times: 1 });
    await save(page);
    await closed(page);
    assert.deepEqual(await stored(), [...before.filter((name) => name !== 'Mine'), 'One more']);
    assert.deepEqual(other.complaints, []);
    await other.close();
  });

  test('says that there is nothing only once that is known', async () => {
    const answer = await holdAnswers(page, '**/api/schedule');
    const asked = page.waitForRequest('**/api/schedule');
    await page.reload();
    await asked;
    await page.locator('view-schedule h1').waitFor();
    assert.equal(await page.locator('view-schedule .empty').isVisible(), false);
    await answer();
    await rows().first().waitFor();
  });

  test('is accessible, fits a phone, and complained of nothing', async () => {
    await accessible(page, 'schedule');
    await page.setViewportSize(PHONE);
    await fits(page, 'schedule');
    await shoot(page, 'schedule-phone');
    assert.deepEqual(page.complaints, []);
  });
});

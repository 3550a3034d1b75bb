/**
 * What each role comes for, from end to end: by a finger on a phone and by a mouse at a desk; what it is not offered; and
 * an operator's way by keys alone.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, dialog, fits, go, inside, openBrowser, shoot, signIn, until, visit } from './browser.mjs';
import { noisePng } from './media.mjs';
import { fingerprint } from './picture.mjs';
import { apiOf, startServer } from './server.mjs';

const PASSWORD = 'a good password';
const DEVICES = {
  phone: { viewport: PHONE, hasTouch: true, isMobile: true },
  desktop: { viewport: DESKTOP },
};
/** What is for admins only: where it is, the heading that it has, and the one that is there whoever looks. */
const FOR_ADMINS = [
  ['wall/layout', 'Layout', 'Outputs'],
  ['system/machine', 'Power and diagnostics', 'Machine'],
  ['system/machine', 'Safe mode', 'Machine'],
  ['system/updates', 'Updates', 'Machine'],
  ['system/people', 'Accounts', 'API tokens'],
  ['system/backups', 'Backups', 'Machine'],
  ['system/logs', 'Log', 'Machine'],
  ['system/audit', 'Audit log', 'Machine'],
];
/** How long a finger rests before it lets go. */
const STILL_MS = 100;
/** More than any page here has to stop at. */
const MOST_STOPS = 100;

describe('the roles', { concurrency: false }, () => {
  let server, browser, api;

  before(async () => {
    server = await startServer();
    api = apiOf(server.origin, await server.token());
    for (const role of ['viewer', 'operator', 'admin']) await api('POST', '/api/accounts', { name: role, password: PASSWORD, role });
    await api('PUT', '/api/outputs', { outputs: [{ name: 'Left wing', protocol: { type: 'ddp' }, hosts: ['127.0.0.1:9'] }] });
    // Or a rule that is made here would take over at some hours of the day.
    await api('PUT', '/api/schedule', { enabled: false, rules: [] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const player = async () => (await api('GET', '/api/status')).player;
  const button = (at, name) => at.getByRole('button', { name, exact: true });
  const heading = (page, name) => page.locator('#view').getByRole('heading', { name, exact: true, level: 2 });
  /** What is stored of a playlist. */
  const stored = async (name) => {
    const { playlists } = await api('GET', '/api/playlists');
    return api('GET', `/api/playlists/${playlists.find((one) => one.name === name).id}`);
  };
  const titles = async (name) => (await stored(name)).items.map((item) => item.title);

  /** Somebody who has signed in, and what is done as their device does it. */
  async function person(role, device) {
    const page = await visit(browser, server.origin, DEVICES[device]);
    await page.goto(`${server.origin}/`);
    await signIn(page, role, PASSWORD);
    await inside(page);
    const press = (target) => (device === 'phone' ? target.tap() : target.click());
    /** To a view, by the navigation. */
    const open = async (title) => {
      await press(page.getByRole('link', { name: title, exact: true }));
      await until(async () => (await page.title()).startsWith(title), title);
    };
    const look = async () => page.evaluate(fingerprint, (await page.locator('#preview').screenshot()).toString('base64'));
    return { page, press, open, look };
  }

  /** Drags the middle of one to above the middle of another: by a finger, or by the mouse. */
  async function drag(page, device, from, to) {
    let start, end;
    // Rows are made anew while what was changed before comes back.
    await until(async () => (start = await from.boundingBox()) && (end = await to.boundingBox()), 'both to be there');
    const x = start.x + start.width / 2;
    const way = Array.from({ length: 9 }, (_, step) => start.y + start.height / 2 + ((end.y + 4 - start.y - start.height / 2) * step) / 8);
    if (device === 'desktop') {
      for (const [at, y] of way.entries()) {
        await page.mouse.move(x, y);
        if (at === 0) await page.mouse.down();
      }
      return page.mouse.up();
    }
    const hand = await page.context().newCDPSession(page);
    for (const [at, y] of way.entries()) await hand.send('Input.dispatchTouchEvent', { type: at === 0 ? 'touchStart' : 'touchMove', touchPoints: [{ x, y }] });
    // A finger that is lifted while it moves throws; the next tap would only end that.
    await page.waitForTimeout(STILL_MS);
    await hand.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    return hand.detach();
  }

  /** What an admin is offered, and nobody else. */
  async function isOffered(page, role) {
    for (const [address, own, common] of FOR_ADMINS) {
      await go(page, 'now');
      await go(page, address);
      await heading(page, role === 'admin' ? own : common).waitFor();
      assert.equal(await heading(page, own).count(), role === 'admin' ? 1 : 0, `${own} for the ${role}`);
    }
  }

  for (const device of Object.keys(DEVICES)) {
    test(`an operator on a ${device} brings a picture, plays it from a playlist, and sees it`, async () => {
      const { page, press, open, look } = await person('operator', device);
      const [picture, list] = [`${device}.png`, `Show by ${device}`];
      await open('Library');
      const choosing = page.waitForEvent('filechooser');
      await press(button(page, 'Upload'));
      await (await choosing).setFiles({ name: picture, mimeType: 'image/png', buffer: noisePng(320, 192) });
      await page.locator('#library > li', { hasText: picture }).waitFor();

      await open('Playlists');
      await press(button(page, 'Another playlist'));
      await press(page.getByRole('menuitem', { name: 'New playlist' }));
      await dialog(page).getByRole('textbox', { name: 'Name' }).fill(list);
      await press(button(dialog(page), 'Create'));
      await page.getByRole('heading', { name: list }).waitFor();
      await press(button(page, 'Add effect'));
      await press(button(dialog(page), 'Add'));
      const rows = page.locator('#items > li');
      await until(async () => (await rows.count()) === 1, 'the effect in the playlist');
      await press(button(page, 'Add files'));
      await press(dialog(page).locator('.pick', { hasText: picture }));
      await press(button(dialog(page), 'Add'));
      await until(async () => (await rows.count()) === 2, 'the picture in the playlist');
      await dialog(page).waitFor({ state: 'detached' });
      await drag(page, device, rows.nth(1).locator('.handle'), rows.nth(0));
      await until(async () => (await titles(list))[0] === picture, 'the picture to be first');
      await shoot(page, `role-operator-${device}`);
      await press(button(page, 'Play this'));
      await until(async () => (await player()).item?.title === picture, 'the picture to play');
      await open('Now');
      // It is of noise, and lights all of the wall.
      await until(async () => (await page.locator('#now-title').textContent()) === picture && (await look()).lit > 10_000, 'the picture on the wall');
      await fits(page, 'a playing picture');
      assert.deepEqual(page.complaints, []);
      await page.close();
    });

    test(`an operator on a ${device} sets the brightness`, async () => {
      await api('PATCH', '/api/settings', { brightness: 1 });
      const { page } = await person('operator', device);
      const slider = page.getByRole('slider', { name: 'Brightness' });
      const { width, height } = await slider.boundingBox();
      const position = { x: width / 2, y: height / 2 };
      await (device === 'phone' ? slider.tap({ position }) : slider.click({ position }));
      const wanted = (Number(await slider.inputValue()) / 200) ** 2;
      assert.ok(wanted > 0.2 && wanted < 0.3, `${wanted}`);
      await until(async () => Math.abs((await api('GET', '/api/settings')).brightness - wanted) < 0.001, 'about a quarter of the light');
      assert.deepEqual(page.complaints, []);
      await page.close();
    });

    test(`an operator on a ${device} makes a rule of the schedule`, async () => {
      const { page, press, open } = await person('operator', device);
      await open('Schedule');
      await press(button(page, 'Add rule'));
      await dialog(page).getByRole('textbox', { name: 'Name' }).fill(`Night by ${device}`);
      await dialog(page).getByRole('combobox', { name: 'What' }).selectOption('dark');
      await press(dialog(page).getByRole('checkbox', { name: 'Sunday' }).locator('xpath=..'));
      await press(button(dialog(page), 'Save'));
      await page.locator('.rules .row-title', { hasText: `Night by ${device}` }).waitFor();
      const rule = (await api('GET', '/api/schedule')).rules.find((one) => one.name === `Night by ${device}`);
      assert.deepEqual([rule.act.type, rule.days.length], ['dark', 6]);
      assert.deepEqual(page.complaints, []);
      await page.close();
    });

    test(`an operator on a ${device} is not offered what is an admin’s`, async () => {
      const { page } = await person('operator', device);
      await isOffered(page, 'operator');
      await go(page, 'wall/outputs');
      await page.locator('.output-name', { hasText: 'Left wing' }).waitFor();
      for (const name of ['Add controller', 'Find controllers', 'More for Left wing']) assert.equal(await button(page, name).count(), 0, name);
      assert.deepEqual(page.complaints, []);
      await page.close();
    });

    test(`a viewer on a ${device} looks, and finds nothing that changes anything`, async () => {
      const { page, open, look } = await person('viewer', device);
      const asked = [];
      page.on('request', (request) => request.method() === 'GET' || asked.push(request.url()));
      const hands = () => page.locator(':is(#view, mini-player) :is(button, input, select, textarea):enabled:visible').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? one.textContent));
      await until(async () => (await page.locator('#now-title').textContent()) === (await player()).item?.title, 'what plays');
      const elapsed = page.locator('.deck-seek .time').first();
      const first = await elapsed.textContent();
      await until(async () => (await elapsed.textContent()) !== first, 'the time to go on');
      await until(async () => (await look()).lit > 1000, 'light');
      // The preview is theirs alone.
      assert.deepEqual(await hands(), ['Plain dots', 'Zoom out', 'Zoom in', 'Show the whole wall', 'Stop the live preview']);
      await page.locator('#view').focus();
      await page.keyboard.press('Space');
      await shoot(page, `role-viewer-${device}`);
      await open('Wall');
      await page.locator('.output-name', { hasText: 'Left wing' }).waitFor();
      await until(async () => /fps/.test((await page.locator('.output-rates').textContent()) ?? ''), 'running counters');
      assert.deepEqual(await hands(), []);
      await open('System');
      const machine = await api('GET', '/api/system/machine');
      await page.locator('.facts').getByText(machine.host_name, { exact: true }).first().waitFor();
      await heading(page, 'Health').waitFor();
      assert.deepEqual(await hands(), []);
      await isOffered(page, 'viewer');
      assert.equal((await player()).mode, 'playing');
      assert.deepEqual([asked, page.complaints], [[], []]);
      await page.close();
    });
  }

  test('an admin on a phone adds an output, finds it, makes an account and a backup, and thinks better of a restart', async () => {
    const { page, press, open } = await person('admin', 'phone');
    await isOffered(page, 'admin');
    await open('Wall');
    await press(button(page, 'Add controller'));
    await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('Right wing');
    await dialog(page).getByRole('textbox', { name: /^Name or address/ }).fill('127.0.0.2:9');
    await press(button(dialog(page), 'Save'));
    await page.locator('.output-name', { hasText: 'Right wing' }).waitFor();
    assert.deepEqual((await api('GET', '/api/outputs')).outputs.map((one) => one.name), ['Left wing', 'Right wing']);

    const left = async () => (await player()).test_pattern.seconds_left;
    const card = page.getByRole('region', { name: 'Test pattern' });
    await card.getByRole('combobox', { name: 'Pattern' }).selectOption('outputs');
    await press(button(card, 'Show on the wall'));
    await until(async () => (await left()) !== null, 'the pattern');
    await shoot(page, 'role-admin-identify');
    await press(button(card, 'End it'));
    await until(async () => (await left()) === null, 'it to end');

    await open('System');
    await press(page.getByRole('link', { name: 'People', exact: true }));
    await press(button(page, 'Add account'));
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('Olga');
    await dialog(page).getByRole('textbox', { name: /^Password/ }).fill(PASSWORD);
    await press(button(dialog(page), 'Add'));
    await page.locator('.person-name', { hasText: 'Olga' }).waitFor();
    assert.equal((await api('GET', '/api/accounts')).accounts.find((one) => one.name === 'Olga').role, 'operator');

    await press(page.getByRole('link', { name: 'Backups', exact: true }));
    await press(button(page, 'Back up now'));
    await page.locator('.person-facts', { hasText: 'Made by hand' }).waitFor();

    await press(page.getByRole('link', { name: 'Machine', exact: true }));
    await press(button(page, 'Restart'));
    await press(button(dialog(page), 'Cancel'));
    assert.equal((await api('GET', '/api/system')).pending, null);
    // The page gives a restart no time to think better of it; whoever asked for one with some is stopped from here.
    await api('POST', '/api/system/restart', { delay_seconds: 60 });
    await page.locator('#power').getByText(/^Prismatron restarts in [56]\d s\.$/).waitFor();
    await shoot(page, 'role-admin-pending');
    await press(button(page.locator('#power'), 'Cancel'));
    await page.locator('#power').waitFor({ state: 'hidden' });
    assert.equal((await api('GET', '/api/system')).pending, null);
    await fits(page, 'the machine');
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  test('an operator gets from the sign-in to a playing effect by keys alone, and sees at each stop where they are', async () => {
    await api('POST', '/api/playlists', { name: 'Keys' });
    await api('POST', `/api/playlists/${(await stored('Keys')).id}/items`, { items: [{ content: { type: 'text', text: 'Good evening' } }] });
    const page = await visit(browser, server.origin);
    const press = (key) => page.keyboard.press(key);
    const seen = async () => {
      const { what, outline } = await page.evaluate(() => {
        const one = document.activeElement ?? document.body;
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return { what: one.outerHTML.slice(0, 120), outline: one === document.body || (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) };
      });
      assert.ok(outline, `the focus is not seen on ${what}`);
    };
    const isOn = (wanted) => wanted.evaluateAll((all) => all.includes(document.activeElement));
    /** On to what is wanted. */
    const tab = async (wanted, key = 'Tab') => {
      await wanted.waitFor();
      for (let stops = 0; !(await isOn(wanted)); stops += 1) {
        assert.ok(stops < MOST_STOPS, `${wanted} is not on the way`);
        await press(key);
        await seen();
      }
    };
    await page.goto(`${server.origin}/`);
    await until(() => isOn(page.getByRole('textbox', { name: 'Name' })), 'the focus in the form');
    await seen();
    await page.keyboard.type('operator');
    await tab(page.getByRole('textbox', { name: 'Password' }));
    await page.keyboard.type(PASSWORD);
    await tab(button(page, 'Sign in'));
    await press('Enter');
    await inside(page);

    await tab(page.getByRole('link', { name: 'Playlists', exact: true }));
    await press('Enter');
    await tab(page.locator('.lists a', { hasText: 'Keys' }));
    await press('Enter');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    await tab(button(page, 'Add effect'));
    await press('Space');
    const effect = dialog(page).getByRole('combobox', { name: 'Effect' });
    await until(() => isOn(effect), 'the focus in the dialog');
    await seen();
    const slider = dialog(page).getByRole('slider').first();
    await tab(slider);
    const usual = await slider.inputValue();
    for (const _ of [1, 2, 3]) await press('ArrowRight');
    assert.notEqual(await slider.inputValue(), usual);
    const name = await slider.evaluate((one) => one.closest('label').querySelector('.field-label').textContent);
    const value = Number(await slider.inputValue());
    await shoot(page, 'role-keys-effect');
    await tab(button(dialog(page), 'Add'));
    await press('Enter');
    await until(async () => (await titles('Keys')).length === 2, 'the effect in the playlist');
    const { content } = (await stored('Keys')).items[1];
    const param = (await api('GET', '/api/effects')).effects.find((one) => one.name === content.effect).params.find((one) => one.title === name);
    assert.deepEqual([content.params[param.name], param.default === value], [value, false]);

    const [text, title] = await titles('Keys');
    await tab(page.locator('#items > li').nth(1).locator('.handle'));
    await press('ArrowUp');
    await until(async () => (await titles('Keys')).join() === [title, text].join(), 'the effect to be first');
    await until(() => isOn(page.locator('#items > li').first().locator('.handle')), 'the focus to go along');
    await tab(button(page, 'Play this'), 'Shift+Tab');
    await press('Enter');
    await until(async () => (await player()).item?.title === title, 'the effect to play');
    await tab(page.getByRole('link', { name: 'Now', exact: true }), 'Shift+Tab');
    await press('Enter');
    await tab(button(page.locator('view-now'), 'Pause'));
    await shoot(page, 'role-keys-pause');
    await press('Space');
    await until(async () => (await player()).mode === 'paused', 'the player to pause');
    assert.deepEqual(page.complaints, []);
    await page.close();
  });
});

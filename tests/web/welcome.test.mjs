/** The first start, on a phone at the foot of the wall: claim code, name and password, time and place, controllers, test pattern. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, NO_NETWORK, PHONE, accessible, dialog, fits, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { apiOf, startServer } from './server.mjs';

describe('the first start', { concurrency: false }, () => {
  let server, browser, page, api;

  before(async () => {
    server = await startServer();
    api = apiOf(server.origin, await server.token());
    browser = await openBrowser();
    page = await visit(browser, server.origin, { viewport: PHONE, hasTouch: true, expected: NO_NETWORK });
    await page.goto(`${server.origin}/`);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const step = (title) => page.locator('.welcome-step', { has: page.getByRole('heading', { name: title }) });

  test('the claim code leads to an account and on to what is left to do', async () => {
    await page.getByRole('textbox', { name: 'Claim code' }).fill(server.claim());
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
    await page.getByRole('button', { name: 'Create account' }).click();
    await inside(page);
    await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor();
    assert.equal((await api('GET', '/api/first-start')).claimed, true);
    await accessible(page, 'welcome');
    await fits(page, 'welcome');
    await shoot(page, 'welcome-phone');
    await page.setViewportSize(DESKTOP);
    await shoot(page, 'welcome');
    await page.setViewportSize(PHONE);
  });

  test('the time zone is chosen', async () => {
    await step('Time and place').getByRole('button', { name: 'Time and place' }).click();
    await dialog(page).getByRole('combobox', { name: 'Time zone' }).selectOption('Pacific/Auckland');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await step('Time and place').getByText('Now: Pacific/Auckland.').waitFor();
    assert.equal((await api('GET', '/api/first-start')).time_zone, true);
  });

  test('controllers are looked for, or named by hand', async () => {
    await step('Controllers').getByRole('button', { name: 'Find controllers' }).click();
    // No controller is in the test's network.
    await dialog(page).getByText(/No controller has answered|network cannot be asked/).waitFor();
    await fits(page, 'looking for controllers');
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
    await step('Controllers').getByRole('button', { name: 'Add controller' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('wall');
    await dialog(page).getByRole('textbox', { name: /^Name or address/ }).fill('127.0.0.1:9');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await step('Controllers').getByText('1 controller is set up.').waitFor();
    assert.equal((await api('GET', '/api/first-start')).outputs, true);
  });

  test('the wall lights by a test pattern, then by an effect', async () => {
    const player = async () => (await api('GET', '/api/status')).player;
    await page.getByRole('button', { name: 'Show a test pattern' }).click();
    await until(async () => (await player()).test_pattern.seconds_left !== null, 'the pattern');
    await page.getByRole('button', { name: 'Play an effect' }).click();
    await until(async () => (await player()).playlist?.name === 'Test' && (await player()).mode === 'playing', 'the effect');
    await page.getByRole('link', { name: 'Go to the wall' }).click();
    await page.locator('view-now').waitFor();
    assert.deepEqual(page.complaints, []);
  });
});

describe('the first start, by hand', { concurrency: false }, () => {
  const [KEY_MS, PAUSE_MS, MOST_MS] = [150, 1500, 120_000];
  let server, browser, page;

  before(async () => {
    server = await startServer();
    browser = await openBrowser();
    page = await visit(browser, server.origin, { viewport: PHONE, hasTouch: true, expected: NO_NETWORK });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  // A figure that is promised to people, by whose pace nearly all of its time passes.
  test('takes two minutes at most, at the pace of a person', async () => {
    const find = async (target) => {
      await target.waitFor();
      await page.waitForTimeout(PAUSE_MS);
    };
    const tap = async (target) => {
      await find(target);
      await target.tap();
    };
    const type = async (target, text) => {
      await tap(target);
      await page.keyboard.type(text, { delay: KEY_MS });
    };
    const began = Date.now();
    await page.goto(`${server.origin}/`);
    await type(page.getByRole('textbox', { name: 'Claim code' }), server.claim());
    await type(page.getByRole('textbox', { name: 'Your name' }), 'Ada');
    await type(page.getByRole('textbox', { name: 'Password' }), 'correct horse');
    await tap(page.getByRole('button', { name: 'Create account' }));
    await tap(page.getByRole('button', { name: 'Time and place' }));
    const zone = dialog(page).getByRole('combobox', { name: 'Time zone' });
    await find(zone);
    await zone.selectOption('Europe/Berlin');
    await tap(dialog(page).getByRole('button', { name: 'Save' }));
    await tap(page.getByRole('button', { name: 'Find controllers' }));
    await dialog(page).getByText(/No controller has answered|network cannot be asked/).waitFor();
    await tap(dialog(page).getByRole('button', { name: 'Close' }).first());
    await tap(page.getByRole('button', { name: 'Add controller' }));
    await type(dialog(page).getByRole('textbox', { name: 'Name', exact: true }), 'wall');
    await type(dialog(page).getByRole('textbox', { name: /^Name or address/ }), '127.0.0.1:9');
    await tap(dialog(page).getByRole('button', { name: 'Save' }));
    await tap(page.getByRole('button', { name: 'Show a test pattern' }));
    await tap(page.getByRole('button', { name: 'Play an effect' }));
    await tap(page.getByRole('link', { name: 'Go to the wall' }));
    await page.locator('view-now').waitFor();
    const took = Date.now() - began;
    assert.ok(took < MOST_MS, `it took ${took} ms`);
  });
});

/** What is done while answers are late, refused or lost: nothing of it is forgotten, done to something else, or done twice. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { dialog, go, holdAnswers, inside, openBrowser, until, visit } from './browser.mjs';
import { apiOf, startServer } from './server.mjs';

const LOST = /Failed to load resource|WebSocket connection/;
/** More than two messages of the live connection are apart, and more than a form waits for the next key. */
const WHILE_MS = 5000;
const TYPED_MS = 400;

describe('late answers', { concurrency: false }, () => {
  let server, browser, page, api;

  before(async () => {
    server = await startServer();
    api = apiOf(server.origin, await server.token());
    await api('POST', '/api/accounts', { name: 'ada', password: 'a good password', role: 'admin' });
    browser = await openBrowser();
    page = await visit(browser, server.origin, { expected: LOST });
    await page.goto(server.link);
    await inside(page);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const textOf = (name) => ({ content: { type: 'text', text: name } });
  const titles = () => page.locator('#items .row-title').allTextContents();
  const stored = async (id) => (await api('GET', `/api/playlists/${id}`)).items.map((item) => item.content.text);
  const choose = async (name, command) => {
    await page.getByRole('button', { name: `More for ${name}` }).click();
    await page.getByRole('menuitem', { name: command }).click();
  };

  test('a dialog that is closed meanwhile still says what came of it', async () => {
    await go(page, 'system/people');
    const release = await holdAnswers(page, '**/api/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await dialog(page).getByRole('textbox', { name: 'What is it for?' }).fill('Clock');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await release();
    await page.getByText('never shown again').waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
  });

  test('a brightness that is chosen while another is on its way is the one that stays', async () => {
    await go(page, 'now');
    const slider = page.getByRole('slider', { name: 'Brightness' });
    const release = await holdAnswers(page, '**/api/settings');
    await slider.fill('50');
    await page.waitForTimeout(TYPED_MS);
    await slider.fill('100');
    await page.waitForTimeout(WHILE_MS);
    assert.equal(await slider.inputValue(), '100');
    await release();
    await until(async () => Math.abs((await api('GET', '/api/settings')).brightness - 0.25) < 0.001, 'a quarter of the light');
    assert.equal(await slider.inputValue(), '100');
  });

  test('the LED whose number was typed last is lit', async () => {
    await go(page, 'wall/outputs');
    const card = page.getByRole('region', { name: 'Test pattern' });
    const lit = [];
    page.on('request', (request) => request.url().endsWith('/api/identify') && request.method() === 'POST' && lit.push(request.postDataJSON().pattern.first));
    await card.getByRole('combobox', { name: 'Pattern' }).selectOption('leds');
    const release = await holdAnswers(page, '**/api/identify');
    await card.getByRole('button', { name: 'Show on the wall' }).click();
    await card.getByRole('spinbutton', { name: 'LED', exact: true }).fill('3');
    await page.waitForTimeout(TYPED_MS);
    await release();
    await until(async () => lit.at(-1) === 2, 'the third LED');
    await card.getByRole('button', { name: 'End it' }).click();
  });

  test('two controllers that are switched off quickly are both off', async () => {
    await api('PUT', '/api/outputs', { outputs: ['left', 'right'].map((name) => ({ name, protocol: { type: 'ddp' }, hosts: ['127.0.0.1:9'] })) });
    const release = await holdAnswers(page, '**/api/outputs');
    await choose('left', 'Switch off');
    await choose('right', 'Switch off');
    await release();
    await until(async () => (await api('GET', '/api/outputs')).outputs.every(({ enabled }) => !enabled), 'both to be off');
  });

  test('the schedule is followed where that was asked for while another change was on its way', async () => {
    const rule = (name) => ({ name, enabled: false, from: { type: 'clock', time: '18:00' }, until: { type: 'clock', time: '23:00' }, act: { type: 'dark' } });
    await api('PUT', '/api/schedule', { enabled: true, rules: ['Early', 'Late'].map(rule) });
    await go(page, 'schedule');
    await page.getByRole('button', { name: 'Move down: Early' }).waitFor();
    const release = await holdAnswers(page, '**/api/schedule');
    await page.getByRole('button', { name: 'Move down: Early' }).click();
    await page.getByRole('switch', { name: 'Follow it' }).uncheck();
    await release();
    const now = () => api('GET', '/api/schedule');
    await until(async () => !(await now()).enabled, 'it to be off');
    assert.deepEqual((await now()).rules.map(({ name }) => name), ['Late', 'Early']);
    assert.equal(await page.getByRole('switch', { name: 'Follow it' }).isChecked(), false);
  });

  describe('in a playlist', () => {
    let id;

    beforeEach(async () => {
      ({ id } = await api('POST', '/api/playlists', { name: 'Late' }));
      await api('POST', `/api/playlists/${id}/items`, { items: ['one', 'two', 'three', 'four'].map(textOf) });
      await go(page, `playlists/${id}`);
      await until(async () => (await titles()).length === 4 && page.url().endsWith(id), 'its items');
    });

    test('what was composed stays in its form until it is added', async () => {
      await page.getByRole('button', { name: 'Add text' }).click();
      await dialog(page).getByRole('textbox', { name: 'Text', exact: true }).fill('five');
      await page.route('**/items', (route) => route.abort(), { times: 1 });
      await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
      await dialog(page).getByRole('alert').waitFor();
      await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      assert.deepEqual(await stored(id), ['one', 'two', 'three', 'four', 'five']);
    });

    test('the row that is dragged is moved, whatever goes meanwhile', async () => {
      // Routes cannot be taken back while something is dragged.
      let release = () => {};
      const held = new Promise((resolve) => (release = resolve));
      await page.route('**/items/remove', (route) => held.then(() => route.continue()), { times: 1 });
      await page.locator('#items > li').first().locator('.handle').press('Delete');
      const grip = await page.locator('#items > li').nth(2).locator('.handle').boundingBox();
      const top = await page.locator('#items > li').nth(0).boundingBox();
      await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
      await page.mouse.down();
      await page.mouse.move(grip.x + grip.width / 2, grip.y - 20, { steps: 4 });
      release();
      await until(async () => (await stored(id)).length === 3, 'the first to be gone');
      await page.mouse.move(grip.x + grip.width / 2, top.y + 4, { steps: 8 });
      await page.mouse.up();
      await until(async () => (await stored(id)).join() === 'three,two,four', 'the third to be the first');
      await until(async () => (await titles()).join() === 'three,two,four', 'the order on the page');
    });

    test('what could not be brought back at once can be asked for again', async () => {
      await page.locator('#items > li').nth(1).getByRole('checkbox').check({ force: true });
      await page.locator('#items > li').nth(2).getByRole('checkbox').check({ force: true });
      await page.getByRole('button', { name: 'Remove', exact: true }).last().click();
      await until(async () => (await stored(id)).join() === 'one,four', 'two to be gone');
      let asked = 0;
      await page.route('**/items', (route) => (++asked === 2 ? route.abort() : route.continue()));
      await page.locator('.toast').getByRole('button', { name: 'Undo' }).last().click();
      await until(async () => asked === 2, 'the second to be refused');
      await page.locator('.toast', { hasText: 'two' }).getByRole('button', { name: 'Undo' }).click();
      await until(async () => (await stored(id)).join() === 'one,two,three,four', 'all to be back');
      await page.unrouteAll({ behavior: 'wait' });
    });

    test('the playlist that was chosen last is shown, also where it was the first', async () => {
      const other = await api('POST', '/api/playlists', { name: 'Other' });
      await page.locator('.list-link', { hasText: 'Other' }).waitFor();
      const release = await holdAnswers(page, `**/api/playlists/${other.id}`);
      await go(page, `playlists/${other.id}`);
      await go(page, `playlists/${id}`);
      await release();
      await page.waitForTimeout(TYPED_MS);
      assert.equal((await titles()).length, 4);
      await api('DELETE', `/api/playlists/${other.id}`);
    });
  });

  test('what died with the line holds nothing up', async () => {
    await go(page, 'now');
    await page.route('**/api/settings', () => {}, { times: 1 });
    await page.getByRole('slider', { name: 'Brightness' }).fill('60');
    await page.waitForTimeout(TYPED_MS);
    await server.crash();
    await page.getByText('Connection lost.').waitFor();
    await server.startAgain();
    await page.getByText('Connection lost.').waitFor({ state: 'hidden' });
    await page.getByRole('slider', { name: 'Brightness' }).fill('100');
    await until(async () => Math.abs((await api('GET', '/api/settings')).brightness - 0.25) < 0.001, 'a quarter of the light');
    await page.unrouteAll();
  });

  test('who signs in while the machine is away keeps what is typed', async () => {
    const there = await visit(browser, server.origin, { expected: LOST });
    await there.route('**/api/session', (route) => route.abort(), { times: 3 });
    await there.goto(server.origin);
    await there.getByText('does not answer').or(there.getByText('cannot be reached')).first().waitFor();
    await there.getByRole('textbox', { name: 'Name' }).fill('ada');
    await there.waitForTimeout(WHILE_MS / 2);
    assert.equal(await there.getByRole('textbox', { name: 'Name' }).inputValue(), 'ada');
    await there.close();
  });
});

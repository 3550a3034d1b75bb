/**
 * The page in a real browser against a real server: signs in by the printed link and does what a person does.
 *
 * Environment: PRISMATRON_URL, the sign-in address (`http://…/#code=…`), required. SCREENSHOTS, a folder for
 * pictures of the page. CHROMIUM, the browser's path where it is not /usr/bin/chromium.
 */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { noisePng } from './pictures.mjs';

const link = process.env.PRISMATRON_URL;
const screenshots = process.env.SCREENSHOTS;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

describe('the page', { concurrency: false }, () => {
  assert.ok(link, 'PRISMATRON_URL must be the sign-in address of a running Prismatron');
  const origin = new URL(link).origin;
  const picture = `smoke-${Date.now()}.png`;
  const playlist = `Smoke ${Date.now()}`;
  /** What the browser complained about, and where it went that it should not. */
  const complaints = [];
  const strays = [];
  let browser, context, page;

  before(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });
    context = await browser.newContext({ viewport: DESKTOP, colorScheme: 'dark' });
    page = await context.newPage();
    watch(page);
  });

  after(() => browser?.close());

  /** @param {import('playwright-core').Page} page */
  function watch(page) {
    page.setDefaultTimeout(20_000);
    // Before it is signed in the page asks who it is, and 401 is the answer it expects.
    page.on('console', (message) => {
      const asked = message.location().url === `${origin}/api/session` && message.text().includes('401');
      if (message.type() === 'error' && !asked) complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (!['blob:', 'data:'].includes(protocol) && host !== new URL(origin).host) strays.push(request.url());
    });
  }

  /** @param {string} name */
  async function shoot(name) {
    if (!screenshots) return;
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
  }

  /** A fingerprint of what the preview shows, and how many of its pixels are lit. */
  const look = () =>
    page.locator('#preview').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let print = 0;
      let lit = 0;
      for (let i = 0; i < data.length; i += 4) {
        print = (print * 31 + data[i] * 7 + data[i + 1] * 3 + data[i + 2]) | 0;
        if (data[i] + data[i + 1] + data[i + 2] > 60) lit += 1;
      }
      return { print, lit };
    });

  /** @param {string} route what the page itself may ask, with its session */
  const ask = (route) => page.evaluate(async (at) => (await fetch(at)).json(), route);

  /** Polls until `probe` holds. @param {() => Promise<unknown>} probe @param {string} what */
  async function until(probe, what) {
    const end = Date.now() + 20_000;
    while (!(await probe())) {
      assert.ok(Date.now() < end, `waited in vain for ${what}`);
      await page.waitForTimeout(50);
    }
  }

  const rows = () => page.locator('#items > li');
  const titles = () => page.locator('#items .row-title').allTextContents();

  test('asks who it is where there is no link', async () => {
    await page.goto(`${origin}/`);
    await page.getByText('Sign in by a link').waitFor();
  });

  test('signs in by the link and takes the code out of the address', async () => {
    await page.goto(link);
    await page.locator('#app').waitFor({ state: 'visible' });
    assert.equal(new URL(page.url()).hash, '');
  });

  test('shows light that moves', async () => {
    if ((await ask('/api/status')).player.mode !== 'playing') await page.getByRole('button', { name: 'Play', exact: true }).click();
    await until(async () => (await look()).lit > 1000, 'a lit preview');
    const first = await look();
    await until(async () => (await look()).print !== first.print, 'the preview to change');
    await shoot('desktop-dark');
  });

  test('pauses and plays', async () => {
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await until(async () => (await ask('/api/status')).player.mode === 'paused', 'the player to pause');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await until(async () => (await ask('/api/status')).player.mode === 'playing', 'the player to play');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  });

  test('changes the brightness', async () => {
    const slider = page.getByRole('slider', { name: 'Brightness' });
    const before = (await ask('/api/settings')).brightness;
    await slider.fill('80');
    await until(async () => Math.abs((await ask('/api/settings')).brightness - 0.16) < 0.001, 'the brightness to be 16 %');
    assert.equal(await page.locator('#brightness-figure').textContent(), '16 %');
    await slider.fill(String(Math.round(Math.sqrt(before) * 200)));
    await until(async () => Math.abs((await ask('/api/settings')).brightness - before) < 0.01, 'the brightness to be as it was');
  });

  test('uploads a picture into the library', async () => {
    await page.locator('#upload-picker').setInputFiles({ name: picture, mimeType: 'image/png', buffer: noisePng(320, 192) });
    const card = page.locator('#library > li', { hasText: picture });
    await card.waitFor();
    await until(() => card.locator('img').evaluate((image) => image.naturalWidth > 0), 'the thumbnail');
  });

  test('says why a file is refused', async () => {
    await page.locator('#upload-picker').setInputFiles({ name: 'refused.png', mimeType: 'image/png', buffer: Buffer.from('this is no picture at all') });
    const row = page.locator('.upload.is-failed');
    await row.waitFor();
    assert.ok((await row.locator('.upload-note').textContent()).length > 5);
    await row.getByRole('button', { name: 'Dismiss' }).click();
    // A refused upload is an error to the browser's console too, rightly.
    complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes('422')));
  });

  test('makes a playlist, adds a file, an effect and a text', async () => {
    await page.getByRole('button', { name: 'New playlist' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill(playlist);
    await page.getByRole('button', { name: 'Create' }).click();
    await until(async () => (await page.locator('#playlist-choice option:checked').textContent())?.startsWith(playlist), 'the new playlist to be shown');
    assert.equal(await rows().count(), 0);

    await page.getByRole('button', { name: `Add ${picture} to the playlist` }).click();
    await until(async () => (await rows().count()) === 1, 'the picture in the playlist');

    await page.getByRole('button', { name: 'Add effect' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await until(async () => (await rows().count()) === 2, 'the effect in the playlist');

    await page.getByRole('button', { name: 'Add text' }).click();
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Good evening');
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await until(async () => (await rows().count()) === 3, 'the text in the playlist');
    assert.match((await titles())[0], /^smoke-/);
  });

  test('changes how an item is played', async () => {
    await rows().first().hover();
    await rows().first().getByRole('button', { name: /^Settings/ }).click();
    await page.getByRole('spinbutton', { name: /^Shown for/ }).fill('7.5');
    await page.getByRole('combobox', { name: 'Way in' }).selectOption('wipe');
    await shoot('item-settings');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { playlists } = await ask('/api/playlists');
    const { items } = await ask(`/api/playlists/${playlists.find((one) => one.name === playlist).id}`);
    assert.equal(items[0].duration_seconds, 7.5);
    assert.equal(items[0].transition.type, 'wipe');
  });

  test('reorders by dragging and by keys', async () => {
    const before = await titles();
    const grip = await rows().nth(0).locator('.handle').boundingBox();
    const target = await rows().nth(2).boundingBox();
    await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await page.mouse.down();
    await page.mouse.move(grip.x + grip.width / 2, grip.y + 40, { steps: 4 });
    await page.mouse.move(grip.x + grip.width / 2, target.y + target.height - 6, { steps: 8 });
    await page.mouse.up();
    const dragged = [before[1], before[2], before[0]];
    await until(async () => JSON.stringify(await titles()) === JSON.stringify(dragged), 'the dragged order');

    const keyed = [before[1], before[0], before[2]];
    await rows().nth(2).locator('.handle').press('ArrowUp');
    const stored = async () => {
      const { playlists } = await ask('/api/playlists');
      const { items } = await ask(`/api/playlists/${playlists.find((one) => one.name === playlist).id}`);
      return JSON.stringify(items.map((item) => item.title));
    };
    await until(async () => (await stored()) === JSON.stringify(keyed), 'the order on the server');
    assert.deepEqual(await titles(), keyed);
  });

  test('plays from an item and marks it', async () => {
    await rows().nth(1).getByTitle('Play this').click();
    await until(async () => (await ask('/api/status')).player.item?.title === picture, 'the picture to play');
    await until(async () => (await page.locator('#items > li.is-current .row-title').textContent()) === picture, 'the row to be marked');
    await page.locator('#now-title', { hasText: picture }).waitFor();
  });

  test('removes an item', async () => {
    await rows().nth(2).hover();
    await rows().nth(2).getByRole('button', { name: /^Remove/ }).click();
    await until(async () => (await rows().count()) === 2, 'the item to be gone');
  });

  test('says that the connection is lost and comes back by itself', async () => {
    await context.setOffline(true);
    await page.evaluate(() => dispatchEvent(new Event('offline')));
    const sockets = page.getByText('Connection lost.');
    await sockets.waitFor({ state: 'visible' });
    await context.setOffline(false);
    await sockets.waitFor({ state: 'hidden' });
    // What failed to load meanwhile failed by design.
    complaints.splice(0, complaints.length, ...complaints.filter((line) => !/ERR_INTERNET_DISCONNECTED|WebSocket connection/.test(line)));
  });

  test('fits a phone', async () => {
    await page.setViewportSize(PHONE);
    for (const tab of ['Playlist', 'Library', 'Outputs']) {
      await page.getByRole('tab', { name: tab }).click();
      const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= window, `${tab}: ${wide} px wide on ${window}`);
      await shoot(`phone-${tab.toLowerCase()}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await shoot('phone-light');
    await page.setViewportSize(DESKTOP);
    await shoot('desktop-light');
  });

  test('deletes the playlist it made and plays another', async () => {
    await page.getByRole('button', { name: 'More for this playlist' }).click();
    await page.getByRole('menuitem', { name: 'Delete playlist' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    const all = async () => (await ask('/api/playlists')).playlists;
    await until(async () => !(await all()).some((one) => one.name === playlist), 'the playlist to be deleted');
    const other = (await all()).find((one) => one.items > 0);
    if (!other) return;
    await page.getByRole('combobox', { name: 'Playlist to show' }).selectOption(other.id);
    await page.getByRole('button', { name: 'Play this' }).click();
    await until(async () => (await ask('/api/status')).player.playlist?.id === other.id, 'the other playlist to play');
  });

  test('renames and deletes a file', async () => {
    const renamed = `renamed ${picture}`;
    await page.getByRole('button', { name: `More for ${picture}` }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill(renamed);
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('button', { name: `More for ${renamed}` }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await until(async () => !(await ask('/api/media')).media.some((one) => one.name === renamed), 'the file to be deleted');
    await page.locator('#library > li', { hasText: renamed }).waitFor({ state: 'detached' });
  });

  test('hands out the diagnostics', async () => {
    await page.getByRole('button', { name: 'Menu' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Diagnostics' }).click()]);
    assert.match(download.suggestedFilename(), /^prismatron-diagnostics-.*\.tar\.gz$/);
    assert.equal(await download.failure(), null);
  });

  test('says in the menu why the machine cannot be rebooted', async () => {
    await page.getByRole('button', { name: 'Menu' }).click();
    for (const label of ['Reboot', 'Power off']) {
      const entry = page.getByRole('menuitem', { name: label });
      assert.equal(await entry.getAttribute('aria-disabled'), 'true');
      assert.match(await entry.textContent(), /not started by systemd/);
    }
    await shoot('menu');
    await page.keyboard.press('Escape');
  });

  test('shows what each check of the health came to', async () => {
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: 'Health' }).click();
    const dialog = page.getByRole('dialog', { name: 'Health' });
    const checks = await dialog.locator('li').allTextContents();
    assert.equal(checks.length, 8, checks.join('; '));
    assert.equal(checks[0], 'PlayerWell');
    assert.match(checks.find((one) => one.startsWith('Storage')) ?? '', /free/);
    await dialog.getByText('The machine was looked at').waitFor();
    await shoot('health');
    await dialog.getByRole('button', { name: 'Close' }).first().click();
    await dialog.waitFor({ state: 'detached' });
  });

  test('counts down to what is pending and takes it back', async () => {
    await page.evaluate(() => fetch('/api/system/restart', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"delay_seconds": 60}' }));
    const banner = page.locator('#system');
    await banner.getByText(/^Prismatron restarts in [56]\d s\.$/).waitFor();
    assert.equal(await page.locator('#app').evaluate((app) => app.inert), true);
    await shoot('pending');
    await banner.getByRole('button', { name: 'Cancel' }).click();
    await banner.waitFor({ state: 'hidden' });
    assert.equal(await page.locator('#app').evaluate((app) => app.inert), false);
    assert.equal((await ask('/api/system')).pending, null);
  });

  test('asks twice before a reboot, counts down, and tells that it was refused', async () => {
    // Started by hand the program reboots nothing: what it would say under systemd is put into its mouth.
    const able = { possible: true, reason: null };
    let system = { supervisor: 'systemd', unit: 'prismatron.service', restart: able, reboot: able, poweroff: able, pending: null, failure: null };
    let tell = () => {};
    const asked = [];
    const other = await context.newPage();
    watch(other);
    await other.routeWebSocket(/\/api\/events$/, (socket) => {
      let last = null;
      tell = () => last && socket.send(JSON.stringify({ ...last, status: { ...last.status, system } }));
      socket.connectToServer().onMessage((message) => {
        const event = typeof message === 'string' ? JSON.parse(message) : null;
        if (event?.type !== 'status') return socket.send(message);
        last = event;
        tell();
      });
    });
    await other.route('**/api/system/reboot', (route) => {
      asked.push(route.request().method());
      system = { ...system, pending: { action: 'reboot', who: 'admin', stage: 'waiting', seconds_left: 5 } };
      return route.fulfill({ status: 202, json: { status: 'accepted', message: 'The machine reboots in 5 seconds.', ...system.pending } });
    });
    await other.goto(`${origin}/`);
    await other.getByText(/^Version/).waitFor();
    await other.getByRole('button', { name: 'Menu' }).click();
    await other.getByRole('menuitem', { name: 'Reboot' }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Continue' }).click();
    await other.getByText('not only Prismatron').waitFor();
    assert.deepEqual(asked, []);
    await other.getByRole('dialog').getByRole('button', { name: 'Reboot' }).click();
    await other.locator('#system').getByText(/^The machine reboots in [1-5] s\.$/).waitFor();
    system = { ...system, pending: null, failure: { action: 'reboot', reason: 'polkit does not allow it', at: '2026-01-01T00:00:00Z' } };
    tell();
    await other.getByText('The reboot failed: polkit does not allow it').waitFor();
    await other.locator('#system').waitFor({ state: 'hidden' });
    assert.deepEqual(asked, ['POST']);
    await other.close();
  });

  test('restarts the program and finds it again', async () => {
    const age = () => ask('/api/status').then((now) => now.uptime_seconds);
    await until(async () => (await age()) >= 2, 'the program to be two seconds old');
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: 'Restart' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    await until(() => age().then((seconds) => seconds < 2, () => false), 'another program to answer');
    await page.locator('#system').waitFor({ state: 'hidden' });
    assert.equal(await page.locator('#app').evaluate((app) => app.inert), false);
    await page.getByText('Connection lost.').waitFor({ state: 'hidden' });
    await until(async () => (await look()).lit > 0, 'the preview to be back');
    // What was asked for while nobody was there to answer failed by design.
    complaints.splice(0, complaints.length, ...complaints.filter((line) => !/ERR_CONNECTION|ERR_EMPTY_RESPONSE|WebSocket connection/.test(line)));
  });

  test('leaves safe mode with the settings that last worked', async () => {
    // The run before the restart has ended well.
    const before = (await ask('/api/settings')).brightness;
    /** @param {string} method @param {string} path @param {object} [body] */
    const send = (method, path, body) => page.evaluate(([method, path, body]) => fetch(path, { method, headers: { 'Content-Type': 'application/json' }, body }), [method, path, body && JSON.stringify(body)]);
    await send('PATCH', '/api/settings', { brightness: before / 2 });
    await send('PUT', '/api/safe-mode');
    await page.getByRole('button', { name: 'Use settings that worked' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('brightness and colours').waitFor();
    await shoot('safe-mode');
    await dialog.getByRole('button', { name: 'Use them and play' }).click();
    await until(async () => (await ask('/api/status')).safe_mode === null, 'safe mode to be left');
    assert.equal((await ask('/api/settings')).brightness, before);
    await page.getByText('Safe mode: nothing plays.').waitFor({ state: 'detached' });
  });

  test('complained of nothing and went nowhere else', () => {
    assert.deepEqual(complaints, []);
    assert.deepEqual(strays, []);
  });
});

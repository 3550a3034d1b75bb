/** Uploads as a phone makes them: by its camera, over a line that is slow or lost, with all of it seen on the page. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CUT, PHONE, dialog, go, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { lineTo } from './line.mjs';
import { noisePng } from './media.mjs';
import { apiOf, startServer } from './server.mjs';

const MB = 1_000_000;

describe('uploads', { concurrency: false }, () => {
  let server, browser, page, api, line, token;
  // Noise of 12 MB, which goes in two pieces.
  const big = noisePng(2048, 2048);
  /** Where what was sent begins. @type {number[]} */
  let sent = [];

  before(async () => {
    server = await startServer();
    line = await lineTo(server.origin);
    token = await server.token();
    api = apiOf(server.origin, token);
    browser = await openBrowser();
    page = await visit(browser, line.origin, { expected: CUT, viewport: PHONE, hasTouch: true, isMobile: true });
    await page.goto(server.link.replace(server.origin, line.origin));
    await inside(page);
    await go(page, 'library');
    page.on('request', (request) => {
      if (request.method() === 'PATCH') sent.push(Number(request.headers()['upload-offset']));
    });
  });
  after(async () => {
    await browser?.close();
    await line?.close();
    await server?.stop();
  });

  const tile = (name) => page.locator('#library > li', { hasText: name });
  const row = (name) => page.locator('.upload', { hasText: name });
  const share = async (name) => Number(await row(name).locator('progress').evaluate((bar) => bar.value));
  /** The file is in the library as it was sent. */
  const arrived = async (name, bytes) => {
    await tile(name).waitFor({ timeout: 120_000 });
    const found = (await api('GET', '/api/media')).media.find((one) => one.name === name);
    const kept = await (await fetch(`${server.origin}/api/media/${found.id}/file`, { headers: { Authorization: `Bearer ${token}` } })).arrayBuffer();
    assert.ok(bytes.equals(Buffer.from(kept)), `${name} is another file`);
  };

  test("takes what a phone's camera has taken", async () => {
    const camera = page.getByRole('button', { name: 'Camera' });
    await camera.waitFor();
    const asked = page.waitForEvent('filechooser');
    await camera.tap();
    const chooser = await asked;
    const kind = await chooser.element().evaluate((input) => [input.accept, input.getAttribute('capture')]);
    assert.deepEqual(kind, ['image/*,video/*', 'environment']);
    const picture = noisePng(96, 64);
    await chooser.setFiles({ name: 'IMG_0001.png', mimeType: 'image/png', buffer: picture });
    await arrived('IMG_0001.png', picture);
  });

  test('shows how far each of many is, how fast it goes and how long it takes', async () => {
    line.limit(2 * MB);
    const small = noisePng(64, 64);
    await page.locator('#upload-picker').setInputFiles([
      { name: 'slow.png', mimeType: 'image/png', buffer: big },
      { name: 'next.png', mimeType: 'image/png', buffer: small },
    ]);
    const form = /^(\d+)% of 13 MB · ([\d.]+) (kB|MB)\/s · .+ left$/;
    // At first the page fills what lies between it and the line.
    await until(async () => {
      const [, of, speed, unit] = form.exec(await row('slow.png').locator('.upload-note').textContent()) ?? [];
      return Number(of) < 100 && Number(speed) * (unit === 'MB' ? MB : 1000) < 4 * MB;
    }, 'the speed of the line');
    assert.match(await row('next.png').locator('.upload-note').textContent(), /kB/);
    const before = await share('slow.png');
    await until(async () => (await share('slow.png')) > before, 'the bar to go on');
    await shoot(page, 'uploads-phone');
    line.limit(Infinity);
    await arrived('slow.png', big);
    await arrived('next.png', small);
  });

  test('waits, goes on and is given up as somebody wants it', async () => {
    const small = noisePng(48, 48);
    line.limit(MB);
    sent = [];
    await page.locator('#upload-picker').setInputFiles([
      { name: 'held.png', mimeType: 'image/png', buffer: big },
      { name: 'queued.png', mimeType: 'image/png', buffer: small },
      { name: 'given-up.png', mimeType: 'image/png', buffer: noisePng(2048, 2047) },
    ]);
    const press = (action, name) => page.getByRole('button', { name: `${action} the upload of ${name}` }).tap();
    // One that has not begun is in its turn once, however often it was held.
    await press('Pause', 'queued.png');
    await row('queued.png').getByText('Paused at').waitFor();
    await press('Go on with', 'queued.png');
    await until(async () => (await share('held.png')) > 0.1, 'some of it');
    await press('Pause', 'held.png');
    await row('held.png').getByText('Paused at').waitFor();
    await until(async () => (await share('given-up.png')) > 0.1, 'some of the next');
    await press('Cancel', 'given-up.png');
    await dialog(page).getByText('Discard what has arrived of “given-up.png”?').waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).tap();
    assert.equal(await row('given-up.png').count(), 1);
    await press('Cancel', 'given-up.png');
    await dialog(page).getByRole('button', { name: 'Discard upload' }).tap();
    await row('given-up.png').waitFor({ state: 'detached' });
    await arrived('queued.png', small);
    line.limit(Infinity);
    await press('Go on with', 'held.png');
    await arrived('held.png', big);
    const names = (await api('GET', '/api/media')).media.map((one) => one.name);
    assert.equal(names.filter((name) => name === 'queued.png').length, 1);
    assert.ok(!names.includes('given-up.png'));
  });

  test('says so in German too', async () => {
    const german = await visit(browser, line.origin, { viewport: PHONE, locale: 'de-DE' });
    await german.context().addCookies(await page.context().cookies());
    await german.goto(line.origin);
    await inside(german);
    await go(german, 'library');
    line.limit(2 * MB);
    await german.locator('#upload-picker').setInputFiles({ name: 'langsam.png', mimeType: 'image/png', buffer: big });
    await german.locator('.upload-note', { hasText: /^\d+\s%\svon\s13\sMB · [\d,]+\s[kM]B\/s · noch .+$/ }).waitFor();
    line.limit(Infinity);
    await arrived('langsam.png', big);
    assert.deepEqual(german.complaints, []);
    await german.close();
  });

  const losses = {
    'the machine was without power': [() => server.crash(), () => server.startAgain()],
    'the line went dead, and nobody was told': [() => line.kill(), () => line.mend()],
    'the machine cannot be reached': [() => line.cut(), () => line.mend()],
    // The browser's own switch is for what is asked for from then on.
    'the phone has no network': [
      async () => {
        await page.context().setOffline(true);
        line.cut();
      },
      async () => {
        line.mend();
        await page.context().setOffline(false);
      },
    ],
  };
  for (const [why, [lose, find]] of Object.entries(losses)) {
    test(`goes on by itself where it was, after ${why}`, async () => {
      const name = `${why.replaceAll(' ', '-')}.png`;
      await page.evaluate(() => (window.sameVisit = true));
      line.limit(4 * MB);
      sent = [];
      await page.locator('#upload-picker').setInputFiles({ name, mimeType: 'image/png', buffer: big });
      // The first piece is through, and most of the second is not, although some of it has left.
      await until(async () => sent.some((offset) => offset > 0), 'the second piece');
      line.limit(MB / 4);
      await until(async () => (await share(name)) > 0.7, 'some of the second piece');
      await lose();
      await row(name).getByText(/^Interrupted at \d+%\. It goes on when the server answers\.$/).waitFor();
      // What has left and has not arrived does not count.
      assert.ok((await share(name)) < 0.7, 'it says more than has arrived');
      await page.getByText('Connection lost.').waitFor({ state: 'visible' });
      await shoot(page, 'uploads-lost-phone');
      sent = [];
      line.limit(Infinity);
      await find();
      await arrived(name, big);
      assert.ok(sent.length > 0 && sent.every((offset) => offset > 0), `it was sent again from ${sent}`);
      await page.getByText('Connection lost.').waitFor({ state: 'hidden' });
      assert.equal(await page.evaluate(() => window.sameVisit), true);
    });
  }

  test('complained of nothing', () => assert.deepEqual(page.complaints, []));
});

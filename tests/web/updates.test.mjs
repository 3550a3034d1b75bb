/**
 * Updates of the whole system. What the real program says without RAUC is looked at first. The rest needs an appliance with
 * two slots, which no machine of these tests is: there the answers of `/api/system/update` are imitated in the browser, in
 * the form of the API's description. The server's own part is tested against RAUC's D-Bus interface in app/system, and
 * with a real one in tests/appliance.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { CUT, DESKTOP, PHONE, accessible, dialog, fits, go, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { startServer } from './server.mjs';

const description = JSON.parse(readFileSync(new URL('../../app/web/openapi.json', import.meta.url), 'utf8')).components.schemas;
const able = { possible: true, reason: null };
const IDLE = {
  ability: able,
  stage: 'idle',
  cancel: { possible: false, reason: null },
  source: null,
  bundle: null,
  progress: null,
  next: null,
  failure: null,
  running: { name: 'A', version: '1.4.0', good: true },
  other: { name: 'B', version: '1.3.2', good: true },
  last: { errand: 'update', slot: 'A', version: '1.4.0', at: '2026-01-02T03:04:05Z' },
  dim: false,
};
const BUNDLE = {
  version: '1.5.0',
  build: '20260201',
  bytes: 231_000_000,
  changelog: '- brighter\n- quieter',
  compatible: 'prismatron-jetson',
  description: 'The winter release',
  direction: 'up',
  image_bytes: 900_000_000,
  signer: 'CN=Prismatron release',
};

/** Imitates an appliance to a page. @param {import('playwright-core').Page} page */
async function imitate(page) {
  const asked = [];
  let state = IDLE;
  let tell = () => {};
  const set = (change) => {
    state = { ...IDLE, ...change };
    for (const [name, value] of [['Update', state], ['UpdateBundle', state.bundle], ['UpdateFailure', state.failure], ['NextSlot', state.next]]) {
      if (value) assert.deepEqual(Object.keys(value).sort(), Object.keys(description[name].properties).sort(), `${name} as it is described`);
    }
    tell();
  };
  await page.routeWebSocket(/\/api\/events$/, (socket) => {
    let last = null;
    tell = () => last && socket.send(JSON.stringify({ ...last, status: { ...last.status, system: { ...last.status.system, update: { stage: state.stage, percent: state.progress?.percent ?? null } } } }));
    socket.connectToServer().onMessage((message) => {
      const event = typeof message === 'string' ? JSON.parse(message) : null;
      if (event?.type !== 'status') return socket.send(message);
      last = event;
      tell();
    });
  });
  const inspected = () => set({ stage: 'inspected', source: 'prismatron-1.5.0.raucb', bundle: BUNDLE, cancel: able });
  await page.route('**/api/system/update**', (route) => {
    const request = route.request();
    const path = new URL(request.url()).pathname.replace('/api/system/update', '');
    const method = request.method();
    if (method !== 'GET') asked.push([`${method} ${path}`, request.headers()['content-type'] === 'application/json' ? request.postDataJSON() : null]);
    if (path === '/uploads') {
      set({ stage: 'receiving', source: 'prismatron-1.5.0.raucb', cancel: able });
      return route.fulfill({ status: 201, headers: { Location: '/api/system/update/uploads/1', 'Tus-Resumable': '1.0.0' } });
    }
    if (path === '/uploads/1') {
      if (method === 'DELETE') set({});
      else if (method === 'PATCH') inspected();
      return route.fulfill({ status: 204, headers: { 'Upload-Offset': String(request.postDataBuffer()?.length ?? 0), 'Tus-Resumable': '1.0.0' } });
    }
    if (method === 'POST' && path === '') inspected();
    else if (path === '/install') set({ stage: 'installing', source: 'prismatron-1.5.0.raucb', bundle: BUNDLE, progress: { percent: 40, message: 'Copying image to rootfs.1', stuck: false }, cancel: { possible: false, reason: 'RAUC cannot stop half-way' } });
    else if (path === '/reboot') set({ stage: 'waiting_for_reboot', next: { errand: 'update', slot: 'B', version: '1.5.0', reboot_at: request.postDataJSON()?.at ?? null, waits: null }, cancel: able });
    else if (path === '/confirm' || (method === 'DELETE' && path === '')) set({});
    else if (method === 'PATCH') set({ dim: request.postDataJSON().dim });
    return route.fulfill({ status: method === 'POST' ? 202 : 200, json: state });
  });
  return { asked, set };
}

describe('updates', { concurrency: false }, () => {
  let server, browser, page, appliance;

  before(async () => {
    server = await startServer();
    browser = await openBrowser();
    page = await visit(browser, server.origin, { expected: CUT });
    await page.goto(server.link);
    await inside(page);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const button = (name) => page.getByRole('button', { name, exact: true });
  /** As on both sizes, where nothing may stick out. */
  async function look(name) {
    await shoot(page, `update-${name}`);
    await accessible(page, name);
    await page.setViewportSize(PHONE);
    await fits(page, name);
    await shoot(page, `update-${name}-phone`);
    await page.setViewportSize(DESKTOP);
  }

  test('a machine without RAUC says so', async () => {
    await go(page, 'system/updates');
    await page.getByText('it is no appliance with two slots and RAUC').waitFor();
    assert.equal(await button('Upload a bundle').count(), 0);
    await look('unable');
  });

  test('a bundle is uploaded and inspected', async () => {
    appliance = await imitate(page);
    await page.reload();
    await inside(page);
    await go(page, 'system/updates');
    await page.getByText('No update is under way.').waitFor();
    await page.getByText('Slot B, 1.3.2').waitFor();
    await look('idle');
    const choosing = page.waitForEvent('filechooser');
    await button('Upload a bundle').click();
    await (await choosing).setFiles({ name: 'prismatron-1.5.0.raucb', mimeType: 'application/octet-stream', buffer: Buffer.alloc(4096) });
    await page.getByText('Ready to be installed.').waitFor();
    assert.deepEqual(appliance.asked.map(([what]) => what), ['POST /uploads', 'PATCH /uploads/1']);
    const bundle = page.locator('.update-bundle');
    for (const text of ['1.5.0 (in place of 1.4.0)', 'prismatron-jetson', 'CN=Prismatron release', '231 MB', '- brighter', 'The winter release']) await bundle.getByText(text).waitFor();
    assert.equal(await page.locator('.update-warning').count(), 0);
    await look('inspected');
  });

  test('one that is earlier is flagged', async () => {
    appliance.set({ stage: 'inspected', source: 'old.raucb', bundle: { ...BUNDLE, version: '1.2.0', direction: 'down' }, cancel: able });
    await page.getByText('This is an earlier version').waitFor();
    await look('down');
    await button('Cancel').click();
    await dialog(page).getByText('What has arrived of it is discarded').waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel the update' }).click();
    await page.getByText('No update is under way.').waitFor();
  });

  test('one at an address is inspected and installed with progress', async () => {
    await button('From an address').click();
    await dialog(page).getByRole('textbox').fill('https://updates.example.org/1.5.0.raucb');
    await dialog(page).getByRole('button', { name: 'Inspect' }).click();
    await page.getByText('Ready to be installed.').waitFor();
    assert.deepEqual(appliance.asked.at(-1), ['POST ', { url: 'https://updates.example.org/1.5.0.raucb' }]);
    await button('Install').click();
    await dialog(page).getByRole('combobox').selectOption('wait');
    await shoot(page, 'update-install');
    await dialog(page).getByRole('button', { name: 'Install it' }).click();
    await page.getByText('40% · Copying image to rootfs.1').waitFor();
    assert.deepEqual(appliance.asked.at(-1), ['POST /install', {}]);
    assert.equal(await button('Cancel').count(), 0, 'RAUC cannot stop half-way');
    appliance.set({ stage: 'installing', source: 'prismatron-1.5.0.raucb', bundle: BUNDLE, progress: { percent: 80, message: 'Copying image to rootfs.1', stuck: false }, cancel: { possible: false, reason: 'RAUC cannot stop half-way' } });
    await page.getByText('80% · Copying image to rootfs.1').waitFor();
    appliance.set({ stage: 'installing', source: 'prismatron-1.5.0.raucb', bundle: BUNDLE, progress: { percent: 80, message: 'Copying image to rootfs.1', stuck: true }, cancel: { possible: false, reason: 'RAUC cannot stop half-way' } });
    await page.getByText('80% · Nothing has moved for an hour. A reboot gives this update up').waitFor();
    assert.equal(await page.getByRole('progressbar', { name: 'Progress of the update' }).evaluate((bar) => bar.value), 0.8);
    await look('installing');
  });

  test('the machine reboots into it at a set hour, or now', async () => {
    appliance.set({ stage: 'waiting_for_reboot', next: { errand: 'update', slot: 'B', version: '1.5.0', reboot_at: null, waits: null }, cancel: able });
    await page.getByText('Installed: the machine has to reboot into Slot B, 1.5.0.').waitFor();
    await button('Reboot at …').click();
    const when = await dialog(page).getByLabel('When').inputValue();
    await dialog(page).getByRole('button', { name: 'Set' }).click();
    await page.getByText('The machine reboots by itself at').waitFor();
    const [what, body] = appliance.asked.at(-1);
    assert.equal(what, 'POST /reboot');
    assert.match(body.at, /^\d{4}-\d\d-\d\dT\d\d:00:00Z$/);
    assert.equal(new Date(body.at).getTime(), await page.evaluate((text) => new Date(text).getTime(), when));
    const next = { errand: 'update', slot: 'B', version: '1.5.0', reboot_at: '2026-02-01T03:00:00Z', waits: 'a restart is pending already, asked for by me' };
    appliance.set({ stage: 'waiting_for_reboot', next, cancel: able });
    await page.getByText('It is time, but it waits: a restart is pending already, asked for by me').waitFor();
    await look('waiting');
    await button('Reboot now').click();
    await until(async () => appliance.asked.at(-1)[1] === null, 'a reboot at once');
  });

  test('what runs is marked as good, or gone back from', async () => {
    appliance.set({ stage: 'confirming', next: { errand: 'update', slot: 'B', version: '1.5.0', reboot_at: null, waits: null }, running: { name: 'B', version: '1.5.0', good: true }, other: { name: 'A', version: '1.4.0', good: true } });
    await page.getByText('Slot B, 1.5.0 runs, and has to prove itself.').waitFor();
    await button('Roll back').click();
    await dialog(page).getByText('reboots into Slot A, 1.4.0').waitFor();
    await dialog(page).getByRole('button', { name: 'Roll back' }).click();
    await until(async () => appliance.asked.at(-1)[0] === 'POST /rollback', 'the way back');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await button('Mark as good').click();
    await page.getByText('No update is under way.').waitFor();
    assert.equal(appliance.asked.at(-1)[0], 'POST /confirm');
  });

  test('after a rollback it is told what was tried, why it failed and what runs', async () => {
    appliance.set({ stage: 'failed', failure: { cause: 'rolled_back', version: '1.5.0', message: 'Slot B was given up: the display crashed twice.', at: '2026-02-03T04:05:06Z' }, cancel: able });
    const failure = page.locator('.update-failure');
    for (const text of ['1.5.0', 'It was booted and did not prove itself: the machine went back', 'Slot A, 1.4.0', 'the display crashed twice']) await failure.getByText(text).first().waitFor();
    // Whatever is looked at, an admin hears of it and is led there.
    await go(page, 'now');
    await page.locator('.notice', { hasText: 'The last update came to nothing.' }).getByRole('link', { name: 'Look' }).click();
    await failure.waitFor();
    await look('failed');
    await page.locator('.update-actions').getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('No update is under way.').waitFor();
  });

  test('the LEDs are dimmed meanwhile where that is wanted', async () => {
    await page.getByRole('switch', { name: 'Dim the LEDs' }).check();
    await until(async () => appliance.asked.at(-1)[1]?.dim === true, 'the change');
    assert.deepEqual(page.complaints, []);
  });
});

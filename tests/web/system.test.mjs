/** The machine: its health, restart and reboot with the page open, safe mode, logs, backups. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CUT, PHONE, accessible, dialog, fits, go, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { apiOf, startServer } from './server.mjs';

describe('the system', { concurrency: false }, () => {
  let server, browser, page, api;

  before(async () => {
    server = await startServer();
    api = apiOf(server.origin, await server.token());
    browser = await openBrowser();
    page = await visit(browser, server.origin, { expected: CUT });
    await page.goto(server.link);
    await inside(page);
    await go(page, 'system');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const power = (action) => page.locator(`.power-row[data-action="${action}"]`);

  test('shows what each check of the health came to', async () => {
    const checks = page.getByRole('region', { name: 'Health' }).locator('.output');
    await until(async () => (await checks.count()) >= 8, 'the checks');
    const texts = await checks.allTextContents();
    assert.equal(texts[0], 'PlayerWell');
    assert.match(texts.find((one) => one.startsWith('Storage')) ?? '', /free/);
    await page.getByText('The machine was looked at').waitFor();
    await page.locator('#health').click();
    await dialog(page).getByText('Kept data and configuration').waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
  });

  test('lists the displays of the machine with the way to each, where there are several', async () => {
    // Displays are found by systemd, which did not start this one: what it would find is put into the program's mouth.
    const other = await page.context().newPage();
    const display = { name: null, state: 'ok', own: true, page: { scheme: 'http', port: 8080, local: false } };
    await other.route('**/api/displays', async (route) => {
      const displays = [display, { ...display, name: 'foyer', state: 'failing', own: false, page: { scheme: 'http', port: 8081, local: false } }, { ...display, name: 'roof', state: 'stopped', own: false, page: null }];
      const { displays: real } = await (await route.fetch()).json();
      if (real.length) assert.deepEqual(Object.keys(displays[0]).sort(), Object.keys(real[0]).sort(), 'a display as the server describes it');
      return route.fulfill({ json: { displays } });
    });
    await other.goto(`${server.origin}/#/system/machine`);
    const card = other.getByRole('region', { name: 'Displays of this machine' });
    await card.getByText('roof').waitFor();
    assert.deepEqual(await card.locator('.output-name').allTextContents(), ['The first', 'foyer', 'roof']);
    assert.deepEqual(await card.locator('.output-state').allTextContents(), ['Well', 'Failing', 'Stopped']);
    assert.equal(await card.getByRole('link', { name: 'foyer' }).getAttribute('href'), 'http://127.0.0.1:8081/');
    assert.equal(await card.getByRole('link').count(), 1, 'none to itself, none where there is no page');
    await card.getByText('Serves no page now').waitFor();
    await shoot(other, 'system-displays');
    await other.close();
    assert.equal(await page.getByRole('region', { name: 'Displays of this machine' }).isVisible(), false);
  });

  test('says why the machine cannot be rebooted', async () => {
    for (const action of ['reboot', 'poweroff']) {
      assert.equal(await power(action).getByRole('button').isDisabled(), true);
      assert.match(await power(action).textContent(), /not started by systemd/);
    }
  });

  test('hands out the diagnostics', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Diagnostics' }).click()]);
    assert.match(download.suggestedFilename(), /^prismatron-diagnostics-.*\.tar\.gz$/);
    assert.equal(await download.failure(), null);
  });

  test('shows the log as it comes, and finds in it', async () => {
    await go(page, 'system/logs');
    const log = page.locator('pre.log');
    await until(async () => (await log.textContent()).includes('INFO'), 'lines of the log');
    await page.getByRole('searchbox').fill('the backup of the day');
    await until(async () => (await log.textContent()).split('\n').every((line) => line.toLowerCase().includes('backup of the day')), 'only what was looked for');
    await page.getByRole('searchbox').fill('nothing of that name');
    await page.getByText('Nothing of this kind was logged.').waitFor();
    // What is written from now on comes by itself, and only what the filter lets through.
    const following = page.waitForEvent('websocket', (socket) => socket.url().includes('contains=item+on'));
    await page.getByRole('searchbox').fill('item on');
    const socket = await following;
    const lines = async () => (await log.textContent()).split('\n');
    await until(async () => (await lines())[0].includes('item on'), 'what is on');
    const before = (await lines()).length;
    await api('POST', '/api/control/next');
    await until(async () => (await lines()).length > before, 'the line as it is written');
    assert.ok((await lines()).every((line) => line.includes('item on')));
    assert.equal(socket.isClosed(), false);
    await page.getByRole('searchbox').fill('');
    await until(async () => (await log.textContent()).includes('INFO'), 'all lines');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    assert.equal(await download.failure(), null);
    await shoot(page, 'system-logs');
    await accessible(page, 'logs');
    await go(page, 'system/machine');
  });

  test('shows only lines that are grave enough, also of those to come', async () => {
    await go(page, 'system/logs');
    const log = page.locator('pre.log');
    const lines = async () => ((await log.textContent()) ?? '').split('\n');
    const levels = async () => [...new Set((await lines()).map((line) => line.split(/\s+/)[1]))];
    /** An output that cannot send, which is a warning, whatever it is called. */
    const warn = (name) => api('PUT', '/api/outputs', { outputs: [{ name, protocol: { type: 'spi', chip: 'ws2812' }, hosts: ['spidev9.9'] }] });
    await warn('ERROR lamp');
    await until(async () => (await lines()).some((line) => line.includes('ERROR lamp')), 'the first warning');
    const following = page.waitForEvent('websocket', (socket) => socket.url().includes('least=warn'));
    await page.getByRole('combobox', { name: 'Which lines' }).selectOption('Warnings and errors');
    await following;
    await until(async () => (await levels()).join() === 'WARN', 'warnings alone');
    await api('POST', '/api/control/next');
    await warn('another lamp');
    await until(async () => (await lines()).some((line) => line.includes('another lamp')), 'the second as it is written');
    assert.deepEqual(await levels(), ['WARN']);
    await page.getByRole('combobox', { name: 'Which lines' }).selectOption('Errors');
    await page.getByText('Nothing of this kind was logged.').waitFor();
    await api('DELETE', '/api/outputs');
    await go(page, 'system/machine');
  });

  test('counts down to what is pending and takes it back', async () => {
    await api('POST', '/api/system/restart', { delay_seconds: 60 });
    const banner = page.locator('#power');
    await banner.getByText(/^Prismatron restarts in [56]\d s\.$/).waitFor();
    assert.equal(await page.locator('#app').evaluate((app) => app.inert), true);
    await shoot(page, 'system-pending');
    await banner.getByRole('button', { name: 'Cancel' }).click();
    await banner.waitFor({ state: 'hidden' });
    assert.equal(await page.locator('#app').evaluate((app) => app.inert), false);
    assert.equal((await api('GET', '/api/system')).pending, null);
  });

  /** A page of a program that systemd started: this one, started by hand, takes no machine down, so that is put into its mouth. */
  async function underSystemd() {
    const able = { possible: true, reason: null };
    let system = { supervisor: 'systemd', unit: 'prismatron.service', restart: able, reboot: able, poweroff: able, data_partition: null, update: { stage: 'idle', percent: null }, pending: null, failure: null };
    let tell = () => {};
    const set = (change) => {
      system = { ...system, ...change };
      tell();
    };
    const asked = [];
    const other = await page.context().newPage();
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
    await other.route(/\/api\/system\/(reboot|poweroff|pending)$/, (route) => {
      const action = route.request().url().split('/').pop();
      asked.push(`${route.request().method()} ${action}`);
      const pending = action === 'pending' ? null : { action, who: 'admin', stage: 'waiting', seconds_left: 5 };
      set({ pending });
      return pending ? route.fulfill({ status: 202, json: { status: 'accepted', message: 'In 5 seconds.', ...pending } }) : route.fulfill({ json: system });
    });
    await other.goto(`${server.origin}/#/system`);
    return { other, asked, set };
  }

  for (const way of ['holding', 'typing']) {
    test(`asks twice before a reboot, the second time by ${way}, counts down, and tells that it was refused`, async () => {
      const { other, asked, set } = await underSystemd();
      await other.locator('.power-row[data-action="reboot"]').getByRole('button').click();
      await dialog(other).getByRole('button', { name: 'Continue' }).click();
      await other.getByText('not only Prismatron').waitFor();
      if (way === 'typing') {
        await dialog(other).getByRole('textbox').press('Enter');
        await dialog(other).getByRole('alert').waitFor();
        assert.deepEqual(asked, [], 'Enter alone is no word');
        await dialog(other).getByRole('textbox').fill('reboot');
      } else {
        const hold = dialog(other).getByRole('button', { name: /^Hold/ });
        await hold.click();
        assert.deepEqual(asked, [], 'a click is not enough');
        await hold.hover();
        await other.mouse.down();
      }
      await other.locator('#power').getByText(/^The machine reboots in [1-5] s\.$/).waitFor();
      if (way === 'holding') await other.mouse.up();
      set({ pending: null, failure: { action: 'reboot', reason: 'polkit does not allow it', at: '2026-01-01T00:00:00Z' } });
      await other.getByText('The reboot failed: polkit does not allow it').waitFor();
      await other.locator('#power').waitFor({ state: 'hidden' });
      assert.deepEqual(asked, ['POST reboot']);
      await other.close();
    });
  }

  test('asks twice before it is switched off, and takes that back while it counts down', async () => {
    const { other, asked } = await underSystemd();
    const off = other.locator('.power-row[data-action="poweroff"]').getByRole('button');
    await off.click();
    await dialog(other).getByRole('button', { name: 'Cancel' }).click();
    await off.click();
    await dialog(other).getByText('the LEDs are dark').waitFor();
    await dialog(other).getByRole('button', { name: 'Continue' }).click();
    await dialog(other).getByText('Only somebody at the machine can switch it on again.').waitFor();
    assert.deepEqual(asked, [], 'once is not enough');
    await dialog(other).getByRole('textbox').fill('power off');
    const banner = other.locator('#power');
    await banner.getByText(/^The machine is switched off in [1-5] s\.$/).waitFor();
    await shoot(other, 'system-poweroff');
    await banner.getByRole('button', { name: 'Cancel' }).click();
    await banner.waitFor({ state: 'hidden' });
    assert.equal(await other.locator('#app').evaluate((app) => app.inert), false);
    assert.deepEqual(asked, ['POST poweroff', 'DELETE pending']);
    await other.close();
  });

  test('offers remedies for a data partition that was set aside, and asks before', async () => {
    // No machine of these tests has one: what an appliance would say is put into the program's mouth.
    const asked = [];
    const other = await page.context().newPage();
    await other.routeWebSocket(/\/api\/events$/, (socket) => {
      socket.connectToServer().onMessage((message) => {
        const event = typeof message === 'string' ? JSON.parse(message) : null;
        if (event?.type === 'status') event.status.system.data_partition = 'set_aside';
        socket.send(event ? JSON.stringify(event) : message);
      });
    });
    await other.route('**/api/system/data-partition', (route) => {
      asked.push(route.request().postDataJSON());
      return route.fulfill({ status: 202 });
    });
    await other.goto(`${server.origin}/#/system/machine`);
    await other.getByText('what is set and uploaded now is not kept').waitFor();
    await other.getByRole('heading', { name: 'Data partition' }).waitFor();
    await shoot(other, 'system-data');
    for (const [name, words] of [['Try to mend it', 'checked and mended'], ['Make it anew', 'erased for good']]) {
      await other.getByRole('button', { name }).click();
      await dialog(other).getByText(words).waitFor();
      await dialog(other).getByRole('button', { name }).click();
      await other.getByText('It is being done.').waitFor();
    }
    await until(async () => asked.length === 2, 'both to be asked for');
    assert.deepEqual(asked, [{ remedy: 'repair' }, { remedy: 'replace' }]);
    await other.close();
    assert.equal(await page.getByRole('heading', { name: 'Data partition' }).isVisible(), false);
  });

  test('tells of the machine: name, addresses, clock and how long it is on', async () => {
    const machine = await api('GET', '/api/system/machine');
    const facts = page.getByRole('region', { name: 'Machine', exact: true }).locator('.facts');
    await facts.getByText(machine.host_name, { exact: true }).first().waitFor();
    const text = await facts.textContent();
    for (const words of ['Switched on for', machine.time_zone, ...machine.addresses, ...machine.temperatures.map((one) => one.sensor)]) assert.ok(text.includes(words), words);
  });

  test('tells which version runs, and from which slot', async () => {
    // No machine of these tests has slots: what an appliance would say is put into the program's mouth.
    const other = await page.context().newPage();
    await other.route('**/api/system/update', async (route) => {
      const real = await (await route.fetch()).json();
      return route.fulfill({ json: { ...real, running: { name: 'B', version: '1.4.0', good: true } } });
    });
    await other.goto(`${server.origin}/#/system/machine`);
    const fact = (name) => other.locator('.facts dt').getByText(name, { exact: true }).locator('xpath=following-sibling::dd[1]');
    await fact('Slot').getByText('Slot B, 1.4.0').waitFor();
    assert.equal(await fact('Version').textContent(), (await api('GET', '/api/status')).version);
    await other.close();
  });

  test('restarts the program, finds it again and says how long that took', async () => {
    const age = () => api('GET', '/api/status').then((now) => now.uptime_seconds);
    await until(async () => (await age()) >= 2, 'the program to be two seconds old');
    await power('restart').getByRole('button').click();
    await dialog(page).getByRole('button', { name: 'Restart' }).click();
    await page.getByText(/^Prismatron is back\. It was away for/).waitFor();
    await page.locator('#power').waitFor({ state: 'hidden' });
    assert.equal(await page.locator('#app').evaluate((app) => app.inert), false);
    await page.getByText('Connection lost.').waitFor({ state: 'hidden' });
  });

  test('leaves safe mode as everything is, from the notice and from the card', async () => {
    const { brightness } = await api('GET', '/api/settings');
    for (const [place, light] of [[page.getByRole('region', { name: 'Notices' }), brightness / 2], [page.getByRole('region', { name: 'Safe mode' }), brightness]]) {
      await api('PUT', '/api/safe-mode');
      await api('PATCH', '/api/settings', { brightness: light });
      await place.getByText('Safe mode: nothing plays.').waitFor();
      await place.getByRole('button', { name: 'Leave safe mode' }).click();
      await place.getByText('Safe mode: nothing plays.').waitFor({ state: 'hidden' });
      await until(async () => (await api('GET', '/api/status')).player.mode === 'playing', 'the show to go on');
      assert.equal((await api('GET', '/api/settings')).brightness, light);
    }
  });

  test('enters safe mode, and leaves it with the settings that last worked', async () => {
    // The run before the restart has ended well.
    const before = (await api('GET', '/api/settings')).brightness;
    await api('PATCH', '/api/settings', { brightness: before / 2 });
    await page.getByRole('button', { name: 'Enter safe mode' }).click();
    await dialog(page).getByRole('button', { name: 'Enter safe mode' }).click();
    await page.getByRole('button', { name: 'Use settings that worked' }).click();
    await dialog(page).getByText('brightness and colours').waitFor();
    await dialog(page).getByRole('button', { name: 'Use them and play' }).click();
    await until(async () => (await api('GET', '/api/status')).safe_mode === null, 'safe mode to be left');
    assert.equal((await api('GET', '/api/settings')).brightness, before);
  });

  test('is accessible in each part, fits a phone, and complained of nothing', async () => {
    for (const part of ['machine', 'updates', 'people', 'backups', 'logs', 'audit']) {
      await go(page, `system/${part}`);
      await page.locator('.tabs [aria-current="page"]').waitFor();
      await accessible(page, `system/${part}`);
      await page.setViewportSize(PHONE);
      await fits(page, `system/${part}`);
      await page.setViewportSize({ width: 1280, height: 800 });
    }
    assert.deepEqual(page.complaints, []);
  });
});

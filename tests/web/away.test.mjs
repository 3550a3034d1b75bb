/** The machine goes away and comes back while somebody is at the page: it mends by itself, whatever was looked at, and is never loaded anew by hand. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CUT, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { apiOf, startServer } from './server.mjs';

const RULE = { name: 'Evening', enabled: true, from: { type: 'clock', time: '18:00' }, until: { type: 'clock', time: '23:00' }, act: { type: 'dark' } };

describe('a machine that goes away', { concurrency: false }, () => {
  let server, browser, api;

  before(async () => {
    server = await startServer();
    api = apiOf(server.origin, await server.token());
    await api('PUT', '/api/schedule', { enabled: true, rules: [RULE] });
    await api('POST', '/api/accounts', { name: 'ada', password: 'a good password', role: 'admin' });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** Signed in, on a page that is the same until it is closed. */
  async function sit() {
    const page = await visit(browser, server.origin, { expected: CUT });
    await page.goto(server.origin);
    await page.getByRole('textbox', { name: 'Name' }).fill('ada');
    await page.getByRole('textbox', { name: 'Password' }).fill('a good password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await inside(page);
    await page.evaluate(() => (window.sameVisit = true));
    return page;
  }
  const lost = (page) => page.getByText('Connection lost.');

  test('every view opens meanwhile, and is filled when it is back', async () => {
    const page = await sit();
    const fetched = (name) => page.evaluate((end) => performance.getEntriesByType('resource').some((one) => one.name.endsWith(end)), `views/${name}.js`);
    for (const name of ['library', 'playlists', 'schedule', 'wall', 'system']) {
      await until(() => fetched(name), `${name} to be fetched ahead`);
      // With all that it is made of.
      await page.evaluate((module) => import(module), `/page/views/${name}.js`);
    }
    const views = {
      library: page.locator('#storage'),
      playlists: page.getByRole('button', { name: 'Add effect' }),
      schedule: page.getByText('Evening').first(),
      'wall/outputs': page.getByText('No controller is set up yet.'),
      'system/people': page.locator('.person-name', { hasText: 'ada' }),
      'system/backups': page.getByText('No backups yet.').or(page.locator('.person-name')).first(),
      'system/audit': page.locator('.audit-line').first(),
      'system/machine': page.locator('dt', { hasText: 'Prismatron runs for' }),
    };
    for (const [address, filled] of Object.entries(views)) {
      await page.evaluate(() => (location.hash = '#/now'));
      await server.crash();
      await lost(page).waitFor();
      await page.evaluate((hash) => (location.hash = hash), `#/${address}`);
      await page.locator(`view-${address.split('/')[0]}`).waitFor();
      await shoot(page, `away-${address.replace('/', '-')}`);
      await server.startAgain();
      await lost(page).waitFor({ state: 'hidden' });
      await filled.waitFor();
    }
    assert.equal(await page.evaluate(() => window.sameVisit), true);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  test('a view that was never fetched comes by itself', async () => {
    const page = await sit();
    await page.route('**/views/schedule.js', (route) => route.abort());
    await server.crash();
    await lost(page).waitFor();
    await page.evaluate(() => (location.hash = '#/schedule'));
    await page.locator('#view').getByText('The server cannot be reached. This page goes on by itself when it answers.').waitFor();
    await page.unroute('**/views/schedule.js');
    await server.startAgain();
    await page.locator('view-schedule').getByText('Evening').first().waitFor();
    await page.close();
  });

  test('the restart takes nobody’s session', async () => {
    const page = await sit();
    await server.crash();
    await lost(page).waitFor();
    await server.startAgain();
    await lost(page).waitFor({ state: 'hidden' });
    await page.getByRole('slider', { name: 'Brightness' }).fill('100');
    await until(async () => Math.abs((await api('GET', '/api/settings')).brightness - 0.25) < 0.001, 'a quarter of the light');
    assert.deepEqual(page.complaints, []);
    await page.close();
  });
});

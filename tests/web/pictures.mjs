/**
 * Pictures of every view and of a form, light and dark, on a phone and a desktop, of the shipped demonstration: into the
 * folder that is named, else tests/.cache/pictures/views. To be looked at; nothing passes or fails. Run it as
 * `node tests/web/pictures.mjs`.
 */

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DESKTOP, PHONE, go, inside, openBrowser, signIn, visit } from './browser.mjs';
import { apiOf, startServer } from './server.mjs';

const folder = process.argv[2] ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../.cache/pictures/views');
const VIEWS = ['now', 'library', 'playlists', 'schedule', 'wall/outputs', 'wall/layout', 'system/machine', 'system/updates', 'system/people', 'system/backups', 'system/logs', 'system/audit', 'welcome'];
/** So that the live preview, the week and the log have come. */
const SETTLE_MS = 2500;

mkdirSync(folder, { recursive: true });
const server = await startServer();
const api = apiOf(server.origin, await server.token());
const { playlists } = await api('GET', '/api/playlists');
const clock = (time) => ({ type: 'clock', time });
await api('PUT', '/api/schedule', {
  enabled: true,
  time_zone: 'Europe/Berlin',
  place: { latitude: 52.5, longitude: 13.4 },
  rules: [
    { name: 'Closed', days: ['monday'], from: clock('00:00'), until: clock('00:00'), act: { type: 'dark' } },
    { name: 'Evening', from: { type: 'sunset', offset_minutes: -15 }, until: clock('23:00'), act: { type: 'play', playlist: playlists[0].id } },
    { name: 'Late and soft', from: clock('21:30'), until: clock('23:00'), act: { type: 'brightness', brightness: 0.4 } },
  ],
});
// As everybody has one.
await api('POST', '/api/accounts', { name: 'Ada', password: 'a good password', role: 'admin' });
await api('POST', '/api/snapshots');
await api('POST', `/api/playlists/${playlists[0].id}/activate`, {});
const browser = await openBrowser({ webgl: true });
const first = await visit(browser, server.origin);
await first.goto(`${server.origin}/`);
await signIn(first, 'Ada', 'a good password');
await inside(first);
const state = await first.context().storageState();
for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const colorScheme of ['dark', 'light']) {
    const page = await visit(browser, server.origin, { viewport, colorScheme, storageState: state, hasTouch: size === 'phone' });
    await page.goto(`${server.origin}/`);
    await inside(page);
    for (const view of VIEWS) {
      await go(page, view);
      await page.waitForTimeout(SETTLE_MS);
      await page.screenshot({ path: path.join(folder, `${view.replace('/', '-')}-${size}-${colorScheme}.png`) });
    }
    await go(page, 'playlists');
    await page.getByRole('button', { name: 'Add effect' }).click();
    await page.getByRole('combobox', { name: 'Effect' }).selectOption({ label: 'Rainbow sweep' });
    await page.waitForTimeout(SETTLE_MS);
    await page.screenshot({ path: path.join(folder, `effect-${size}-${colorScheme}.png`) });
    await page.close();
  }
}
await browser.close();
await server.stop();

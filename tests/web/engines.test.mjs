/** The main paths in the engines of Firefox and of Safari; all the rest is looked at in Chromium's. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Key } from 'selenium-webdriver';
import { until } from './browser.mjs';
import { ENGINES } from './engines.mjs';
import { noisePng } from './media.mjs';
import { fingerprint } from './picture.mjs';
import { apiOf, startServer } from './server.mjs';

/** The views, and the heading of a card of each that has several. */
const VIEWS = {
  now: null,
  library: null,
  playlists: null,
  schedule: 'Rules',
  'wall/outputs': 'Outputs',
  'wall/layout': 'Layout',
  'system/machine': 'Machine',
  'system/updates': 'Updates',
  'system/people': 'Accounts',
  'system/backups': 'Backups',
  'system/logs': 'Log',
  'system/audit': 'Audit log',
};
/** The narrowest that both can be. */
const SIZES = { desktop: { width: 1280, height: 900 }, narrow: { width: 500, height: 900 } };

for (const [name, start] of Object.entries(ENGINES)) {
  describe(`the page in ${name}`, { concurrency: false }, () => {
    let server, engine, api, folder;

    before(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'prismatron-engine-'));
      server = await startServer();
      api = apiOf(server.origin, await server.token());
      engine = await start();
      await engine.driver.manage().window().setRect(SIZES.desktop);
      await engine.open(server.link);
    });
    after(async () => {
      await engine?.close();
      await server?.stop();
      rmSync(folder, { recursive: true });
    });

    const player = async () => (await api('GET', '/api/status')).player;
    const go = async (view) => {
      await engine.do((hash) => void (location.hash = hash), `#/${view}`);
      await engine.find(`view-${view.split('/')[0]} h1`);
      if (VIEWS[view]) await engine.find('.view h2', VIEWS[view]);
    };
    const shoot = async (what) => {
      const pictures = process.env.SCREENSHOTS;
      if (!pictures) return;
      mkdirSync(pictures, { recursive: true });
      writeFileSync(path.join(pictures, `${name.toLowerCase()}-${what}.png`), await engine.driver.takeScreenshot(), 'base64');
    };
    /** What stands in the playlist on the server. */
    const stored = async () => {
      const { playlists } = await api('GET', '/api/playlists');
      return (await api('GET', `/api/playlists/${playlists.find((one) => one.name === 'Market').id}`)).items.map((item) => item.title);
    };
    const titles = () => engine.do(() => [...document.querySelectorAll('#items .row-title')].map((one) => one.textContent));

    test('a link signs in, and shows light that moves', async () => {
      await engine.find('#app');
      assert.equal(await engine.do(() => location.hash.includes('code')), false);
      if ((await player()).mode !== 'playing') await engine.press('#play');
      const look = async () => engine.do(fingerprint, await (await engine.find('#preview')).takeScreenshot());
      await until(async () => (await look()).lit > 1000, 'a lit preview');
      const first = await look();
      await until(async () => (await look()).print !== first.print, 'the preview to change');
    });

    for (const [size, rect] of Object.entries(SIZES)) {
      test(`every view stands, ${size}`, async () => {
        await engine.driver.manage().window().setRect(rect);
        for (const view of Object.keys(VIEWS)) {
          await go(view);
          const [wide, window] = await engine.do(() => [document.documentElement.scrollWidth, innerWidth]);
          assert.ok(wide <= window, `${view}: ${wide} px wide on ${window}`);
          await shoot(`${view.replace('/', '-')}-${size}`);
        }
        await engine.driver.manage().window().setRect(SIZES.desktop);
      });
    }

    test('a file is uploaded, put into a playlist with an effect, and played', async () => {
      const file = path.join(folder, 'noise.png');
      writeFileSync(file, noisePng(320, 192));
      await go('library');
      await engine.do(() => (document.querySelector('#upload-picker').hidden = false));
      await (await engine.find('#upload-picker')).sendKeys(file);
      await engine.find('#library > li', /noise\.png/);
      await until(() => engine.do(() => [...document.querySelectorAll('#library img')].every((image) => image.naturalWidth > 0)), 'the thumbnails');

      await go('playlists');
      await engine.press('[aria-label="Another playlist"]');
      await engine.press('[role=menuitem]', 'New playlist');
      await (await engine.find('dialog input')).sendKeys('Market');
      await engine.press('dialog button', 'Create');
      await engine.find('h1', 'Market');
      await engine.press('button', 'Add files');
      await engine.press('dialog .pick', /noise\.png/);
      await engine.press('dialog button', 'Add');
      await until(async () => (await titles()).length === 1, 'the picture in the playlist');
      await engine.press('button', 'Add effect');
      await until(() => engine.do(() => document.querySelector('item-preview')?.painted > 3), 'the effect to be drawn');
      await shoot('effect');
      await engine.press('dialog button', 'Add');
      await until(async () => (await titles()).length === 2, 'the effect in the playlist');
      await engine.press('.view-head .button-main');
      await until(async () => (await player()).item?.title === 'noise.png', 'the picture to play');
      await engine.find('#items > li.is-current', /noise\.png/);
    });

    test('items are reordered by dragging and by keys', async () => {
      const before = await titles();
      await engine.drag('#items > li:nth-child(1) .handle', '#items > li:nth-child(2)');
      await until(async () => (await stored())[0] === before[1], 'the dragged order');
      await engine.key('#items > li:nth-child(2) .handle', Key.ARROW_UP);
      await until(async () => (await stored())[0] === before[0], 'the order by keys');
      assert.deepEqual(await titles(), before);
    });

    test('follows what others do, and a restart', async () => {
      await go('now');
      await api('PATCH', '/api/settings', { brightness: 0.25 });
      const slider = '[aria-label="Brightness"]';
      await until(() => engine.do((selector) => Math.abs(Number(document.querySelector(selector).value) - 100) <= 1, slider), 'the brightness of somebody else');
      await go('system/machine');
      await engine.press('button', 'Restart');
      await engine.press('dialog button', 'Restart');
      await engine.find('#toasts', /It was away for/);
    });

    test('goes nowhere else, and complains of nothing', async () => {
      assert.deepEqual(await engine.complaints(), []);
    });
  });
}

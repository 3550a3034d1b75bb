/**
 * Accounts in a real browser: the claim code makes the first, an admin makes others, and each sees what its role
 * may use.
 */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, REFUSED, accessible, dialog, fits, go, inside, openBrowser, shoot, signIn, until, visit } from './browser.mjs';
import { startServer } from './server.mjs';

describe('accounts', { concurrency: false }, () => {
  let server, browser, page;

  before(async () => {
    server = await startServer();
    browser = await openBrowser();
    page = await visit(browser, server.origin, { expected: REFUSED });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** Once wide and once as on a phone, where nothing may stick out. */
  async function shootBoth(page, name) {
    await shoot(page, name);
    await page.setViewportSize(PHONE);
    await fits(page, name);
    await shoot(page, `${name}-phone`);
    await page.setViewportSize(DESKTOP);
  }

  const visitor = (colorScheme = 'dark') => visit(browser, server.origin, { expected: REFUSED, colorScheme });
  async function enter(page, name, password) {
    await page.goto(`${server.origin}/`);
    await signIn(page, name, password);
  }
  async function choose(page, command) {
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: command }).click();
  }
  const close = (page) => dialog(page).getByRole('button', { name: 'Close' }).first().click();

  test('the claim code makes the first account', async () => {
    await page.goto(`${server.origin}/`);
    await page.getByRole('button', { name: 'Create account' }).waitFor();
    await shoot(page, 'claim');
    await accessible(page, 'claim');
    await page.getByRole('textbox', { name: 'Claim code' }).fill('00000-00000');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('alert').getByText('not the claim code').waitFor();
    await shootBoth(page, 'claim-refused');
    await page.getByRole('textbox', { name: 'Claim code' }).fill(server.claim().toLowerCase().replace('-', ' '));
    await page.getByRole('button', { name: 'Create account' }).click();
    await inside(page);
    assert.equal(await page.locator('#who').textContent(), 'Ada');
    await page.reload();
    await inside(page);
  });

  test('an admin makes accounts and changes them', async () => {
    await go(page, 'system/people');
    for (const [name, role] of [['Otto', 'operator'], ['Vera', 'viewer']]) {
      await page.getByRole('button', { name: 'Add account' }).click();
      await dialog(page).getByRole('textbox', { name: 'Name' }).fill(name);
      await dialog(page).getByRole('textbox', { name: /^Password/ }).fill('a good password');
      await dialog(page).getByRole('combobox', { name: 'Role' }).selectOption(role);
      if (name === 'Otto') await shoot(page, 'account-new');
      await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
      await page.locator('.person-name', { hasText: name }).waitFor();
    }
    // A name that is taken is refused in words, and the dialog stays.
    await page.getByRole('button', { name: 'Add account' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('otto');
    await dialog(page).getByRole('textbox', { name: /^Password/ }).fill('a good password');
    await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
    await dialog(page).getByText('already').waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    // The last admin stays one.
    await page.getByRole('combobox', { name: 'Role of Ada' }).selectOption('viewer');
    await page.getByText('last admin').waitFor();
    await page.waitForFunction(() => document.querySelector('[aria-label="Role of Ada"]')?.value === 'admin');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await shootBoth(page, 'accounts');
    await page.getByRole('button', { name: 'More for Vera' }).click();
    await page.getByRole('menuitem', { name: 'Reset password' }).click();
    await dialog(page).getByRole('textbox', { name: /^New password/ }).fill('another password');
    await dialog(page).getByRole('button', { name: 'Reset password' }).click();
    await page.getByText('password of Vera is reset').waitFor();
  });

  test('an account is renamed, one’s own too', async () => {
    const rename = async (name, next) => {
      await page.getByRole('button', { name: `More for ${name}`, exact: true }).click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
      await dialog(page).getByRole('textbox', { name: 'Name' }).fill(next);
      await dialog(page).getByRole('button', { name: 'Rename' }).click();
      await page.locator('.person-name').getByText(next, { exact: true }).waitFor();
      await until(() => page.evaluate(() => Boolean(document.activeElement?.closest('.person'))), 'the focus to be in the list still');
    };
    await rename('Vera', 'Wera');
    await rename('Wera', 'Vera');
    await rename('Ada', 'Ada L.');
    await page.locator('#who').getByText('Ada L.', { exact: true }).waitFor();
    await rename('Ada L.', 'Ada');
    assert.equal(await page.locator('.nav a[aria-current="page"]').count(), 1);
  });

  test('an API token is shown once', async () => {
    await page.getByRole('button', { name: 'New token' }).click();
    await dialog(page).getByRole('textbox', { name: 'What is it for?' }).fill('Lights off at night');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.getByText('never shown again').waitFor();
    const secret = await dialog(page).getByRole('textbox').inputValue();
    assert.match(secret, /^prismatron_/);
    await shoot(page, 'token-new');
    const status = async () => (await fetch(`${server.origin}/api/status`, { headers: { Authorization: `Bearer ${secret}` } })).status;
    assert.equal(await status(), 200);
    await close(page);
    await page.locator('.person-name', { hasText: 'Lights off' }).waitFor();
    await shootBoth(page, 'tokens');
    await page.getByRole('button', { name: 'Delete Lights off at night' }).click();
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await page.locator('.person-name', { hasText: 'Lights off' }).waitFor({ state: 'detached' });
    assert.equal(await status(), 401);
  });

  test('the audit log says who did what', async () => {
    await go(page, 'system/audit');
    await page.locator('.audit-line', { hasText: 'made the viewer Vera' }).waitFor();
    await page.locator('.audit-line[data-state="refused"]', { hasText: 'POST /api/claim' }).waitFor();
    await shootBoth(page, 'audit');
  });

  test('a viewer sees the wall and how it is, and nothing to press', async () => {
    const vera = await visitor('light');
    await enter(vera, 'Vera', 'a good password');
    await vera.getByRole('alert').getByText('password is wrong').waitFor();
    await shootBoth(vera, 'sign-in-refused');
    await vera.getByRole('textbox', { name: 'Password' }).fill('another password');
    await vera.getByRole('button', { name: 'Sign in', exact: true }).click();
    await inside(vera);
    await vera.locator('#health').waitFor();
    for (const hidden of ['.deck-buttons', '.deck-brightness', '.queue', '.mini-buttons', 'a[href="#/library"]', 'a[href="#/playlists"]', 'a[href="#/schedule"]']) {
      assert.equal(await vera.locator(hidden).isVisible(), false, hidden);
    }
    await vera.waitForFunction(() => document.querySelector('#now-title')?.textContent !== '');
    await shootBoth(vera, 'viewer');
    // What is asked for by its address leads to what there is for a viewer.
    await vera.goto(`${server.origin}/#/library`);
    await vera.locator('view-now').waitFor();
    await go(vera, 'system/audit');
    assert.deepEqual(await vera.locator('.tabs a').allTextContents(), ['Machine', 'People']);
    assert.equal(await vera.getByRole('button', { name: 'Restart' }).count(), 0);

    // Changes the own password, and is still there.
    await choose(vera, 'Change password');
    await dialog(vera).getByRole('textbox', { name: 'Present password' }).fill('not this one');
    await dialog(vera).getByRole('textbox', { name: /^New password/ }).fill('yet another password');
    await dialog(vera).getByRole('button', { name: 'Change password' }).click();
    await dialog(vera).getByText('not the present password').waitFor();
    await dialog(vera).getByRole('textbox', { name: 'Present password' }).fill('another password');
    await shoot(vera, 'change-password');
    await dialog(vera).getByRole('button', { name: 'Change password' }).click();
    await vera.getByText('The password is changed').waitFor();
    await vera.getByText('Connection lost.').waitFor({ state: 'hidden' });
    await vera.reload();
    await inside(vera);

    // Deleted by somebody else, is out at once.
    await go(page, 'system/people');
    await page.getByRole('button', { name: 'More for Vera' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await vera.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    assert.equal(await vera.locator('#app').isVisible(), false);
    await vera.close();
  });

  test('an operator plays and has no say over others', async () => {
    const otto = await visitor();
    await enter(otto, 'otto', 'a good password');
    await inside(otto);
    const player = otto.locator('view-now');
    await player.getByRole('button', { name: 'Stop', exact: true }).click();
    await player.getByRole('button', { name: 'Play', exact: true }).click();
    await player.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await go(otto, 'wall/layout');
    assert.equal(await otto.locator('layout-board').count(), 0);
    await go(otto, 'system/people');
    await otto.getByRole('heading', { name: 'API tokens' }).waitFor();
    assert.equal(await otto.getByRole('heading', { name: 'Accounts' }).count(), 0);
    await otto.getByRole('button', { name: 'Menu' }).click();
    await otto.getByRole('menuitem', { name: 'Sign out' }).click();
    await otto.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await shootBoth(otto, 'sign-in');
    await accessible(otto, 'sign-in');
    await otto.close();
  });

  test('who is given another role is signed out of the open page at once, and comes back as that', async () => {
    const otto = await visitor();
    await enter(otto, 'Otto', 'a good password');
    await inside(otto);
    await go(otto, 'playlists');
    await go(page, 'system/people');
    const role = page.getByRole('combobox', { name: 'Role of Otto' });
    for (const [next, words, parts] of [['admin', 'Admin', 6], ['viewer', 'Viewer', 2]]) {
      await role.selectOption(next);
      await page.getByText(`Otto is now ${words}.`).waitFor();
      await otto.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
      assert.equal(await otto.locator('#app').isVisible(), false);
      await signIn(otto, 'Otto', 'a good password');
      await inside(otto);
      await go(otto, 'system');
      await until(async () => (await otto.locator('.tabs a').count()) === parts, `the parts that are for the ${next}`);
    }
    await role.selectOption('operator');
    await otto.close();
  });

  test('the open page keeps its session and shows the way in once it is over', async () => {
    const idle = await visitor();
    await idle.clock.install();
    await enter(idle, 'Otto', 'a good password');
    await inside(idle);
    const asked = idle.waitForRequest((request) => request.url() === `${server.origin}/api/session` && request.method() === 'GET');
    await idle.clock.runFor(8 * 60 * 1000);
    await asked;
    // Signed out elsewhere, or slept too long.
    await idle.context().clearCookies();
    await idle.clock.runFor(8 * 60 * 1000);
    await idle.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await idle.close();
  });

  test('a backup brings back what was changed since, also from a file', async () => {
    /** What the page itself may ask, with its session. */
    const settings = (change) => page.evaluate(async (change) => (await fetch('/api/settings', change ? { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(change) } : {})).json(), change);
    const { brightness: before } = await settings();
    await go(page, 'system/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.locator('.person-facts', { hasText: 'Made by hand' }).waitFor();
    await page.locator('.people').getByRole('button', { name: /^More for/ }).first().click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Download' }).click();
    const file = path.join(tmpdir(), `backup-${process.pid}.ron`);
    const download = await downloading;
    assert.match(download.suggestedFilename(), /^prismatron-20.*Z\.ron$/);
    await download.saveAs(file);
    await shootBoth(page, 'backups');

    for (const from of ['list', 'file']) {
      await settings({ brightness: before / 2 });
      if (from === 'list') {
        await page.locator('.people').getByRole('button', { name: /^More for/ }).first().click();
        await page.getByRole('menuitem', { name: 'Restore' }).click();
      } else {
        const choosing = page.waitForEvent('filechooser');
        await page.getByRole('button', { name: 'Restore from a file' }).click();
        await (await choosing).setFiles(file);
      }
      await dialog(page).getByRole('button', { name: 'Restore', exact: true }).click();
      await page.getByText('The backup is restored.').first().waitFor();
      await page.locator('.person-facts', { hasText: 'Before a restore' }).first().waitFor();
      await until(async () => (await settings()).brightness === before, 'the brightness of the backup');
    }
    rmSync(file);
  });

  test('a backup is deleted, once that is confirmed', async () => {
    const rows = page.locator('.people > li');
    const kept = () => page.evaluate(async () => (await (await fetch('/api/snapshots')).json()).snapshots.length);
    const before = await kept();
    await until(async () => (await rows.count()) === before, 'the list of all');
    const gone = (await rows.first().locator('.person-name').textContent()) ?? '';
    const discard = async (answer) => {
      await rows.first().getByRole('button', { name: /^More for/ }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await dialog(page).getByText(`Delete the backup of ${gone}?`).waitFor();
      await dialog(page).getByRole('button', { name: answer, exact: true }).click();
    };
    await discard('Cancel');
    assert.equal(await kept(), before);
    await discard('Delete');
    await until(async () => (await rows.count()) === before - 1, 'one less');
    assert.equal(await kept(), before - 1);
  });

  test('complained of nothing', () => assert.deepEqual(page.complaints, []));
});

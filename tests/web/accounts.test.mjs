/**
 * Accounts in a real browser: the claim code makes the first, an admin makes others, and each sees what its role
 * may use.
 *
 * Environment: PRISMATRON_BASE, the server's address; PRISMATRON_CLAIM, the claim code it printed. SCREENSHOTS and
 * CHROMIUM as for the page's test.
 */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';

const origin = process.env.PRISMATRON_BASE;
const code = process.env.PRISMATRON_CLAIM;
const screenshots = process.env.SCREENSHOTS;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

describe('accounts', { concurrency: false }, () => {
  assert.ok(origin && code, 'PRISMATRON_BASE and PRISMATRON_CLAIM must be those of a Prismatron that nobody has claimed');
  const complaints = [];
  let browser, page;

  before(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });
    page = await visit();
  });

  after(() => browser?.close());

  /** Somebody at another browser. */
  async function visit(colorScheme = 'dark') {
    const context = await browser.newContext({ viewport: DESKTOP, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => {
      // Refusals that these tests bring about: not signed in, wrong secrets, names that are taken, the last admin.
      const refused = /status of (401|409|422|429)/.test(message.text());
      if (message.type() === 'error' && !refused) complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    return page;
  }

  /** @param {string} name */
  async function shoot(page, name) {
    if (!screenshots) return;
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
  }

  /** Once wide and once as on a phone, where nothing may stick out. */
  async function shootBoth(page, name) {
    await shoot(page, name);
    await page.setViewportSize(PHONE);
    const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window, `${name}: ${wide} px wide on ${window}`);
    await shoot(page, `${name}-phone`);
    await page.setViewportSize(DESKTOP);
  }

  async function signIn(page, name, password) {
    await page.goto(`${origin}/`);
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  async function choose(page, command) {
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: command }).click();
  }

  /** The dialog that is on top. */
  const dialog = (page) => page.getByRole('dialog').last();
  const close = (page) => dialog(page).getByRole('button', { name: 'Close' }).first().click();

  test('the claim code makes the first account', async () => {
    await page.goto(`${origin}/`);
    await page.getByRole('button', { name: 'Create account' }).waitFor();
    await shoot(page, 'claim');
    await page.getByRole('textbox', { name: 'Claim code' }).fill('00000-00000');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('alert').getByText('not the claim code').waitFor();
    await shootBoth(page, 'claim-refused');
    await page.getByRole('textbox', { name: 'Claim code' }).fill(code.toLowerCase().replace('-', ' '));
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.locator('#app').waitFor({ state: 'visible' });
    assert.equal(await page.locator('#who').textContent(), 'Ada');
    await page.reload();
    await page.locator('#app').waitFor({ state: 'visible' });
  });

  test('an admin makes accounts and changes them', async () => {
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: 'Accounts' }).waitFor();
    await shoot(page, 'menu-admin');
    await page.getByRole('menuitem', { name: 'Accounts' }).click();
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
    await close(page);
  });

  test('an API token is shown once', async () => {
    await choose(page, 'API tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await dialog(page).getByRole('textbox', { name: 'What is it for?' }).fill('Lights off at night');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.getByText('never shown again').waitFor();
    const secret = await dialog(page).getByRole('textbox').inputValue();
    assert.match(secret, /^prismatron_/);
    await shoot(page, 'token-new');
    const status = async () => (await fetch(`${origin}/api/status`, { headers: { Authorization: `Bearer ${secret}` } })).status;
    assert.equal(await status(), 200);
    await close(page);
    await page.locator('.person-name', { hasText: 'Lights off' }).waitFor();
    await shootBoth(page, 'tokens');
    await page.getByRole('button', { name: 'Delete Lights off at night' }).click();
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await page.locator('.person-name', { hasText: 'Lights off' }).waitFor({ state: 'detached' });
    assert.equal(await status(), 401);
    await close(page);
  });

  test('the audit log says who did what', async () => {
    await choose(page, 'Audit log');
    await page.locator('.audit-line', { hasText: 'made the viewer Vera' }).waitFor();
    await page.locator('.audit-line[data-state="refused"]', { hasText: 'POST /api/claim' }).waitFor();
    await shootBoth(page, 'audit');
    await close(page);
  });

  test('a viewer sees the wall and how it is, and nothing to press', async () => {
    const vera = await visit('light');
    await signIn(vera, 'Vera', 'a good password');
    await vera.getByRole('alert').getByText('password is wrong').waitFor();
    await shootBoth(vera, 'sign-in-refused');
    await vera.getByRole('textbox', { name: 'Password' }).fill('another password');
    await vera.getByRole('button', { name: 'Sign in', exact: true }).click();
    await vera.locator('#app').waitFor({ state: 'visible' });
    await vera.locator('#outputs-health').waitFor();
    for (const hidden of ['#panel-library', '#panel-playlist', '.deck-buttons', '.deck-brightness']) {
      assert.equal(await vera.locator(hidden).isVisible(), false, hidden);
    }
    await vera.waitForFunction(() => document.querySelector('#now-title')?.textContent !== '');
    await shootBoth(vera, 'viewer');
    await vera.getByRole('button', { name: 'Menu' }).click();
    assert.equal(await vera.getByRole('menuitem', { name: 'Accounts' }).count(), 0);
    assert.equal(await vera.getByRole('menuitem', { name: 'Audit log' }).count(), 0);
    await vera.keyboard.press('Escape');

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
    await vera.locator('#app').waitFor({ state: 'visible' });

    // Deleted by somebody else, is out at once.
    await choose(page, 'Accounts');
    await page.getByRole('button', { name: 'More for Vera' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await vera.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    assert.equal(await vera.locator('#app').isVisible(), false);
    await close(page);
    await vera.context().close();
  });

  test('an operator plays and has no say over others', async () => {
    const otto = await visit();
    await signIn(otto, 'otto', 'a good password');
    await otto.locator('#app').waitFor({ state: 'visible' });
    await otto.locator('#panel-library').waitFor({ state: 'visible' });
    await otto.getByRole('button', { name: 'Stop', exact: true }).click();
    await otto.getByRole('button', { name: 'Play', exact: true }).click();
    await otto.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await otto.getByRole('button', { name: 'Menu' }).click();
    assert.equal(await otto.getByRole('menuitem', { name: 'Accounts' }).count(), 0);
    await otto.getByRole('menuitem', { name: 'Sign out' }).click();
    await otto.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await shootBoth(otto, 'sign-in');
    await otto.context().close();
  });

  test('the open page keeps its session and shows the way in once it is over', async () => {
    const idle = await visit();
    await idle.clock.install();
    await signIn(idle, 'Otto', 'a good password');
    await idle.locator('#app').waitFor({ state: 'visible' });
    const asked = idle.waitForRequest((request) => request.url() === `${origin}/api/session` && request.method() === 'GET');
    await idle.clock.runFor(8 * 60 * 1000);
    await asked;
    // Signed out elsewhere, or slept too long.
    await idle.context().clearCookies();
    await idle.clock.runFor(8 * 60 * 1000);
    await idle.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    await idle.context().close();
  });

  test('a backup brings back what was changed since, also from a file', async () => {
    const brightness = page.getByRole('slider', { name: 'Brightness' });
    const before = await brightness.inputValue();
    await choose(page, 'Backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.locator('.person-facts', { hasText: 'Made by hand' }).waitFor();
    await dialog(page).getByRole('button', { name: /^More for/ }).first().click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Download' }).click();
    const file = path.join(tmpdir(), `backup-${process.pid}.ron`);
    const download = await downloading;
    assert.match(download.suggestedFilename(), /^prismatron-20.*Z\.ron$/);
    await download.saveAs(file);
    await shootBoth(page, 'backups');
    await close(page);

    for (const from of ['list', 'file']) {
      const dimmed = page.waitForResponse((response) => response.request().method() === 'PATCH');
      await brightness.fill(String(Number(before) / 2));
      await dimmed;
      await choose(page, 'Backups');
      if (from === 'list') {
        await dialog(page).getByRole('button', { name: /^More for/ }).first().click();
        await page.getByRole('menuitem', { name: 'Restore' }).click();
      } else {
        const choosing = page.waitForEvent('filechooser');
        await page.getByRole('button', { name: 'Restore from a file' }).click();
        await (await choosing).setFiles(file);
      }
      await dialog(page).getByRole('button', { name: 'Restore', exact: true }).click();
      await page.getByText('The backup is restored.').first().waitFor();
      await page.locator('.person-facts', { hasText: 'Before a restore' }).first().waitFor();
      await close(page);
      await page.waitForFunction((value) => document.querySelector('#brightness')?.value === value, before);
    }
    rmSync(file);
  });

  test('complained of nothing', () => assert.deepEqual(complaints, []));
});

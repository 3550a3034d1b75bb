/** Playlists: made, filled, ordered, changed by two at once, played and deleted. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, REFUSED, accessible, dialog, fits, go, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { noisePng } from './media.mjs';
import { apiOf, startServer } from './server.mjs';

describe('playlists', { concurrency: false }, () => {
  let server, browser, page, api;

  before(async () => {
    server = await startServer();
    api = apiOf(server.origin, await server.token());
    browser = await openBrowser();
    page = await visit(browser, server.origin, { expected: REFUSED });
    await page.goto(server.link);
    await inside(page);
    await go(page, 'library');
    await page.locator('#upload-picker').setInputFiles({ name: 'noise.png', mimeType: 'image/png', buffer: noisePng(320, 192) });
    await page.locator('#library > li', { hasText: 'noise.png' }).waitFor();
    await go(page, 'playlists');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const rows = (at = page) => at.locator('#items > li');
  const titles = (at = page) => at.locator('#items .row-title').allTextContents();
  const mine = async () => {
    const { playlists } = await api('GET', '/api/playlists');
    return api('GET', `/api/playlists/${playlists.find((one) => one.name === 'Market').id}`);
  };
  const stored = async () => (await mine()).items.map((item) => item.title);
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  test('makes one, with a file, an effect and a text', async () => {
    await page.getByRole('button', { name: 'New playlist' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('Market');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'Market' }).waitFor();
    await page.getByText('This playlist is empty.').waitFor();
    await shoot(page, 'playlists-empty');

    await page.getByRole('button', { name: 'Add files' }).click();
    await dialog(page).locator('.pick', { hasText: 'noise.png' }).getByRole('checkbox').check();
    await shoot(page, 'playlists-pick');
    await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
    await until(async () => (await rows().count()) === 1, 'the picture in the playlist');

    await page.getByRole('button', { name: 'Add effect' }).click();
    await accessible(page, 'the form of an effect');
    await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
    await until(async () => (await rows().count()) === 2, 'the effect in the playlist');

    await page.getByRole('button', { name: 'Add text' }).click();
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Good evening');
    await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
    await until(async () => (await rows().count()) === 3, 'the text in the playlist');
    assert.equal((await titles())[0], 'noise.png');
  });

  test('changes how an item is played', async () => {
    await rows().first().getByRole('button', { name: /^Settings/ }).click();
    await page.getByRole('spinbutton', { name: /^Shown for/ }).fill('7.5');
    await page.getByRole('combobox', { name: 'Way in' }).selectOption('wipe');
    await shoot(page, 'playlists-item');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { items } = await mine();
    assert.deepEqual([items[0].duration_seconds, items[0].transition.type], [7.5, 'wipe']);
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
    await until(async () => same(await titles(), [before[1], before[2], before[0]]), 'the dragged order');
    const keyed = [before[1], before[0], before[2]];
    await rows().nth(2).locator('.handle').press('ArrowUp');
    await until(async () => same(await stored(), keyed), 'the order on the server');
    assert.deepEqual(await titles(), keyed);
  });

  test('moves, times and removes several at once, and takes it back', async () => {
    const before = await titles();
    for (const at of [1, 2]) await rows().nth(at).getByRole('checkbox').check();
    await page.getByText('2 chosen').waitFor();
    await page.getByRole('button', { name: 'To the top' }).click();
    const turned = [before[1], before[2], before[0]];
    await until(async () => same(await stored(), turned), 'both at the top');
    await shoot(page, 'playlists-chosen');
    await page.getByRole('button', { name: 'Set duration' }).click();
    await page.getByRole('spinbutton', { name: /^Shown for/ }).fill('12');
    await page.getByRole('button', { name: 'Save' }).click();
    await until(async () => (await mine()).items.slice(0, 2).every((item) => item.duration_seconds === 12), 'one duration for both');
    await rows().first().locator('.handle').press('Delete');
    await until(async () => same(await stored(), [before[0]]), 'both to be gone');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => same(await stored(), turned), 'both to be back');
  });

  test('keeps what two people do at the same time', async () => {
    const other = await visit(browser, server.origin, { expected: REFUSED });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('menuitem', { name: 'Sign in another device' }).click();
    await other.goto(await dialog(page).getByRole('textbox').inputValue());
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
    await inside(other);
    await go(other, `playlists/${(await mine()).id}`);
    await until(async () => same(await titles(other), await stored()), 'the other page to show it');

    // The other page has not yet heard of what this one does: its stream is held back.
    const before = await titles();
    await other.route('**/api/playlists/*/order', async (route) => {
      await api('POST', `/api/playlists/${(await mine()).id}/items`, { items: [{ content: { type: 'text', text: 'Snow' } }] });
      await route.continue();
    }, { times: 1 });
    await rows(other).nth(0).locator('.handle').press('ArrowDown');
    await other.getByText('Both changes are kept').waitFor();
    await shoot(other, 'playlists-merged');
    assert.deepEqual(await stored(), [before[1], before[0], before[2], 'Snow']);
    await until(async () => same(await titles(), await stored()), 'this page to show both changes');

    // Both change the same item: the second is asked.
    const { id, items } = await mine();
    await rows(other).first().getByRole('button', { name: /^Settings/ }).click();
    await other.getByRole('spinbutton', { name: /^Shown for/ }).fill('33');
    await api('PUT', `/api/playlists/${id}/items/${items[0].id}`, { content: items[0].content, duration_seconds: 44 });
    await other.route('**/api/playlists/*/items/*', (route) => route.continue({ headers: { ...route.request().headers(), 'if-match': '"1"' } }), { times: 1 });
    await other.getByRole('button', { name: 'Save' }).click();
    await other.getByText('while you had it open').waitFor();
    await other.getByRole('button', { name: 'Keep mine' }).click();
    await until(async () => (await mine()).items[0].duration_seconds === 33, 'the second change');
    assert.deepEqual(other.complaints, []);
    await other.close();
  });

  test('plays from an item and marks it', async () => {
    await rows().nth(1).getByTitle('Play this').click();
    const title = (await titles())[1];
    await until(async () => (await api('GET', '/api/status')).player.item?.title === title, 'the item to play');
    await until(async () => (await page.locator('#items > li.is-current .row-title').textContent()) === title, 'the row to be marked');
    await page.locator('.mini-title', { hasText: title }).waitFor();
  });

  test('duplicates and deletes', async () => {
    await page.getByRole('button', { name: 'More for this playlist' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await page.getByRole('heading', { name: 'Copy of Market' }).waitFor();
    assert.deepEqual(await titles(), await stored());
    await page.getByRole('button', { name: 'More for this playlist' }).click();
    await page.getByRole('menuitem', { name: 'Delete playlist' }).click();
    await dialog(page).getByRole('button', { name: 'Delete' }).click();
    await page.getByText('“Copy of Market” is deleted').waitFor();
    await until(async () => !(await api('GET', '/api/playlists')).playlists.some((one) => one.name === 'Copy of Market'), 'it to be gone');
  });

  test('is accessible, fits a phone, and complained of nothing', async () => {
    await accessible(page, 'playlists');
    await page.setViewportSize(PHONE);
    await fits(page, 'playlists');
    await shoot(page, 'playlists-phone');
    assert.deepEqual(page.complaints, []);
  });
});

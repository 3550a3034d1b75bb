/** The library: files come in, are found, looked at, renamed and deleted. */

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PHONE, accessible, dialog, fits, go, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { filmOf, noisePng } from './media.mjs';
import { fingerprint } from './picture.mjs';
import { apiOf, startServer } from './server.mjs';

describe('the library', { concurrency: false }, () => {
  let server, browser, page, api;

  before(async () => {
    server = await startServer();
    api = apiOf(server.origin, await server.token());
    browser = await openBrowser();
    page = await visit(browser, server.origin, { expected: /status of (409|422)|ERR_FAILED/ });
    await page.goto(server.link);
    await inside(page);
    await go(page, 'library');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const tile = (name) => page.locator('#library > li', { hasText: name });
  const choose = (...files) => page.locator('#upload-picker').setInputFiles(files.map(([name, buffer]) => ({ name, mimeType: 'image/png', buffer })));
  const named = async () => (await api('GET', '/api/media')).media.map((one) => one.name).sort();

  test('says what to do while it is empty', async () => {
    // What is shipped is taken in after the start.
    await until(async () => (await api('GET', '/api/media')).media.length === 2, 'the demonstration');
    for (const { id } of (await api('GET', '/api/media')).media) await api('DELETE', `/api/media/${id}?force=true`);
    await page.getByText('Nothing here yet.').waitFor();
    await shoot(page, 'library-empty');
  });

  test('takes several files at once and shows their pictures', async () => {
    await choose(['blue.png', noisePng(320, 192)], ['red.png', noisePng(64, 64)]);
    for (const name of ['blue.png', 'red.png']) {
      await tile(name).waitFor();
      await until(() => tile(name).locator('img').evaluate((image) => image.naturalWidth > 0), 'the thumbnail');
    }
    await page.locator('#uploads li').waitFor({ state: 'detached' });
  });

  test('has a camera only where there is one', async () => assert.equal(await page.locator('#camera').isVisible(), false));

  test('plays what moves while the pointer or the focus is on its picture, and among its details', async () => {
    const films = { 'film.mp4': 'video/mp4', 'lamp.gif': 'image/gif' };
    const made = Object.entries(films).map(([name, mimeType]) => ({ name, mimeType, buffer: filmOf(name) }));
    await page.locator('#upload-picker').setInputFiles(made);
    // One that arrives takes the first place, from under the pointer.
    for (const name of Object.keys(films)) await tile(name).waitFor();
    await page.locator('#uploads li').waitFor({ state: 'detached' });
    for (const name of Object.keys(films)) {
      await tile(name).scrollIntoViewIfNeeded();
      const picture = tile(name).locator('.tile-picture');
      const moves = async (where) => {
        const look = async () => (await page.evaluate(fingerprint, (await where.screenshot()).toString('base64'))).print;
        await where.locator('.tile-motion').waitFor();
        const first = await look();
        await until(async () => (await look()) !== first, `${name} to move`);
      };
      const still = () => page.locator('.tile-motion').waitFor({ state: 'detached' });
      const leave = () => page.mouse.move(0, 0);
      /** To the picture, as the keyboard gets there. */
      const tab = async () => {
        await picture.focus();
        await page.keyboard.press('Shift+Tab');
        await page.keyboard.press('Tab');
      };
      await picture.hover();
      await moves(picture);
      await leave();
      await still();
      await tab();
      await moves(picture);
      await page.keyboard.press('Enter');
      await moves(dialog(page).locator('.details-picture'));
      const facts = (await dialog(page).locator('.facts').textContent()) ?? '';
      assert.match(facts, /Length\s*(2 s|0:02)/, facts);
      if (name === 'film.mp4') assert.match(facts, /Frames a second\s*10/, facts);
      await dialog(page).getByRole('button', { name: 'Stop' }).click();
      await still();
      await dialog(page).getByRole('button', { name: 'Close' }).first().click();
      await page.evaluate(() => document.activeElement?.blur());

      await page.emulateMedia({ reducedMotion: 'reduce' });
      await picture.hover();
      await leave();
      await tab();
      assert.equal(await page.locator('.tile-motion').count(), 0, 'nothing moves by itself where less motion is asked for');
      await page.keyboard.press('Enter');
      const play = dialog(page).getByRole('button', { name: 'Play' });
      await play.waitFor();
      assert.equal(await page.locator('.tile-motion').count(), 0, 'nor among the details');
      await shoot(page, `library-still-${name}`);
      await play.click();
      await moves(dialog(page).locator('.details-picture'));
      await accessible(page, `the details of ${name}`);
      await dialog(page).getByRole('button', { name: 'Close' }).first().click();
      await page.emulateMedia({ reducedMotion: 'no-preference' });
    }
    for (const { id, name } of (await api('GET', '/api/media')).media) if (name in films) await api('DELETE', `/api/media/${id}`);
    await tile('lamp.gif').waitFor({ state: 'detached' });
  });

  test('takes what is pasted', async () => {
    const picture = noisePng(32, 32).toString('base64');
    await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, picture);
    await tile('Pasted').waitFor();
  });

  test('takes what is dropped', async () => {
    await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'dropped.png', { type: 'image/png' }));
      for (const type of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }, noisePng(33, 33).toString('base64'));
    await tile('dropped.png').waitFor();
    assert.equal(await page.getByText('Drop to add to the library').isVisible(), false);
  });

  test('says why a file is refused', async () => {
    await choose(['refused.png', Buffer.from('this is no picture at all')]);
    const row = page.locator('.upload.is-failed');
    await row.waitFor();
    assert.ok((await row.locator('.upload-note').textContent()).length > 5);
    await row.getByRole('button', { name: 'Dismiss' }).click();
  });

  test('finds and sorts', async () => {
    const names = () => page.locator('.tile-name').allTextContents();
    await page.getByRole('searchbox', { name: 'Find' }).fill('RED');
    assert.deepEqual(await names(), ['red.png']);
    await page.getByRole('searchbox', { name: 'Find' }).fill('nowhere');
    await page.getByText('Nothing is called “nowhere”.').waitFor();
    await page.getByRole('searchbox', { name: 'Find' }).fill('');
    await page.getByRole('combobox', { name: 'Order' }).selectOption('size');
    assert.equal((await names())[0], 'blue.png');
    await page.getByRole('combobox', { name: 'Order' }).selectOption('newest');
    assert.equal((await names())[0], 'dropped.png');
  });

  test('tells all about a file', async () => {
    const { media } = await api('GET', '/api/media');
    const blue = media.find((one) => one.name === 'blue.png');
    await page.getByRole('button', { name: 'Details of blue.png' }).click();
    const facts = await dialog(page).locator('.facts').textContent();
    for (const fact of ['PNG', '320 × 192', blue.crc32, 'kB']) assert.ok(facts.includes(fact), `${fact} in ${facts}`);
    await shoot(page, 'library-details');
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
  });

  test('says why a file could not be played', async () => {
    await choose(['spoilt.png', noisePng(64, 48)]);
    await tile('spoilt.png').waitFor();
    const { id } = (await api('GET', '/api/media')).media.find((one) => one.name === 'spoilt.png');
    const file = readdirSync(path.join(server.data, 'media')).find((name) => name.startsWith(id) && !name.endsWith('.ron'));
    writeFileSync(path.join(server.data, 'media', file), 'no picture any more');
    const { id: list } = await api('POST', '/api/playlists', { name: 'Spoilt' });
    await api('POST', `/api/playlists/${list}/items`, { items: [{ content: { type: 'media', media: id } }] });
    await api('POST', `/api/playlists/${list}/activate`, {});
    await api('POST', '/api/control/play', {});
    await tile('spoilt.png').getByText('Not playable').waitFor();
    await page.getByRole('button', { name: 'Details of spoilt.png' }).click();
    await dialog(page).getByText(/^It could not be played: .+ Upload it once more, or in another format\.$/).waitFor();
    await shoot(page, 'library-problem');
    await accessible(page, 'the details of a file that could not be played');
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
  });

  test('adds a file to a playlist, and asks before it takes one out of use', async () => {
    const lists = (await api('GET', '/api/playlists')).playlists;
    await page.getByRole('button', { name: 'Add blue.png to a playlist' }).click();
    await dialog(page).getByRole('combobox', { name: 'Playlist' }).selectOption(lists.find((one) => one.name === 'Spoilt').id);
    await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('“blue.png” is added to “Spoilt”.').waitFor();
    const discard = async () => {
      await page.getByRole('button', { name: 'More for blue.png' }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await dialog(page).getByText('Delete it all the same?').waitFor();
    };
    await discard();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    assert.ok((await named()).includes('blue.png'));
    await discard();
    await dialog(page).getByRole('button', { name: 'Delete anyway' }).click();
    await tile('blue.png').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await tile('blue.png').waitFor();
  });

  test('says how much room is left', async () => {
    await until(async () => /used, room for .* more/.test(await page.locator('#storage').textContent()), 'the storage');
  });

  test('renames, deletes at once and takes it back', async () => {
    await page.getByRole('button', { name: 'More for red.png' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill('crimson.png');
    await dialog(page).getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('button', { name: 'More for crimson.png' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await until(async () => !(await named()).includes('crimson.png'), 'the file to be gone');
    await tile('crimson.png').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await tile('crimson.png').waitFor();
    assert.ok((await named()).includes('crimson.png'));
  });

  test('keeps what is deleted, to be brought back or deleted for good', async () => {
    const discard = async () => {
      await page.getByRole('button', { name: 'More for crimson.png' }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await tile('crimson.png').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: /deleted$/ }).click();
      await dialog(page).locator('.person', { hasText: 'crimson.png' }).waitFor();
    };
    await discard();
    await shoot(page, 'library-trash');
    await accessible(page, 'the deleted files');
    await dialog(page).getByRole('button', { name: 'Bring back: crimson.png' }).click();
    await dialog(page).locator('.person', { hasText: 'crimson.png' }).waitFor({ state: 'detached' });
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
    await tile('crimson.png').waitFor();
    await discard();
    await dialog(page).getByRole('button', { name: 'Delete crimson.png for good' }).click();
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await until(async () => !(await api('GET', '/api/trash')).media.some((one) => one.media.name === 'crimson.png'), 'it to be gone for good');
    await dialog(page).getByRole('button', { name: 'Empty' }).click();
    await dialog(page).getByText('Delete all of them for good?').waitFor();
    await dialog(page).getByRole('button', { name: 'Empty' }).click();
    await until(async () => (await api('GET', '/api/trash')).media.length === 0, 'nothing to be left');
    await dialog(page).getByText('Nothing here.').waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
  });

  test('pauses an upload, and goes on with it after a reload', async () => {
    // Noise of 12 MB, sent in two pieces; the second is held back, so that there is time to pause.
    const big = noisePng(2048, 2048);
    let held = 0;
    await page.route('**/api/uploads/*', async (route) => {
      const offset = Number(route.request().headers()['upload-offset'] ?? 0);
      if (route.request().method() === 'PATCH' && offset > 0 && held === 0) {
        held += 1;
        return;
      }
      await route.continue();
    });
    const file = { name: 'big.png', mimeType: 'image/png', buffer: big };
    await page.locator('#upload-picker').setInputFiles(file);
    await until(async () => held === 1, 'the second piece to be sent');
    await page.getByRole('button', { name: 'Pause the upload of big.png' }).click();
    await page.getByText(/^Paused at/).waitFor();
    await shoot(page, 'library-paused');
    const kept = await page.evaluate(() => Object.entries(localStorage).find(([key]) => key.includes('big.png')));
    assert.ok(kept, 'the upload is remembered');
    await page.unroute('**/api/uploads/*');

    const sent = [];
    page.on('request', (request) => {
      if (request.method() === 'PATCH' && request.url().includes('/api/uploads/')) sent.push(Number(request.headers()['upload-offset']));
    });
    await page.reload();
    await inside(page);
    const row = page.locator('.upload', { hasText: 'big.png' });
    await row.getByText('Choose the same file to go on').waitFor();
    await shoot(page, 'library-left-over');
    await row.locator('input[type="file"]').evaluate((input, [key, length]) => {
      const time = Number(key.split(':').at(-1));
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(length)], 'big.png', { type: 'image/png', lastModified: time + 1 }));
      input.files = transfer.files;
      input.dispatchEvent(new Event('change'));
    }, [kept[0], big.length]);
    await row.getByText('That is another file').waitFor();
    await page.evaluate(async ([key, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'big.png', { type: 'image/png', lastModified: Number(key.split(':').at(-1)) }));
      const input = document.querySelector('.upload input[type="file"]');
      input.files = transfer.files;
      input.dispatchEvent(new Event('change'));
    }, [kept[0], big.toString('base64')]);
    await tile('big.png').waitFor();
    assert.ok(sent[0] > 0, `it went on at ${sent[0]}, not from the start`);
    const { media } = await api('GET', '/api/media');
    assert.equal(media.find((one) => one.name === 'big.png').bytes, big.length);
  });

  test('is accessible, fits a phone, and complained of nothing', async () => {
    await accessible(page, 'library');
    await page.setViewportSize(PHONE);
    await fits(page, 'library');
    assert.deepEqual(page.complaints, []);
  });
});

describe('a library with a quota', { concurrency: false }, () => {
  let server, browser;

  before(async () => {
    server = await startServer({ config: '(storage: (quota_mib: 64))' });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('says how much of it is taken', async () => {
    const page = await visit(browser, server.origin);
    await page.goto(server.link);
    await inside(page);
    await go(page, 'library');
    await page.locator('#storage', { hasText: / of 67 MB used, room for .* more/ }).waitFor();
    assert.deepEqual(page.complaints, []);
  });
});

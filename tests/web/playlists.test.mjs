/** Playlists: made, filled, ordered, changed by two at once, played and deleted. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, REFUSED, accessible, dialog, fits, go, holdAnswers, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { noisePng } from './media.mjs';
import { apiOf, startServer } from './server.mjs';

/** After this long without a key what is typed is shown. */
const TYPED_MS = 400;

describe('playlists', { concurrency: false }, () => {
  let server, browser, page, other, api;

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

  /** How many frames of the preview in a form were drawn. */
  const preview = () => page.locator('item-preview').evaluate((element) => element.painted);
  /** @param {string} what */
  async function moves(what) {
    await until(async () => (await preview()) > 3, `${what} to be drawn`);
    const lit = () => page.locator('item-preview canvas').evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value, at) => at % 4 < 3 && value > 120));
    await until(lit, `light of ${what}`);
  }

  test('makes one, with a file, an effect and a text', async () => {
    await page.getByRole('button', { name: 'Another playlist' }).click();
    await page.getByRole('menuitem', { name: 'New playlist' }).click();
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
    await moves('the effect');
    await accessible(page, 'the form of an effect');
    await shoot(page, 'playlists-effect');
    await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
    await until(async () => (await rows().count()) === 2, 'the effect in the playlist');

    await page.getByRole('button', { name: 'Add text' }).click();
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Good evening');
    await moves('the text');
    await page.setViewportSize(PHONE);
    await fits(page, 'the form of a text');
    await shoot(page, 'playlists-text-phone');
    await page.setViewportSize(DESKTOP);
    await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
    await until(async () => (await rows().count()) === 3, 'the text in the playlist');
    assert.equal((await titles())[0], 'noise.png');
  });

  test('shows what was typed before it could', async () => {
    const release = await holdAnswers(page, '**/api/layout/leds');
    await page.getByRole('button', { name: 'Add text' }).click();
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Good morning');
    await page.waitForTimeout(TYPED_MS);
    await release();
    await moves('the text');
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('changes how an item is played', async () => {
    await rows().first().getByRole('button', { name: /^Settings/ }).click();
    await page.getByRole('spinbutton', { name: /^Shown for/ }).fill('7.5');
    // The way in is shown in the form, on nobody's wall.
    const shown = () => page.locator('item-preview canvas').evaluate((canvas) => canvas.toDataURL());
    // The picture is of noise, and lights all of the wall; what is on before it is a text.
    const lit = () => page.locator('item-preview canvas').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] > 120) count += 1;
      return (count * 4) / data.length;
    });
    await until(async () => (await preview()) > 0 && (await lit()) > 0.3, 'the picture in the form');
    const still = await shown();
    const fitted = page.getByRole('combobox', { name: 'Fit' });
    await fitted.selectOption('contain');
    await page.getByRole('combobox', { name: 'Way in' }).selectOption('wipe');
    await page.getByRole('spinbutton', { name: 'Over (s)' }).fill('3');
    await until(async () => (await shown()) !== still, 'the way in');
    await shoot(page, 'playlists-item');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const { items } = await mine();
    assert.deepEqual([items[0].duration_seconds, items[0].fit], [7.5, 'contain']);
    assert.deepEqual(items[0].transition, { type: 'wipe', direction: 'right', duration_seconds: 3, easing: 'in_out' });
  });

  test('shows a changed parameter of an effect before it is kept', async () => {
    const content = async () => (await mine()).items[1].content;
    const before = await content();
    await rows().nth(1).getByRole('button', { name: /^Settings/ }).click();
    const colourful = () => page.locator('item-preview canvas').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((red, at) => at % 4 === 0 && Math.max(red, data[at + 1], data[at + 2]) - Math.min(red, data[at + 1], data[at + 2]) > 60);
    });
    await moves('the effect');
    await until(colourful, 'its colours');
    await dialog(page).getByRole('slider', { name: 'Saturation' }).fill('0');
    await until(async () => !(await colourful()), 'a grey one');
    assert.deepEqual(await content(), before);
    assert.notEqual((await api('GET', '/api/status')).player.playlist?.name, 'Market');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual((await content()).params, { ...before.params, saturation: 0 });
    // What nobody has touched stays, also between two steps of its slider.
    const [effect] = (await api('GET', '/api/effects')).effects;
    assert.equal(before.params.speed, effect.params.find((param) => param.name === 'speed').default);
  });

  test('makes the form of a text from what the API says of it, in German too', async () => {
    const there = await visit(browser, server.origin, { locale: 'de-DE' });
    await there.route('**/api/openapi.json', async (route) => {
      const description = await (await route.fetch()).json();
      const { properties } = description.components.schemas.Content.oneOf.find((one) => one.properties.text);
      properties.size.maximum = 0.5;
      properties.outline = properties.colour;
      await route.fulfill({ json: description });
    });
    const { path: link } = await api('POST', '/api/session/links');
    await there.goto(`${server.origin}${link}`);
    await inside(there);
    await go(there, `playlists/${(await mine()).id}`);
    await there.getByRole('button', { name: 'Text hinzufügen' }).click();
    const form = dialog(there);
    assert.equal(await form.getByRole('slider', { name: 'Zeilenhöhe' }).getAttribute('max'), '0.5');
    await form.getByLabel('text.outline').waitFor();

    await there.unrouteAll();
    await there.reload();
    await there.getByRole('button', { name: 'Text hinzufügen' }).click();
    await form.getByRole('textbox', { name: 'Text', exact: true }).fill('Guten Abend');
    assert.equal(await form.getByLabel('text.outline').count(), 0);
    const align = form.getByRole('combobox', { name: 'Ausrichtung' });
    assert.deepEqual(await align.locator('option').allTextContents(), ['Links', 'Mitte', 'Rechts']);
    await align.selectOption('Rechts');
    const period = form.getByRole('spinbutton', { name: /^Periode/ });
    assert.equal(await period.isVisible(), false);
    await form.getByRole('combobox', { name: 'Bewegung' }).selectOption('Kommt und geht');
    assert.deepEqual([await period.getAttribute('min'), await period.getAttribute('max')], ['0.2', '60']);
    await period.fill('2.5');
    await accessible(there, 'the form of a text');
    await shoot(there, 'playlists-text-german');
    await form.getByRole('button', { name: 'Hinzufügen', exact: true }).click();
    await form.waitFor({ state: 'detached' });
    const { content } = (await mine()).items[3];
    assert.deepEqual(content, { type: 'text', text: 'Guten Abend', size: 0.3, colour: '#ffffff', background: '#000000', align: 'right', motion: { type: 'fade', period: 2.5 } });

    await there.getByRole('button', { name: 'Dateien hinzufügen' }).click();
    await form.getByRole('checkbox').first().check();
    await form.getByRole('button', { name: 'Hinzufügen', exact: true }).click();
    await there.getByText('„noise.png“ ist jetzt in „Market“').waitFor();
    const { id, items } = await mine();
    await api('POST', `/api/playlists/${id}/items/remove`, { items: items.slice(3).map((item) => item.id) });
    await until(async () => (await rows().count()) === 3, 'the three from before');
    assert.deepEqual(there.complaints, []);
    await there.close();
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

  test('reorders by buttons, on a phone too', async () => {
    const [first, second, third] = await titles();
    await page.setViewportSize(PHONE);
    await page.getByRole('button', { name: `Move down: ${first}` }).click();
    await until(async () => same(await stored(), [second, first, third]), 'it one further down');
    await shoot(page, 'playlists-rows-phone');
    await page.setViewportSize(DESKTOP);
    await page.getByRole('button', { name: `Move up: ${first}` }).click();
    await until(async () => same(await stored(), [first, second, third]), 'it back at the top');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.role), 'handle');
    await shoot(page, 'playlists-rows');
  });

  test('keeps every move, however quickly one follows another', async () => {
    const [first, ...others] = await titles();
    // The first is still on its way to the server when the second is made.
    await page.route('**/api/playlists/*/order', (route) => setTimeout(() => route.continue(), 300), { times: 1 });
    await rows().nth(0).locator('.handle').focus();
    for (const _ of others) await page.keyboard.press('ArrowDown');
    const wanted = [...others, first];
    assert.deepEqual(await titles(), wanted);
    await until(async () => same(await stored(), wanted), 'both moves on the server');
    assert.deepEqual(await titles(), wanted);
    for (const _ of others) await page.keyboard.press('ArrowUp');
    await until(async () => same(await stored(), [first, ...others]), 'both back');
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
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await rows().first().locator('.handle').press('Delete');
    await until(async () => same(await stored(), [before[0]]), 'both to be gone');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => same(await stored(), turned), 'both to be back');
  });

  test('keeps what two people do at the same time', async () => {
    other = await visit(browser, server.origin, { expected: REFUSED });
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
  });

  const save = (at) => dialog(at).getByRole('button', { name: 'Save' }).click();
  /** Opens the settings of a row and has it shown for so long, not saved yet. */
  async function time(at, row, seconds) {
    await rows(at).nth(row).getByRole('button', { name: /^Settings/ }).click();
    await dialog(at).getByRole('spinbutton', { name: /^Shown for/ }).fill(String(seconds));
  }
  const closed = (at) => at.getByRole('dialog').waitFor({ state: 'detached' });
  const seconds = async (row) => (await mine()).items[row].duration_seconds;
  /** Until a page has heard how long a row is shown now. */
  const heard = (at, row, words) => until(async () => (await rows(at).nth(row).locator('.row-length').textContent()) === words, `a page to hear of ${words}`);

  test('asks whose change of one item holds, and loses neither', async () => {
    await time(page, 0, 33);
    await time(other, 0, 44);
    await save(other);
    await closed(other);
    await heard(page, 0, '0:44');
    await save(page);
    await dialog(page).getByText('while you had it open').waitFor();
    await accessible(page, 'the question whose change holds');
    await shoot(page, 'playlists-both');
    assert.equal(await seconds(0), 44);
    // Not answered, what is composed stays.
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    await dialog(page).getByText('Not saved yet').waitFor();
    await save(page);
    await dialog(page).getByRole('button', { name: 'Keep mine' }).click();
    await closed(page);
    assert.equal(await seconds(0), 33);

    await heard(other, 0, '0:33');
    await time(other, 0, 55);
    await time(page, 0, 66);
    await save(page);
    await closed(page);
    await heard(other, 0, '1:06');
    await save(other);
    await dialog(other).getByRole('button', { name: 'Keep theirs' }).click();
    await closed(other);
    assert.equal(await seconds(0), 66);
  });

  test('asks before it overwrites what it has not heard of yet', async () => {
    await time(page, 0, 12);
    await page.route('**/api/playlists/*/items/*', async (route) => {
      await time(other, 0, 21);
      await save(other);
      await closed(other);
      await route.continue();
    }, { times: 1 });
    await save(page);
    await dialog(page).getByRole('button', { name: 'Keep mine' }).click();
    await closed(page);
    assert.equal(await seconds(0), 12);
  });

  test('puts an item back that somebody else has removed while it was open', async () => {
    const before = await stored();
    await time(page, 1, 34);
    await rows(other).nth(1).getByRole('button', { name: /^Remove/ }).click();
    await until(async () => (await rows().count()) === before.length - 1, 'this page to hear of it');
    await save(page);
    await dialog(page).getByText('Somebody else removed').waitFor();
    await dialog(page).getByRole('button', { name: 'Put it back' }).click();
    await closed(page);
    assert.deepEqual([await stored(), await seconds(1)], [before, 34]);
  });

  test('asks whose name holds, and whose duration of several', async () => {
    const { id } = await mine();
    const name = async () => (await api('GET', `/api/playlists/${id}`)).name;
    const rename = async (at, to) => {
      await at.getByRole('button', { name: 'More for this playlist' }).click();
      await at.getByRole('menuitem', { name: 'Rename' }).click();
      await dialog(at).getByRole('textbox', { name: 'Name' }).fill(to);
    };
    const done = (at) => dialog(at).getByRole('button', { name: 'Rename' }).click();
    await rename(page, 'Fair');
    await rename(other, 'Bazaar');
    await done(other);
    await page.locator('#playlist-title', { hasText: 'Bazaar' }).waitFor();
    await done(page);
    await dialog(page).getByRole('button', { name: 'Keep theirs' }).click();
    await closed(page);
    assert.equal(await name(), 'Bazaar');
    await rename(page, 'Market');
    await done(page);
    await closed(page);
    assert.equal(await name(), 'Market');

    for (const at of [0, 1]) await rows().nth(at).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Set duration' }).click();
    await dialog(page).getByRole('spinbutton', { name: /^Shown for/ }).fill('15');
    await time(other, 1, 25);
    await save(other);
    await heard(page, 1, '0:25');
    await save(page);
    await dialog(page).getByRole('button', { name: 'Keep theirs' }).click();
    await closed(page);
    assert.deepEqual([await seconds(0), await seconds(1)], [12, 25]);
    await page.getByRole('button', { name: 'Choose none' }).click();
  });

  test('brings back what was deleted, with what somebody else did to it last', async () => {
    const before = await mine();
    await page.route('**/api/playlists/*/items/remove', async (route) => {
      await time(other, 1, 26);
      await save(other);
      await closed(other);
      await route.continue();
    }, { times: 1 });
    await rows().nth(1).locator('.handle').press('Delete');
    await until(async () => (await stored()).length === before.items.length - 1, 'it to be gone');
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await until(async () => same(await stored(), before.items.map((item) => item.title)), 'it to be back in its place');
    assert.equal(await seconds(1), 26);
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

  const whole = async (command) => {
    await page.getByRole('button', { name: 'More for this playlist' }).click();
    await page.getByRole('menuitem', { name: command }).click();
  };
  const named = async (name) => (await api('GET', '/api/playlists')).playlists.filter((one) => one.name === name);

  test('duplicates, deletes at once and takes it back, also where the schedule names it', async () => {
    await whole('Duplicate');
    await page.getByRole('heading', { name: 'Copy of Market' }).waitFor();
    assert.deepEqual(await titles(), await stored());
    const [copy] = await named('Copy of Market');
    const clock = (time) => ({ type: 'clock', time });
    await api('PUT', '/api/schedule', { enabled: false, rules: [{ name: 'Evening', from: clock('20:00'), until: clock('22:00'), act: { type: 'play', playlist: copy.id } }] });
    await whole('Delete playlist');
    await page.getByText('“Copy of Market” is deleted').waitFor();
    await until(async () => (await named('Copy of Market')).length === 0, 'it to be gone');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { name: 'Copy of Market' }).waitFor();
    assert.deepEqual(await titles(), await stored());
    const [again] = await named('Copy of Market');
    const { rules } = await api('GET', '/api/schedule');
    assert.deepEqual([again.id, rules[0].act.playlist], [copy.id, copy.id]);
    await whole('Delete playlist');
    await until(async () => (await named('Copy of Market')).length === 0, 'it to be gone again');
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
  });

  test('asks before the one that plays is deleted', async () => {
    await go(page, `playlists/${(await mine()).id}`);
    await page.getByRole('heading', { name: 'Market' }).waitFor();
    await whole('Delete playlist');
    await dialog(page).getByText('the wall goes dark').waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await named('Market')).length, 1);
  });

  test('goes into a file and comes out of it again', async () => {
    const downloading = page.waitForEvent('download');
    await whole('Export as a file');
    const download = await downloading;
    assert.equal(download.suggestedFilename(), 'Market.playlist.ron');
    const file = path.join(tmpdir(), `market-${process.pid}.ron`);
    await download.saveAs(file);
    const before = await titles();
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Another playlist' }).click();
    await page.getByRole('menuitem', { name: 'Import from a file' }).click();
    await (await choosing).setFiles(file);
    await page.getByText('is imported').waitFor();
    await until(async () => (await api('GET', '/api/playlists')).playlists.filter((one) => one.name.startsWith('Market')).length === 2, 'another one');
    assert.deepEqual(await titles(), before);

    const { media } = await api('GET', '/api/media');
    const { id } = media.find((one) => one.name === 'noise.png');
    await api('DELETE', `/api/media/${id}?force=true`);
    const again = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Another playlist' }).click();
    await page.getByRole('menuitem', { name: 'Import from a file' }).click();
    await (await again).setFiles(file);
    await dialog(page).getByText('which are not here').waitFor();
    assert.equal(await dialog(page).locator('strong').textContent(), 'noise.png');
    await shoot(page, 'playlists-missing');
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    await until(async () => same(await titles(), before.filter((title) => title !== 'noise.png')) || (await page.locator('.row.is-broken').count()) === 1, 'what is missing to be marked');
    await api('POST', `/api/trash/${id}/restore`);
    rmSync(file);
  });

  test('shows the one that the address names, whatever is answered first', async () => {
    const { id } = await mine();
    // The one that plays is shown where none is named.
    const { playlists } = await api('GET', '/api/playlists');
    await api('POST', `/api/playlists/${playlists.find((one) => one.id !== id).id}/activate`, {});
    // So that nothing is asked any more by the page of before.
    await page.goto('about:blank');
    const asked = page.waitForRequest((request) => new URL(request.url()).pathname === `/api/playlists/${id}`);
    const others = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/playlists');
    await page.route('**/api/playlists', async (route) => {
      await asked;
      await route.continue();
    });
    await page.route(`**/api/playlists/${id}`, async (route) => {
      await (await others).finished();
      await page.evaluate(() => new Promise(requestAnimationFrame));
      await route.continue();
    });
    await page.goto(`${server.origin}/#/playlists/${id}`);
    await page.locator('#playlist-title', { hasText: 'Market' }).waitFor();
    await page.unrouteAll({ behavior: 'wait' });
  });

  test('says that there is nothing only once that is known', async () => {
    await go(page, 'playlists');
    const answer = await holdAnswers(page, '**/api/playlists');
    const asked = page.waitForRequest('**/api/playlists');
    await page.reload();
    await asked;
    await page.locator('view-playlists h1').waitFor();
    assert.equal(await page.locator('view-playlists .empty').isVisible(), false);
    await answer();
    await rows().first().waitFor();
  });

  test('is accessible, fits a phone, and complained of nothing', async () => {
    await accessible(page, 'playlists');
    await page.setViewportSize(PHONE);
    await fits(page, 'playlists');
    await shoot(page, 'playlists-phone');
    assert.deepEqual(page.complaints, []);
  });
});

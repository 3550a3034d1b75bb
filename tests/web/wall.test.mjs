/** The wall: controllers added, changed and taken out; the layout drawn, edited and sent; and the editor's reckoning. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { countOf, csvOf, ledsOf, moved, scaled, turned } from '../../app/web/ui/page/layout/geometry.js';
import { CUT, NO_NETWORK, PHONE, REFUSED, accessible, dialog, fits, go, holdEvents, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { apiOf, startServer } from './server.mjs';

const CANVAS = { width: 800, height: 480 };
/** One of each, with each way to number it. */
const PIECES = [
  { type: 'matrix', columns: 5, rows: 3, origin: [10, 20], extent: [100, 60], start: 'bottom_right', along: 'columns', serpentine: true },
  { type: 'matrix', columns: 4, rows: 4 },
  { type: 'strip', count: 7, path: [[0, 0], [100, 0], [100, 50]] },
  { type: 'strip', count: 1, path: [[0, 0], [40, 0]], footprint: 6 },
  { type: 'ring', count: 9, centre: [300, 200], radius: 80, start_degrees: 30, turn: 'anticlockwise' },
  { type: 'points', at: [[1, 2], [3, 4]], footprint: 5 },
];

describe('the wall', { concurrency: false }, () => {
  let server, browser, page, api, token;

  before(async () => {
    server = await startServer();
    token = await server.token();
    api = apiOf(server.origin, token);
    browser = await openBrowser();
    page = await visit(browser, server.origin, { expected: new RegExp(`${REFUSED.source}|${CUT.source}|${NO_NETWORK.source}`) });
    await page.goto(server.link);
    await inside(page);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('the editor puts LEDs where the server does', async () => {
    const turns = PIECES.flatMap((piece) => [piece, moved(piece, 12.5, -3, CANVAS), scaled(piece, 1.5, [0, 0], CANVAS), turned(piece, 90, CANVAS), turned(piece, 33, CANVAS)]);
    await api('PUT', '/api/layout', { canvas: CANVAS, pieces: turns });
    const answer = await fetch(`${server.origin}/api/layout/leds`, { headers: { Authorization: `Bearer ${token}` } });
    const theirs = new Float32Array(await answer.arrayBuffer());
    const ours = turns.flatMap((piece) => [...ledsOf(piece, CANVAS)]);
    assert.equal(theirs.length, ours.length);
    assert.equal(turns.reduce((sum, piece) => sum + countOf(piece), 0) * 4, ours.length);
    const off = ours.findIndex((value, at) => Math.abs(value - theirs[at]) > 0.02);
    assert.equal(off, -1, `LED ${Math.floor(off / 4)}: ${ours.slice(off - (off % 4), off + 4)} and ${theirs.slice(off - (off % 4), off + 4)}`);
    await api('DELETE', '/api/layout');
  });

  test('tables of several kinds are made into what the server reads', () => {
    assert.equal(csvOf('x;y\r\n1,2\n3.5; 4\n\n5\t6\n7 8'), 'x,y\n1,2\n3.5,4\n\n5,6\n7,8');
  });

  test('says that there is no controller once that is known', async () => {
    const mine = await visit(browser, server.origin);
    await mine.context().addCookies(await page.context().cookies());
    const release = await holdEvents(mine);
    await mine.goto(`${server.origin}/#/wall/outputs`);
    await mine.getByRole('heading', { name: 'Outputs' }).waitFor();
    await mine.getByText('800 × 480').waitFor();
    const none = mine.getByText('No controller is set up yet.');
    assert.equal(await none.isVisible(), false);
    release();
    await none.waitFor();
    await mine.close();
  });

  test('adds, changes and takes out a controller', async () => {
    await go(page, 'wall');
    await page.getByRole('button', { name: 'Add controller' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('left wing');
    await dialog(page).getByRole('textbox', { name: /^Name or address/ }).fill('127.0.0.1:9, 127.0.0.2:9');
    await dialog(page).getByRole('spinbutton', { name: /^Budget/ }).fill('12.5');
    await shoot(page, 'wall-output');
    await accessible(page, 'the form of an output');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.locator('.output-name', { hasText: 'left wing' }).waitFor();
    const one = async () => (await api('GET', '/api/outputs')).outputs.find((output) => output.name === 'left wing');
    const made = await one();
    assert.deepEqual([made.hosts, made.power.budget_ma, made.protocol.type, made.probe.type], [['127.0.0.1:9', '127.0.0.2:9'], 12500, 'ddp', 'wled']);
    const row = page.locator('.output', { hasText: 'left wing' });
    const { full_ma: full } = await api('GET', '/api/power');
    await page.getByText(`By reckoning at full white: ${(full / 1000).toLocaleString('en-GB', { maximumFractionDigits: 1 })} A`).waitFor();
    await until(async () => /fps/.test(await row.locator('.output-rates').textContent()), 'running counters');
    await row.getByRole('button', { name: 'More for left wing' }).click();
    await page.getByRole('menuitem', { name: 'Switch off' }).click();
    await until(async () => (await one()).enabled === false, 'it to be off');
    await row.getByRole('button', { name: 'More for left wing' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await until(async () => (await one()) === undefined, 'it to be gone');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await one()) !== undefined, 'it to be back');
  });

  const output = (name) => ({ name, protocol: { type: 'ddp' }, hosts: ['127.0.0.1:9'] });
  const named = async () => (await api('GET', '/api/outputs')).outputs.map(({ name, enabled }) => (enabled ? name : `${name} (off)`));
  const choose = async (name, command) => {
    await page.getByRole('button', { name: `More for ${name}` }).click();
    await page.getByRole('menuitem', { name: command }).click();
  };

  test('acts on the output whose menu it is, whatever became of those above it', async () => {
    await api('PUT', '/api/outputs', { outputs: ['upper', 'middle', 'lower'].map(output) });
    await choose('upper', 'Delete');
    await page.locator('.output-name', { hasText: 'upper' }).waitFor({ state: 'detached' });
    await choose('middle', 'Settings');
    await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('centre');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.locator('.output-name', { hasText: 'centre' }).waitFor();
    await choose('centre', 'Switch off');
    await choose('lower', 'Switch off');
    await until(async () => (await named()).join() === 'centre (off),lower (off)', 'both to be off, and nothing else');
  });

  test('brings back the one output that was deleted, beside what others have done meanwhile', async () => {
    await api('PUT', '/api/outputs', { outputs: ['east', 'middle', 'west'].map(output) });
    for (const name of ['east', 'middle']) {
      await choose(name, 'Delete');
      await page.locator('.output-name', { hasText: name }).waitFor({ state: 'detached' });
    }
    await api('PUT', '/api/outputs', { outputs: ['west', 'north'].map(output) });
    await page.locator('.toast', { hasText: 'east' }).getByRole('button', { name: 'Undo' }).click();
    await page.locator('.output-name', { hasText: 'east' }).waitFor();
    assert.deepEqual(await named(), ['east', 'west', 'north']);
  });

  test('says that an output is gone, rather than that it was saved', async () => {
    await choose('west', 'Settings');
    await api('PUT', '/api/outputs', { outputs: ['north'].map(output) });
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await dialog(page).getByText('“west” has been deleted meanwhile').waitFor();
    assert.deepEqual(await named(), ['north']);
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  });

  test('knows nothing of the outputs while the connection is lost', async () => {
    await page.locator('.output-name', { hasText: 'north' }).waitFor();
    const row = page.locator('.output', { hasText: 'north' });
    const said = async () => [await row.getAttribute('data-state'), await row.locator('.output-state').textContent(), await row.locator('.output-rates').textContent(), await page.locator('#outputs-health').textContent()].join();
    await until(async () => /fps/.test(await said()), 'running counters');
    await page.context().setOffline(true);
    await until(async () => (await said()) === 'unknown,Not known,,Not known now', 'nothing to be known');
    await shoot(page, 'wall-outputs-lost');
    await page.context().setOffline(false);
    await until(async () => /fps/.test(await said()), 'running counters again');
  });

  test('adds a strip on the machine itself', async () => {
    await page.getByRole('button', { name: 'Add controller' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('shelf');
    await dialog(page).getByRole('combobox', { name: 'Protocol' }).selectOption('spi');
    await dialog(page).getByRole('combobox', { name: 'LEDs' }).selectOption('apa102');
    assert.equal(await dialog(page).getByRole('textbox', { name: /^Name or address/ }).isVisible(), false);
    await dialog(page).getByRole('textbox', { name: /^Device/ }).fill('spidev0.1');
    await dialog(page).getByRole('spinbutton', { name: /^Clock/ }).fill('4000');
    await shoot(page, 'wall-output-spi');
    await accessible(page, 'the form of a strip');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.locator('.output-name', { hasText: 'shelf' }).waitFor();
    const { protocol, hosts, probe, colour_order: order } = (await api('GET', '/api/outputs')).outputs.find((output) => output.name === 'shelf');
    assert.deepEqual([protocol, hosts, probe.type, order], [{ type: 'spi', chip: 'apa102', clock_khz: 4000 }, ['spidev0.1'], 'none', 'bgr']);
    await page.getByRole('button', { name: 'More for shelf' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.locator('.output-name', { hasText: 'shelf' }).waitFor({ state: 'detached' });
    await page.locator('#toasts').getByRole('button', { name: 'Dismiss' }).last().click();
  });

  test('lights one LED, walks along, shows a pattern and ends it', async () => {
    const card = page.getByRole('region', { name: 'Test pattern' });
    const left = async () => (await api('GET', '/api/status')).player.test_pattern.seconds_left;
    const asked = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/api/identify') && request.method() === 'POST') asked.push(request.postDataJSON());
    });
    await card.getByRole('button', { name: 'Show on the wall' }).click();
    await card.getByText('Goes by itself in').waitFor();
    assert.ok((await left()) > 0);
    await card.getByRole('combobox', { name: 'Pattern' }).selectOption('leds');
    await card.getByRole('spinbutton', { name: 'LED', exact: true }).fill('7');
    await until(async () => asked.at(-1)?.pattern.type === 'leds', 'LED 7');
    await card.getByRole('spinbutton', { name: 'LED', exact: true }).press('ArrowUp');
    await until(async () => asked.at(-1).pattern.first === 7, 'the one after it');
    assert.deepEqual(asked.at(-1), { pattern: { type: 'leds', first: 7, count: 1, colour: '#ffffff' }, seconds: 30, brightness: 0.5 });
    await card.getByRole('spinbutton', { name: 'How many' }).fill('5');
    await card.getByRole('button', { name: 'Show on the wall' }).click();
    await until(async () => asked.at(-1).pattern.count === 5, 'five from there on');
    assert.deepEqual(asked.at(-1).pattern, { type: 'leds', first: 7, count: 5, colour: '#ffffff' });
    await shoot(page, 'wall-identify');
    await card.getByRole('button', { name: 'End it' }).click();
    await until(async () => (await left()) === null, 'it to end');
    await card.getByRole('button', { name: 'End it' }).waitFor({ state: 'hidden' });
  });

  test('looks for controllers, says who has answered, and takes one', async () => {
    // No controller is in the test's network: what it would answer is put into the server's mouth.
    let known = null;
    await page.route('**/api/outputs/find', (route) => route.fulfill({ json: { controllers: [{ name: 'WLED-Foyer', address: '192.0.2.7', host: 'wled-foyer.local', port: 80, output: known }] } }));
    await page.getByRole('button', { name: 'Find controllers' }).click();
    await page.getByText('1 controller has answered.').waitFor();
    await shoot(page, 'wall-find');
    await accessible(page, 'the controllers that were found');
    await dialog(page).getByRole('button', { name: 'Add WLED-Foyer' }).click();
    assert.equal(await dialog(page).getByRole('textbox', { name: /^Name or address/ }).inputValue(), 'wled-foyer.local');
    known = 'WLED-Foyer';
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.getByText('Output “WLED-Foyer”').waitFor();
    await page.unroute('**/api/outputs/find');
    assert.ok((await api('GET', '/api/outputs')).outputs.some((one) => one.name === 'WLED-Foyer' && one.hosts[0] === 'wled-foyer.local'));
    // And really: nobody, or no network.
    await dialog(page).getByRole('button', { name: 'Look again' }).click();
    await page.getByText(/No controller has answered|network cannot be asked/).waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).first().click();
  });

  const tool = (name) => page.locator('.layout-tools').getByRole('button', { name });
  const add = async (kind) => {
    await tool('Add piece').click();
    await page.getByRole('menuitem', { name: kind }).click();
  };

  const inForm = (name) => page.locator('.piece-form').getByRole('spinbutton', { name, exact: true });
  const figures = (...names) => Promise.all(names.map(async (name) => Number(await inForm(name).inputValue())));
  const type = async (name, value) => {
    await inForm(name).fill(String(value));
    await inForm(name).press('Tab');
  };

  test('edits the layout and sends it to the wall', async () => {
    await go(page, 'wall/layout');
    const board = page.locator('.board-canvas');
    await board.waitFor();
    await add('Ring');
    await page.getByRole('spinbutton', { name: 'LEDs' }).fill('36');
    await page.getByRole('spinbutton', { name: 'LEDs' }).blur();
    await board.focus();
    await page.keyboard.press('Shift+ArrowRight');
    const x = page.getByRole('spinbutton', { name: 'Centre, left' });
    assert.equal(await x.inputValue(), '410');
    await tool('Undo').click();
    assert.equal(await x.inputValue(), '400');
    await board.focus();
    await page.keyboard.press('ArrowRight');

    // By pointer: the middle of the ring's top, ten pixels of the canvas to the right.
    const before = Number(await x.inputValue());
    const box = await board.boundingBox();
    const scale = box.width / (CANVAS.width * 1.08);
    const at = { x: box.x + (before + CANVAS.width * 0.04) * scale, y: box.y + box.height / 2 + (240 - 120 - 240) * scale };
    await page.mouse.move(at.x, at.y);
    await page.mouse.down();
    await page.mouse.move(at.x + 40 * scale, at.y, { steps: 4 });
    await page.mouse.up();
    await until(async () => Math.abs(Number(await x.inputValue()) - before - 40) < 1.5, 'the ring to be dragged');
    await shoot(page, 'wall-layout');
    // What the server would not take is said before it is sent.
    for (const _ of [1, 2]) {
      await page.locator('.piece').last().click();
      await page.locator('.piece-head').getByRole('button', { name: 'Remove', exact: true }).click();
    }
    await page.locator('.layout-tools + .form-problem:not(:empty)').waitFor();
    assert.equal(await tool('Send to the wall').isDisabled(), true);
    for (const _ of [1, 2]) await tool('Undo').click();
    await until(() => tool('Send to the wall').isEnabled(), 'the draft to be good again');
    await tool('Send to the wall').click();
    await page.getByText('The wall has the new layout.').waitFor();
    const { pieces } = await api('GET', '/api/layout');
    assert.deepEqual([pieces.at(-1).type, pieces.at(-1).count], ['ring', 36]);
    await page.locator('.piece').last().click();
    await page.getByRole('button', { name: 'Light the piece' }).click();
    await until(async () => (await api('GET', '/api/status')).player.test_pattern.seconds_left !== null, 'the piece to be lit');
    await api('DELETE', '/api/identify');
    await page.getByRole('button', { name: 'Back to the configuration' }).click();
    await dialog(page).getByRole('button', { name: 'Back to the configuration' }).click();
    await until(async () => (await api('GET', '/api/layout')).source !== 'page', 'the layout of the configuration');
  });

  test('keeps a draft, whatever becomes of the connection and the wall meanwhile', async () => {
    const pieces = page.locator('.piece');
    const theirs = { canvas: CANVAS, pieces: [{ type: 'ring', count: 5, centre: [100, 100], radius: 50 }] };
    const onWall = async () => (await api('GET', '/api/layout')).pieces.map(({ type }) => type).join();
    /** What the page has asked for has come and was looked at. */
    const asked = async (act) => {
      const answer = page.waitForResponse((response) => response.url().endsWith('/api/layout') && response.request().method() === 'GET');
      await act();
      await (await answer).finished();
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    };
    await until(async () => (await pieces.count()) === 1, 'the layout of the configuration');
    await add('Ring');
    const leave = async () => {
      await go(page, 'now');
      await go(page, 'wall/layout');
      await until(async () => (await pieces.count()) === 2, 'the draft');
    };
    await leave();
    await page.context().setOffline(true);
    await page.getByText('Connection lost.').waitFor();
    await asked(() => page.context().setOffline(false));
    assert.equal(await pieces.count(), 2);
    await asked(() => api('PUT', '/api/outputs', { outputs: [] }));
    assert.equal(await pieces.count(), 2);
    // Somebody else sends another one: neither is lost.
    await asked(() => api('PUT', '/api/layout', theirs));
    const notice = page.getByText('The wall has got another layout meanwhile.');
    await notice.waitFor();
    await shoot(page, 'wall-layout-meanwhile');
    await accessible(page, 'a layout beside another one');
    await leave();
    await notice.waitFor();
    assert.equal(await pieces.count(), 2);
    await page.getByRole('button', { name: 'Take that one' }).click();
    await notice.waitFor({ state: 'detached' });
    assert.equal(await pieces.count(), 1);
    await tool('Undo').click();
    assert.equal(await pieces.count(), 2);
    await tool('Send to the wall').click();
    await until(async () => (await onWall()) === 'matrix,ring', 'the draft to be on the wall');
    // What was sent can be taken back, and sent again.
    await until(() => tool('Send to the wall').isDisabled(), 'nothing more to send');
    await tool('Undo').click();
    assert.equal(await pieces.count(), 1);
    await tool('Send to the wall').click();
    await until(async () => (await onWall()) === 'matrix', 'the wall to be as it was');
    await api('DELETE', '/api/layout');
  });

  test('numbers pieces on, and has them turned and scaled by hand', async () => {
    const board = page.locator('.board-canvas');
    const numbers = () => page.locator('.piece-facts').allTextContents();
    /** Drags from a place on the canvas to another. */
    const drag = async (from, to) => {
      await board.scrollIntoViewIfNeeded();
      const box = await board.boundingBox();
      const scale = box.width / (CANVAS.width * 1.08);
      const at = ([x, y]) => [box.x + (x + CANVAS.width * 0.04) * scale, box.y + box.height / 2 + (y - CANVAS.height / 2) * scale];
      await page.mouse.move(...at(from));
      await page.mouse.down();
      await page.mouse.move(...at(to), { steps: 4 });
      await page.mouse.up();
    };
    const isNear = async (names, values) => {
      const found = await figures(...names);
      assert.ok(found.every((value, index) => Math.abs(value - values[index]) < 2), `${names}: ${found} rather than ${values}`);
    };
    const ENDS = ['From, left', 'From, top', 'To, left', 'To, top'];
    await until(async () => (await numbers()).join() === '1–3,200', 'the layout of the configuration');
    await add('Strip');
    assert.deepEqual(await figures('LEDs', ...ENDS), [60, 80, 240, 720, 240]);
    await add('Matrix');
    assert.deepEqual(await figures('Columns', 'Rows', 'Left', 'Top', 'Width', 'Height'), [16, 16, 200, 120, 240, 240]);
    assert.deepEqual(await numbers(), ['1–3,200', '3,201–3,260', '3,261–3,516']);
    await page.locator('.piece-form').getByRole('button', { name: 'Number earlier' }).click();
    assert.deepEqual(await numbers(), ['1–3,200', '3,201–3,456', '3,457–3,516']);
    // By the square at its lower right corner, and by its key.
    await drag([440, 360], [320, 240]);
    await isNear(['Left', 'Top', 'Width', 'Height'], [200, 120, 120, 120]);
    await type('Columns', 8);
    await type('Height', 40);
    await board.focus();
    await page.keyboard.press('r');
    await isNear(['Columns', 'Rows', 'Left', 'Top', 'Width', 'Height'], [16, 8, 240, 80, 40, 120]);
    // By the circle above its middle, from there to the right of it.
    await page.locator('.piece').last().click();
    const { width } = await board.boundingBox();
    const above = 240 - 640 / 59 / 2 - (22 * CANVAS.width * 1.08) / width;
    await drag([400, above], [500, 240]);
    assert.deepEqual(await figures(...ENDS), [400, -80, 400, 560]);
    await board.focus();
    await page.keyboard.press('r');
    const [from, to] = turned({ type: 'strip', count: 60, path: [[400, -80], [400, 560]] }, 15, CANVAS).path;
    assert.deepEqual(await figures(...ENDS), [...from, ...to]);
    await shoot(page, 'wall-layout-turned');
    // New pieces fit the canvas that there is.
    await page.getByRole('spinbutton', { name: 'Canvas width' }).fill('400');
    await page.getByRole('spinbutton', { name: 'Canvas width' }).press('Tab');
    await add('Strip');
    assert.deepEqual(await figures(...ENDS), [40, 240, 360, 240]);
    for (let undone = 0; undone < 11; undone += 1) await tool('Undo').click();
    assert.deepEqual(await numbers(), ['1–3,200']);
  });

  test('changes one field of a piece after the other', async () => {
    await add('Matrix');
    for (const [name, value] of [['Columns', 8], ['Rows', 2], ['Left', 100], ['Top', 50], ['Width', 160], ['Height', 40]]) await type(name, value);
    const form = () => figures('Columns', 'Rows', 'Left', 'Top', 'Width', 'Height');
    assert.deepEqual(await form(), [8, 2, 100, 50, 160, 40]);
    assert.equal(await page.locator('.piece-facts').last().textContent(), '3,201–3,216');
    await page.locator('.piece-form').getByRole('button', { name: 'Turn' }).click();
    assert.deepEqual(await form(), [2, 8, 160, -10, 40, 160]);
    // As drawn anew from the draft.
    await page.locator('.piece').first().click();
    await page.locator('.piece').last().click();
    assert.deepEqual(await form(), [2, 8, 160, -10, 40, 160]);
  });

  test('takes points from a file', async () => {
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Add piece' }).click();
    await page.getByRole('menuitem', { name: 'Points from a CSV file' }).click();
    await (await choosing).setFiles({ name: 'leds.csv', mimeType: 'text/csv', buffer: Buffer.from('x,y\n10,10\n20,10\n30,10\n') });
    await page.getByText('3 LEDs are read.').waitFor();
    await page.getByRole('heading', { name: 'Points' }).waitFor();
    // As large as one says, with all its proportions, and where.
    const [left, top, width, height, size] = await figures('Left', 'Top', 'Width', 'Height', 'LED size');
    assert.deepEqual([left, top, width, height], [10 - size / 2, 10 - size / 2, 20 + size, size]);
    await type('Width', width * 3);
    assert.deepEqual(await figures('Left', 'Top', 'Width', 'Height', 'LED size'), [left, top, width * 3, height * 3, size * 3]);
    await type('Height', height);
    await type('Left', 100);
    await type('Top', 50);
    assert.deepEqual(await figures('Left', 'Top', 'Width', 'Height', 'LED size'), [100, 50, width, height, size]);
  });

  test('is accessible, fits a phone, and complained of nothing', async () => {
    await accessible(page, 'layout');
    await page.setViewportSize(PHONE);
    await fits(page, 'layout');
    assert.deepEqual(page.complaints, []);
  });
});

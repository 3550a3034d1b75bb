/** The player: the wall shown as it is lit, and the hands on what plays. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MARGIN } from '../../app/web/ui/page/stage/camera.js';
import { CUT, accessible, dialog, fits, holdEvents, inside, openBrowser, shoot, until, visit } from './browser.mjs';
import { dotsOn, fingerprint } from './picture.mjs';
import { apiOf, startServer, wallOf } from './server.mjs';

for (const webgl of [false, true]) {
  describe(`the player, drawn ${webgl ? 'by WebGL' : 'on a canvas'}`, { concurrency: false }, () => {
    let server, browser, page, api;

    before(async () => {
      server = await startServer();
      api = apiOf(server.origin, await server.token());
      browser = await openBrowser({ webgl });
      page = await visit(browser, server.origin, { expected: CUT });
      await page.goto(server.link);
      await inside(page);
    });
    after(async () => {
      await browser?.close();
      await server?.stop();
    });

    /** What is seen of the wall. */
    const look = async () => page.evaluate(fingerprint, (await page.locator('#preview').screenshot()).toString('base64'));

    test('takes the code out of the address', () => assert.equal(new URL(page.url()).hash.includes('code'), false));

    test('draws as it should', async () => {
      const kind = await page.locator('#preview').evaluate((canvas) => (canvas.getContext('webgl2') ? 'webgl' : canvas.getContext('2d') ? '2d' : 'none'));
      assert.equal(kind, webgl ? 'webgl' : '2d');
    });

    test('shows light that moves', async () => {
      if ((await api('GET', '/api/status')).player.mode !== 'playing') await page.getByRole('button', { name: 'Play', exact: true }).click();
      await until(async () => (await look()).lit > 1000, 'a lit preview');
      const first = await look();
      await until(async () => (await look()).print !== first.print, 'the preview to change');
    });

    test('pauses and plays, by the space bar too', async () => {
      await page.locator('view-now').getByRole('button', { name: 'Pause', exact: true }).click();
      await until(async () => (await api('GET', '/api/status')).player.mode === 'paused', 'the player to pause');
      await page.locator('view-now').getByRole('button', { name: 'Play', exact: true }).waitFor();
      await page.locator('#view').focus();
      await page.keyboard.press('Space');
      await until(async () => (await api('GET', '/api/status')).player.mode === 'playing', 'the player to play');
    });

    test('goes nearer and back, and shows plain dots', async () => {
      await page.locator('view-now').getByRole('button', { name: 'Pause', exact: true }).click();
      await until(async () => (await api('GET', '/api/status')).player.mode === 'paused', 'the player to pause');
      /** A picture that has been the same for so many looks; a slow machine is still drawing the one before for a while. */
      const still = async () => {
        let last = await look();
        let same = 1;
        await until(async () => {
          const now = await look();
          same = now.print === last.print ? same + 1 : 1;
          last = now;
          return same === 4;
        }, 'a picture that stands still');
        return last.print;
      };
      const drawn = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      /** What is seen once something was done and has been drawn. */
      const after = async (act) => {
        await act();
        await drawn();
        return still();
      };
      const press = (key) => after(() => page.keyboard.press(key));
      // With the ring of the focus and the tools beside it, as they will be seen later too.
      await page.locator('#preview').focus();
      // The last light of before the pause has come by the time that it was near once.
      await press('+');
      const whole = await press('0');
      const near = await press('+');
      assert.notEqual(near, whole);
      assert.notEqual(await press('ArrowLeft'), near);
      assert.equal(await press('0'), whole);
      const dots = page.getByRole('button', { name: 'Plain dots' });
      const plain = await after(() => dots.click());
      assert.equal(await dots.getAttribute('aria-pressed'), 'true');
      assert.notEqual(plain, whole);
      await dots.click();
      await page.locator('view-now').getByRole('button', { name: 'Play', exact: true }).click();
    });

    test('sets the brightness', async () => {
      await page.getByRole('slider', { name: 'Brightness' }).fill('100');
      await until(async () => Math.abs((await api('GET', '/api/settings')).brightness - 0.25) < 0.001, 'a quarter of the light');
    });

    test('goes dark at once, while it plays on, whatever the brightness, until somebody wants light again', async () => {
      const now = async () => (await api('GET', '/api/status')).player;
      const { mode, brightness } = await now();
      await page.getByRole('button', { name: 'Blackout' }).click();
      await until(async () => (await now()).blackout, 'no light');
      assert.equal((await now()).mode, mode);
      const back = page.getByRole('button', { name: 'Light again' });
      await back.waitFor();
      assert.equal(await back.getAttribute('aria-pressed'), 'true');
      await shoot(page, `now-blackout-${webgl ? 'webgl' : 'canvas'}`);
      await api('PATCH', '/api/settings', { brightness });
      assert.equal((await now()).blackout, true);
      await back.click();
      await until(async () => !(await now()).blackout, 'light');
      assert.equal((await now()).brightness, brightness);
    });

    test('goes to a place within the item', async () => {
      const { playlist } = (await api('GET', '/api/status')).player;
      const { items } = await api('GET', `/api/playlists/${playlist.id}`);
      const timed = items.find((item) => item.duration_seconds);
      assert.ok(timed, 'the demo has an item of known length');
      await api('POST', '/api/control/jump', { item: timed.id });
      await page.locator('#now-title', { hasText: timed.title }).waitFor();
      await until(async () => page.getByRole('slider', { name: 'Position' }).isEnabled(), 'the bar to be of use');
      await page.getByRole('slider', { name: 'Position' }).fill('500');
      const at = async () => (await api('GET', '/api/status')).player;
      await until(async () => (await at()).item?.id !== timed.id || (await at()).position_seconds >= timed.duration_seconds * 0.45, 'the player to be half-way');
    });

    const now = async () => (await api('GET', '/api/status')).player;
    const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

    test('shows how far it is and how much is left', async () => {
      const { playlist } = await now();
      const [longest] = (await api('GET', `/api/playlists/${playlist.id}`)).items.filter((item) => item.duration_seconds).sort((one, other) => other.duration_seconds - one.duration_seconds);
      await api('POST', '/api/control/jump', { item: longest.id });
      await until(async () => (await now()).item.id === longest.id, 'the item');
      await api('POST', '/api/control/pause');
      await api('POST', '/api/control/seek', { position_seconds: 4.2 });
      await until(async () => Math.abs((await now()).position_seconds - 4.2) < 0.1, 'the place');
      const times = page.locator('.deck-seek .time');
      const { duration_seconds: length } = await now();
      await until(async () => (await times.allTextContents()).join() === `0:04,−${clock(Math.ceil(length - 4.2))}`, 'both to be shown');
      assert.equal(await page.locator('#seek').inputValue(), String(Math.round(4200 / length)));
      await page.locator('view-now').getByRole('button', { name: 'Play', exact: true }).click();
      await until(async () => {
        const [elapsed, left] = (await times.allTextContents()).map((text) => text.replace('−', '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
        return elapsed > 4 && elapsed + left === length;
      }, 'both to go on');
    });

    test('goes on and back, shuffles and repeats', async () => {
      const deck = page.locator('.deck-buttons');
      const button = (name) => deck.getByRole('button', { name, exact: true });
      const { playlist } = await now();
      const { items } = await api('GET', `/api/playlists/${playlist.id}`);
      const modes = async () => {
        const { order, repeat } = await api('GET', `/api/playlists/${playlist.id}`);
        return `${order}, ${repeat}`;
      };
      // So that it goes on by the buttons alone.
      await api('POST', '/api/control/jump', { item: items[1].id });
      await api('POST', '/api/control/pause');
      for (const [name, index] of [['Next', 2], ['Next', 3], ['Previous', 2]]) {
        await button(name).click();
        await until(async () => (await now()).item.id === items[index].id, `item ${index} by “${name}”`);
        await page.locator('.now-context', { hasText: `${index + 1} of ${items.length}` }).waitFor();
      }
      assert.equal(await modes(), 'listed, all');
      await button('Shuffle').click();
      await until(async () => (await modes()) === 'shuffled, all', 'the order to be drawn by lot');
      await page.getByText('The order is drawn by lot.').waitFor();
      assert.equal(await button('Shuffle').getAttribute('aria-pressed'), 'true');
      await button('Shuffle').click();
      await until(async () => (await modes()) === 'listed, all', 'the order of the list');
      for (const [words, then] of [['Repeat: the whole playlist', 'one'], ['Repeat: this item', 'off'], ['Repeat: off', 'all']]) {
        await button(words).click();
        await until(async () => (await modes()) === `listed, ${then}`, `“${words}” to become ${then}`);
      }
      await button('Repeat: the whole playlist').waitFor();
      await button('Play').click();
      await until(async () => (await now()).mode === 'playing', 'the player to play');
    });

    test('says what is next once that is known', async () => {
      const mine = await visit(browser, server.origin);
      await mine.context().addCookies(await page.context().cookies());
      const release = await holdEvents(mine);
      await mine.goto(server.origin);
      const queue = mine.getByRole('region', { name: 'Up next' });
      await until(async () => (await mine.locator('wall-stage').evaluate((stage) => stage.dataset.leds)) === '3,200', 'the wall');
      assert.equal(await queue.innerText(), 'Up next');
      release();
      await queue.getByRole('button').first().waitFor();
      await mine.close();
    });

    test('opens the reasons of the health', async () => {
      const line = page.locator('.health-line');
      await line.locator('summary').click();
      await line.locator('.health-reasons li').first().waitFor({ state: 'visible' });
      await shoot(page, `now-health-${webgl ? 'webgl' : 'canvas'}`);
    });

    test('says that the connection is lost, at once where the browser knows, and comes back by itself', async () => {
      // Little is drawn, so that its clock is never behind.
      const mine = await visit(browser, server.origin, { expected: CUT, reducedMotion: 'reduce' });
      await mine.context().addCookies(await page.context().cookies());
      await mine.clock.install();
      await mine.goto(server.origin);
      await inside(mine);
      const health = mine.locator('#health');
      const line = mine.locator('.health-line');
      const elapsed = mine.locator('.deck-seek .time').first();
      await until(async () => (await health.getAttribute('data-state')) !== 'unknown', 'the health');
      await api('POST', '/api/control/next');
      await until(async () => (await elapsed.textContent()) !== '0:00', 'time that goes on');
      // No time goes by, so that it is not the silence that tells.
      await mine.clock.pauseAt(Date.now() + 2000);
      // On a machine that never had a network a browser does not say that it has lost it.
      const knows = await mine.evaluate(() => navigator.onLine);
      await mine.context().setOffline(true);
      if (!knows) await mine.evaluate(() => dispatchEvent(new Event('offline')));
      const lost = mine.getByText('Connection lost.');
      await lost.waitFor({ state: 'visible' });
      assert.equal(await health.getAttribute('data-state'), 'unknown');
      assert.deepEqual([await line.getAttribute('data-state'), await line.locator('.health-words').textContent()], ['unknown', 'Not known now']);
      const at = await elapsed.textContent();
      await mine.clock.runFor(3000);
      assert.equal(await elapsed.textContent(), at, 'nobody knows whether it plays on');
      await shoot(mine, `now-lost-${webgl ? 'webgl' : 'canvas'}`);
      await health.click();
      await dialog(mine).getByText('This is how it was before the connection was lost.').waitFor();
      await mine.keyboard.press('Escape');
      await mine.clock.resume();
      await mine.context().setOffline(false);
      await lost.waitFor({ state: 'hidden' });
      await until(async () => (await health.getAttribute('data-state')) !== 'unknown', 'the health');
      await until(async () => (await line.getAttribute('data-state')) !== 'unknown', 'the line of the health');
      await until(async () => (await elapsed.textContent()) !== at, 'time that goes on');
      assert.deepEqual(mine.complaints, []);
      await mine.close();
    });

    test('is accessible, fits a phone, and complained of nothing', async () => {
      await accessible(page, 'now');
      await fits(page, 'now');
      assert.deepEqual(page.complaints, []);
    });
  });
}

describe('a wall of 10,000 LEDs', { concurrency: false }, () => {
  let server, browser, page, api;

  before(async () => {
    server = await startServer({ config: wallOf(100, 100) });
    api = apiOf(server.origin, await server.token());
    browser = await openBrowser();
    page = await visit(browser, server.origin);
    await page.goto(server.link);
    await inside(page);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const light = (first, count) => api('POST', '/api/identify', { pattern: { type: 'leds', first, count, colour: '#ff0000' }, brightness: 1, seconds: 600 });
  /** @param {import('playwright-core').Page} [of] */
  const dots = (of = page) => of.locator('#preview').evaluate(dotsOn);
  /** The one LED that is lit, once it has been drawn as it will be. */
  const dot = async (of = page) => {
    await of.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const [one, ...more] = await dots(of);
    assert.ok(one && !more.length, `one LED is lit, and ${more.length} more`);
    return one;
  };
  /** Asserts where it is, to half an LED's breadth or so. */
  const isAt = (one, x, y, what) => assert.ok(Math.hypot(one.x - x, one.y - y) < 0.005, `${what}: at ${one.x}, ${one.y} rather than ${x}, ${y}`);

  test('is drawn whole, each LED of it', async () => {
    await until(async () => (await page.locator('wall-stage').evaluate((stage) => stage.dataset.leds)) === '10,000', 'all LEDs');
    await page.getByRole('button', { name: 'Plain dots' }).click();
    await light(0, 10_000);
    await until(async () => (await dots()).length === 10_000, 'each LED to be a dot of its own');
    await light(1234, 4567);
    await until(async () => (await dots()).length === 4567, 'those that are lit now, and no others');
  });

  test('shows an LED in its colour, where it is', async () => {
    // Along the 44th row the wire runs back.
    await light(4334, 1);
    await until(async () => (await dots()).length === 1, 'one LED');
    const one = await dot();
    const { width, height } = await page.locator('#preview').boundingBox();
    const wall = Math.min(width, height) / (1 + 2 * MARGIN);
    isAt(one, 0.5 + ((0.655 - 0.5) * wall) / width, 0.5 + ((0.435 - 0.5) * wall) / height, 'LED 4334');
    const [red, green, blue] = one.colour;
    assert.ok(red > 240 && green < 30 && blue < 30, `red, not ${one.colour}`);
  });

  test('goes nearer by wheel where the pointer is, and is dragged', async () => {
    const box = await page.locator('#preview').boundingBox();
    const before = await dot();
    const [x, y] = [box.x + before.x * box.width, box.y + before.y * box.height];
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, -100);
    assert.deepEqual(await dot(), before, 'without Ctrl the page scrolls');
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -300);
    await page.keyboard.up('Control');
    await until(async () => (await dot()).size > before.size * 5, 'the LED to be near');
    const near = await dot();
    isAt(near, before.x, before.y, 'what is under the pointer');
    await page.mouse.down();
    await page.mouse.move(x - 60, y + 40, { steps: 3 });
    await page.mouse.up();
    const dragged = await dot();
    isAt(dragged, near.x - 60 / box.width, near.y + 40 / box.height, 'what was dragged');
    await page.mouse.move(x, y, { steps: 3 });
    assert.deepEqual(await dot(), dragged, 'it was let go');
    await page.getByRole('button', { name: 'Show the whole wall' }).click();
    assert.deepEqual(await dot(), before);
    // Let go outside, and near only then.
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, box.y + box.height + 100, { steps: 3 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    const held = await dot();
    await page.mouse.move(x, y);
    await page.mouse.move(x - 60, y, { steps: 3 });
    assert.deepEqual(await dot(), held, 'no button is held down');
    await page.getByRole('button', { name: 'Show the whole wall' }).click();
  });

  test('goes nearer by two fingers, while one scrolls the page', async () => {
    const phone = await visit(browser, server.origin, { viewport: { width: 390, height: 600 }, hasTouch: true });
    await phone.context().addCookies(await page.context().cookies());
    await phone.goto(server.origin);
    await inside(phone);
    await until(async () => (await dots(phone)).length === 1, 'the LED');
    const before = await dot(phone);
    const { x, y, width, height } = await phone.locator('#preview').boundingBox();
    const session = await phone.context().newCDPSession(phone);
    const [left, top] = [x + width * before.x, y + height * before.y];
    /** Fingers from places to others, in pixels from the LED. */
    const drag = async (...ways) => {
      const at = (step) => ways.map(([from, to], id) => ({ id, x: left + from[0] + (to[0] - from[0]) * step, y: top + from[1] + (to[1] - from[1]) * step }));
      await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
      for (const step of [0.2, 0.4, 0.6, 0.8, 1]) await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(step) });
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    const whole = phone.getByRole('button', { name: 'Show the whole wall' });
    const scrolled = () => phone.evaluate(() => [document.scrollingElement.scrollTop, visualViewport.scale].join());
    await drag([[-20, 0], [-60, 0]], [[20, 0], [60, 0]]);
    await until(async () => (await dot(phone)).size > before.size * 5, 'the LED to be near');
    const near = await dot(phone);
    isAt(near, before.x, before.y, 'what is between the fingers');
    await drag([[0, 20], [30, -20]]);
    isAt(await dot(phone), near.x + 30 / width, near.y - 40 / height, 'what was dragged');
    await whole.click();
    assert.deepEqual(await dot(phone), before);
    // Of two that go up and down only one moves.
    await drag([[0, 0], [0, 0]], [[0, 20], [0, 60]]);
    await until(async () => (await dot(phone)).size > before.size * 5, 'the LED to be near again');
    assert.equal(await scrolled(), '0,1');
    await whole.click();
    assert.deepEqual(await dot(phone), before);
    await drag([[0, 20], [0, -60]]);
    await until(async () => Number.parseInt(await scrolled(), 10) > 0, 'the page to be scrolled');
    assert.deepEqual(await dot(phone), before);
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  test('complained of nothing', () => assert.deepEqual(page.complaints, []));
});

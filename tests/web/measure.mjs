/**
 * What the page takes of the machine, in figures: how long until it can be used by a browser that has none of it yet, how
 * many frames of the preview are drawn a second, what one takes of the page's thread, and the server's processor time
 * meanwhile. The first two are worth something only on a machine that does nothing else; the other two are processor time.
 * Nothing passes or fails. Run it as `node tests/web/measure.mjs`, with PRISMATRON_BIN naming a release build.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inside, openBrowser, visit } from './browser.mjs';
import { startServer, wallOf } from './server.mjs';

const LOOK_MS = 10_000;
const LOADS = 7;
const ticks = Number(execFileSync('getconf', ['CLK_TCK']));

for (const config of [undefined, wallOf(100, 100)]) await measure(config);

/** @param {string} [config] of another wall than the usual one */
async function measure(config) {
  const server = await startServer({ config });
  /** Seconds of processor time that the server has used. */
  const used = () => {
    // Fields 14 and 15, of which the third is the first after the name.
    const [user, system] = readFileSync(`/proc/${server.pid()}/stat`, 'utf8').split(') ').at(-1).split(' ').slice(11);
    return (Number(user) + Number(system)) / ticks;
  };
  /** @type {import('playwright-core').Cookie[]} */
  let cookies = [];
  for (const webgl of [false, true]) {
    const browser = await openBrowser({ webgl });
    const page = await visit(browser, server.origin);
    const link = webgl ? server.origin : server.link;
    if (webgl) await page.context().addCookies(cookies);
    await page.goto(link);
    await inside(page);
    await page.locator('#play:not(:disabled)').waitFor();
    cookies = await page.context().cookies();
    await page.waitForTimeout(2000);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    /** Seconds of processor time that the page's thread has worked. */
    const worked = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
    const painted = () => page.locator('wall-stage').evaluate((stage) => stage.painted);
    const [frames, seconds, before] = [await painted(), used(), await worked()];
    await page.waitForTimeout(LOOK_MS);
    const drawn = (await painted()) - frames;
    const fps = drawn / (LOOK_MS / 1000);
    const each = ((await worked()) - before) / Math.max(1, drawn);
    const share = (used() - seconds) / (LOOK_MS / 1000);
    const leds = await page.locator('wall-stage').evaluate((stage) => stage.dataset.leds);
    await page.close();
    const loads = [];
    for (let load = 0; load < LOADS; load += 1) loads.push(await usable(browser, server.origin, cookies));
    loads.sort((one, other) => one - other);
    const [least, median, most] = [0, LOADS >> 1, LOADS - 1].map((at) => Math.round(loads[at]));
    console.log(`${webgl ? 'WebGL in software' : 'canvas'}: usable after ${median} ms (${least} to ${most}); ${leds} LEDs at ${fps.toFixed(1)} frames a second, ${(each * 1000).toFixed(1)} ms of the page's thread each; server ${(share * 100).toFixed(1)} % of a core, decoding and mapping included`);
    await browser.close();
  }
  await server.stop();
}

/**
 * How long after it was asked for the page takes commands, in ms: by somebody who is signed in, with nothing of it kept.
 * @param {import('playwright-core').Browser} browser @param {string} origin @param {import('playwright-core').Cookie[]} cookies
 */
async function usable(browser, origin, cookies) {
  const page = await visit(browser, origin);
  await page.context().addCookies(cookies);
  await page.addInitScript(() => {
    // By the page's own clock: asking from outside takes longer than what is measured.
    const look = setInterval(() => {
      if (!document.querySelector('#play:not(:disabled)')) return;
      window.usableAfter = performance.now();
      clearInterval(look);
    }, 5);
  });
  await page.goto(origin);
  await page.waitForFunction(() => window.usableAfter, undefined, { polling: 200 });
  const after = await page.evaluate(() => window.usableAfter);
  await page.close();
  return after;
}

/**
 * What the page takes of the machine, in figures: how long until it can be used, how many frames of the preview are drawn
 * a second, what one takes of the page's thread, and the server's processor time meanwhile. The first two are worth
 * something only on a machine that does nothing else; the other two are processor time. Nothing passes or fails. Run it
 * as `node tests/web/measure.mjs`, with PRISMATRON_BIN naming a release build.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inside, openBrowser, visit } from './browser.mjs';
import { startServer, wallOf } from './server.mjs';

const LOOK_MS = 10_000;
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
    cookies = await page.context().cookies();
    await page.reload();
    await inside(page);
    await page.locator('#play:not(:disabled)').waitFor();
    const ready = await page.evaluate(() => performance.now());
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
    console.log(`${webgl ? 'WebGL in software' : 'canvas'}: usable after ${Math.round(ready)} ms at most; ${leds} LEDs at ${fps.toFixed(1)} frames a second, ${(each * 1000).toFixed(1)} ms of the page's thread each; server ${(share * 100).toFixed(1)} % of a core, decoding and mapping included`);
    await browser.close();
  }
  await server.stop();
}

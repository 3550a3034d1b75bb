/**
 * Debian's Chromium, and what every test asks of a page in it: no complaint on its console, no request to anybody else,
 * nothing that sticks out of a phone, nothing that axe finds.
 *
 * Environment: CHROMIUM, the browser's path where it is not /usr/bin/chromium. SCREENSHOTS, a folder for pictures.
 * PRISMATRON_UI, a folder whose files are served in place of those in the binary, to try the page without building.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
export const SIZES = { desktop: DESKTOP, phone: PHONE };
const FLAGS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Nothing here takes this long unless it hangs. */
export const PATIENCE_MS = 90_000;
const KINDS = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' };
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @param {{webgl?: boolean}} [how] drawn by a graphics processor, or what passes for one here */
export function openBrowser({ webgl = false } = {}) {
  const graphics = webgl ? ['--enable-unsafe-swiftshader'] : ['--disable-gpu', '--disable-3d-apis'];
  // What is served by the test comes from no address, and may not open a connection to one.
  if (process.env.PRISMATRON_UI) graphics.push('--disable-features=LocalNetworkAccessChecks');
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, timeout: PATIENCE_MS, args: [...FLAGS, ...graphics] });
}

/**
 * A page of somebody at a browser of their own.
 * @param {import('playwright-core').Browser} browser
 * @param {string} origin of the server
 * @param {import('playwright-core').BrowserContextOptions & {expected?: RegExp}} [options] `expected` are complaints that the test brings about
 */
export async function visit(browser, origin, { expected, ...options } = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, colorScheme: 'dark', locale: 'en-GB', reducedMotion: 'no-preference', ...options });
  if (process.env.PRISMATRON_UI) await serveFrom(context, process.env.PRISMATRON_UI);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const text = `${message.text()} (${message.location().url})`;
    // Before it is signed in the page asks who it is, and 401 is the answer it expects.
    const asked = message.location().url === `${origin}/api/session` && text.includes('401');
    if (!asked && !expected?.test(text)) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  /** @param {{url: () => string}} to */
  const goesTo = (to) => {
    const { protocol, host } = new URL(to.url());
    if (!['blob:', 'data:'].includes(protocol) && host !== new URL(origin).host) complaints.push(`went to ${to.url()}`);
  };
  page.on('request', goesTo);
  page.on('websocket', goesTo);
  return Object.assign(page, { complaints, close: () => context.close() });
}

/** @param {import('playwright-core').BrowserContext} context @param {string} folder */
async function serveFrom(context, folder) {
  await context.route((url) => !url.pathname.startsWith('/api/'), async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = path.join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return route.fulfill({ status: 404 });
    const policy = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    return route.fulfill({ body: readFileSync(file), contentType: KINDS[path.extname(file)] ?? 'text/plain', headers: { 'Content-Security-Policy': policy } });
  });
}

/** Polls until `probe` holds. @param {() => Promise<unknown>} probe @param {string} what */
export async function until(probe, what) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await probe())) {
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A picture of the page, where pictures are wanted. @param {import('playwright-core').Page} page @param {string} name */
export async function shoot(page, name) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** Nothing sticks out. @param {import('playwright-core').Page} page @param {string} what */
export async function fits(page, what) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${what}: ${wide} px wide on ${window}`);
}

/** Nothing that axe finds. @param {import('playwright-core').Page} page @param {string} what */
export async function accessible(page, what) {
  await page.evaluate(`${axe}; undefined`);
  const violations = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
  });
  assert.deepEqual(violations, [], what);
}

/** Goes to a view by its name in the address. @param {import('playwright-core').Page} page @param {string} name */
export async function go(page, name) {
  await page.evaluate((hash) => (location.hash = hash), `#/${name}`);
  await page.locator(`view-${name.split('/')[0]}`).waitFor();
}

/** Signed in, with the first view there. @param {import('playwright-core').Page} page */
export const inside = (page) => page.locator('#app').waitFor({ state: 'visible' });

/** The dialog that is on top. @param {import('playwright-core').Page} page */
export const dialog = (page) => page.getByRole('dialog').last();

/** Keeps back what the live connection says, until what is returned is called. @param {import('playwright-core').Page} page */
export async function holdEvents(page) {
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  await page.routeWebSocket('**/api/events', (socket) => {
    socket.connectToServer().onMessage((message) => held.then(() => socket.send(message)));
  });
  return release;
}

/** Keeps back the answers to what is asked there, until what is returned is called. @param {import('playwright-core').Page} page @param {string} pattern */
export async function holdAnswers(page, pattern) {
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  await page.route(pattern, async (route) => {
    await held;
    await route.continue();
  });
  return async () => {
    release();
    await page.unrouteAll({ behavior: 'wait' });
  };
}

/** @param {import('playwright-core').Page} page @param {string} name @param {string} password */
export async function signIn(page, name, password) {
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** What is refused, and lost with the connection, is said on the console too, rightly. */
export const REFUSED = /status of (401|409|412|422|429)/;
export const CUT = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|ERR_FAILED|WebSocket connection/;
/** Where there is no network controllers cannot be looked for. */
export const NO_NETWORK = /status of 503 .*\/api\/outputs\/find/;

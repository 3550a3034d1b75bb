/**
 * Debian's Firefox and WebKitGTK, by WebDriver: what a page does in an engine that is not Chromium's.
 *
 * WebKitGTK is the engine of Safari in the only shape of it that runs on Linux; its small browser needs a screen, which
 * Xvfb is. Environment: GECKODRIVER, Mozilla's driver where it is not on the path.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Builder, By, error } from 'selenium-webdriver';
import firefox from 'selenium-webdriver/firefox.js';
import { PATIENCE_MS, until } from './browser.mjs';

const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const STEPS = 5;

/** @typedef {import('selenium-webdriver').WebDriver} Driver */

/** Starts an engine; what it needs beside itself ends with it. @type {Record<string, () => Promise<Engine>>} */
export const ENGINES = {
  async Firefox() {
    const options = new firefox.Options().addArguments('-headless').setBinary('/usr/bin/firefox-esr');
    options.setPreference('intl.accept_languages', 'en-GB');
    const builder = new Builder().forBrowser('firefox').setFirefoxOptions(options);
    // Otherwise Selenium looks for one on the network.
    const driver = process.env.GECKODRIVER ?? found('geckodriver');
    return Engine.of(await builder.setFirefoxService(new firefox.ServiceBuilder(driver)).build(), []);
  },
  async WebKit() {
    const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const display = await new Promise((resolve, reject) => {
      screen.on('error', reject);
      screen.stdio[3]?.once('data', (text) => resolve(String(text).trim()));
    });
    const port = await freePort();
    const driver = spawn('WebKitWebDriver', [`--port=${port}`], { stdio: 'ignore', env: { ...process.env, DISPLAY: `:${display}`, LANGUAGE: 'en_GB' } });
    const beside = [driver, screen];
    const wanted = { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': { binary: MINI_BROWSER, args: ['--automation'] } };
    const listens = () => fetch(`http://127.0.0.1:${port}/status`).then((answer) => answer.ok, () => false);
    const built = until(listens, 'WebKit’s driver').then(() => new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(wanted).build());
    return Engine.of(await built.catch((problem) => end(beside, problem)), beside);
  },
};

/** @param {import('node:child_process').ChildProcess[]} beside @param {unknown} problem */
function end(beside, problem) {
  for (const one of beside) one.kill();
  throw problem;
}

/** A program on the path. @param {string} name */
function found(name) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const file = folders.map((folder) => path.join(folder, name)).find((one) => existsSync(one));
  if (!file) throw new Error(`there is no ${name} on the path`);
  return file;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

export class Engine {
  /** @param {Driver} driver @param {import('node:child_process').ChildProcess[]} beside */
  constructor(driver, beside) {
    this.driver = driver;
    this.beside = beside;
  }

  /** @param {Driver} driver @param {import('node:child_process').ChildProcess[]} beside */
  static async of(driver, beside) {
    await driver.manage().setTimeouts({ script: PATIENCE_MS });
    return new Engine(driver, beside);
  }

  async close() {
    try {
      await this.driver.quit();
    } finally {
      for (const one of this.beside) one.kill();
    }
  }

  /** Opens a page that writes down what goes wrong in it from now on. @param {string} address */
  async open(address) {
    await this.driver.get(address);
    await this.do(() => {
      performance.setResourceTimingBufferSize(10_000);
      const note = (what) => (document.documentElement.dataset.complaints = `${document.documentElement.dataset.complaints ?? ''}${what}\n`);
      addEventListener('error', ({ message, filename }) => note(`${message} (${filename})`));
      addEventListener('unhandledrejection', ({ reason }) => note(String(reason)));
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => note(`${violatedDirective}: ${blockedURI}`));
    });
  }

  /** What went wrong in the page, and where it went that is not the server. @returns {Promise<string[]>} */
  async complaints() {
    return this.do(() => {
      const elsewhere = performance.getEntriesByType('resource').map(({ name }) => new URL(name)).filter(({ protocol, host }) => !['blob:', 'data:'].includes(protocol) && host !== location.host);
      return [...(document.documentElement.dataset.complaints ?? '').split('\n').filter(Boolean), ...elsewhere.map(String)];
    });
  }

  /** Runs a function in the page, and waits for what it returns. @param {Function} work @param {...unknown} given */
  do(work, ...given) {
    const text = `const done = arguments[arguments.length - 1]; Promise.resolve((${work})(...[...arguments].slice(0, -1))).then(done, (error) => done({ thrown: String(error) }));`;
    return this.driver.executeAsyncScript(text, ...given).then((answer) => {
      if (answer?.thrown) throw new Error(answer.thrown);
      return answer;
    });
  }

  /** The first that is seen of a CSS selector, and has this text where one is given. @param {string} selector @param {string | RegExp} [text] */
  async find(selector, text) {
    let found;
    await until(async () => {
      for (const one of await this.driver.findElements(By.css(selector))) {
        // One that was taken away meanwhile is none.
        const words = await one.isDisplayed().then((seen) => (seen ? one.getProperty('textContent') : null)).catch(() => null);
        if (words !== null && (text === undefined || (typeof text === 'string' ? words.trim() === text : text.test(words)))) found = one;
        if (found) return true;
      }
      return false;
    }, `${selector}${text === undefined ? '' : ` with ${text}`}`);
    return found;
  }

  /** Clicks one as soon as there is one; the page may draw it anew meanwhile. @param {string} selector @param {string | RegExp} [text] */
  async press(selector, text) {
    // Until a dialog that has done its work is closed, it lies on top.
    const isPassing = (problem) => problem instanceof error.StaleElementReferenceError || problem instanceof error.ElementClickInterceptedError;
    await until(async () => (await this.find(selector, text)).click().then(() => true, (problem) => !isPassing(problem) && Promise.reject(problem)), `a click on ${selector}`);
  }

  /** Presses a key where the focus is put. @param {string} selector @param {string} key */
  async key(selector, key) {
    await this.do((where) => document.querySelector(where).focus(), selector);
    await this.driver.actions().sendKeys(key).perform();
  }

  /** Drags by a mouse from the middle of one to somewhat below the middle of another. @param {string} from a CSS selector, as `to` @param {string} to */
  async drag(from, to) {
    const [start, end] = await this.do((selectors) => selectors.map((one) => {
      const { left, top, width, height } = document.querySelector(one).getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2, height };
    }), [from, to]);
    const by = end.y + end.height * 0.3 - start.y;
    const hand = this.driver.actions().move({ x: Math.round(start.x), y: Math.round(start.y) }).press();
    for (let step = 1; step <= STEPS; step += 1) hand.move({ x: Math.round(start.x), y: Math.round(start.y + (by * step) / STEPS), duration: 50 });
    await hand.release().perform();
  }
}

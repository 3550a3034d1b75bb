/** A Prismatron of the test's own: the real binary on loopback, with a data folder that goes with it. */

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const binary = process.env.PRISMATRON_BIN ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'debug/prismatron');
const PATIENCE_MS = 60_000;

/** A configuration of a wall with so many LEDs. @param {number} columns @param {number} rows */
export const wallOf = (columns, rows) => `(layout: (canvas: (800, 800), pieces: [Matrix(columns: ${columns}, rows: ${rows}, serpentine: true)]))`;

/**
 * Starts it and waits until it can be reached.
 * @param {{config?: string}} [of] what stands in its configuration
 */
export async function startServer({ config } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'prismatron-web-'));
  const data = path.join(folder, 'data');
  const args = ['--data-dir', data];
  if (config) {
    const file = path.join(folder, 'prismatron.ron');
    await writeFile(file, config);
    args.push('--config', file);
  }
  /** @type {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} */
  let child;
  let said = '';
  let log = '';
  /** @param {string} listen @returns {Promise<string>} the link that signs in */
  const launch = (listen) => {
    said = '';
    child = spawn(binary, ['serve', '--listen', listen, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.on('data', (text) => (log += text));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no sign-in link:\n${said}\n${log}`)), PATIENCE_MS);
      child.on('exit', (code) => reject(new Error(`it ended with ${code}:\n${log}`)));
      child.stdout.on('data', (text) => {
        said += text;
        const found = /http:\/\/\S*#code=\S+/.exec(said);
        if (!found) return;
        clearTimeout(late);
        resolve(found[0]);
      });
    });
  };
  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    child.removeAllListeners('exit');
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill(signal)) await gone;
  };
  const link = await launch('127.0.0.1:0');
  const { origin, host } = new URL(link);
  return {
    origin,
    /** Signs in once. */
    link,
    /** The code that makes the first account. @returns {string} */
    claim: () => /^\s*claim\s+(\S+)/m.exec(said)?.[1] ?? '',
    /** A token of an admin's, for what the test asks by itself. */
    token: async () => (await promisify(execFile)(binary, ['token', '--data-dir', data])).stdout.trim(),
    pid: () => child.pid,
    /** The folder of its data. */
    data,
    log: () => log,
    /** Ends it as a power cut does. */
    crash: () => end('SIGKILL'),
    /** Starts it once more, at the same address and with the same data. */
    startAgain: () => launch(host),
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The API, asked by the test itself with a token.
 * @param {string} origin @param {string} token
 */
export function apiOf(origin, token) {
  /** @param {string} method @param {string} route @param {unknown} [body] @param {Record<string, string>} [headers] */
  return async (method, route, body, headers = {}) => {
    const answer = await fetch(`${origin}${route}`, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers }, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}

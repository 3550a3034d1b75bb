/** Pictures and films made for the tests: real PNG files of noise, which hardly compresses, and what ffmpeg makes. */

import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as zlib from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(checksum(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** CRC-32; Node before 20.15 has none. @param {Buffer} data */
function checksum(data) {
  if ('crc32' in zlib) return zlib.crc32(data);
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * An RGB picture of random pixels, about `3 × width × height` bytes long.
 * @param {number} width @param {number} height
 */
export function noisePng(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const line = 1 + 3 * width;
  const pixels = randomFillSync(Buffer.alloc(line * height));
  for (let row = 0; row < height; row += 1) pixels[row * line] = 0;
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', zlib.deflateSync(pixels, { level: 0 })), chunk('IEND', Buffer.alloc(0))]);
}

/** Two seconds of a test picture that moves all the time. @param {string} name whose ending says which format */
export function filmOf(name) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'prismatron-film-'));
  const file = path.join(folder, name);
  const video = name.endsWith('.mp4') ? ['-pix_fmt', 'yuv420p'] : [];
  execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=duration=2:size=160x96:rate=10', ...video, file]);
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}

/**
 * The stock `tus-js-client` against the server: a picture of some 30 MB, cut off half-way, found again, sent to
 * its end; what the library then holds is what was sent, byte for byte.
 */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as tus from 'tus-js-client';
import { noisePng } from './media.mjs';
import { startServer } from './server.mjs';

const PIECE = 2 * 1024 * 1024;

describe('tus-js-client', { concurrency: false }, () => {
  let server, base, headers;
  const name = `tus-${Date.now()}.png`;
  const picture = noisePng(4096, 2560);
  let folder, file, store;

  before(async () => {
    server = await startServer();
    base = server.origin;
    headers = { Authorization: `Bearer ${await server.token()}` };
    folder = await mkdtemp(path.join(os.tmpdir(), 'prismatron-tus-'));
    file = path.join(folder, name);
    await writeFile(file, picture);
    store = new tus.FileUrlStorage(path.join(folder, 'urls.json'));
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await server?.stop();
  });

  const options = () => ({
    endpoint: `${base}/api/uploads`,
    headers,
    chunkSize: PIECE,
    retryDelays: [200, 1000, 3000],
    metadata: { filename: name, filetype: 'image/png' },
    urlStorage: store,
    storeFingerprintForResuming: true,
    removeFingerprintOnSuccess: true,
  });

  test('is cut off half-way', async () => {
    const sent = await new Promise((resolve, reject) => {
      const upload = new tus.Upload(createReadStream(file), {
        ...options(),
        onError: reject,
        onSuccess: () => reject(new Error('the upload ended before it could be cut off')),
        onProgress: (bytes) => {
          // In the middle of a piece, so that the server is left with part of a request.
          if (bytes < picture.length / 2 + PIECE / 3) return;
          upload.abort().then(() => resolve(bytes), reject);
        },
      });
      upload.start();
    });
    assert.ok(sent < picture.length);
  });

  test('is found again and goes on, not from the start', async () => {
    const seen = [];
    const last = await new Promise((resolve, reject) => {
      /** @type {string | undefined} */
      let media;
      const upload = new tus.Upload(createReadStream(file), {
        ...options(),
        onError: reject,
        onProgress: (bytes) => seen.push(bytes),
        onAfterResponse: (_request, response) => {
          media = response.getHeader('Prismatron-Media') ?? media;
        },
        onSuccess: () => resolve(media),
      });
      upload.findPreviousUploads().then((previous) => {
        assert.equal(previous.length, 1, 'the client remembers the upload that was cut off');
        upload.resumeFromPreviousUpload(previous[0]);
        upload.start();
      }).catch(reject);
    });
    assert.ok(seen[0] >= PIECE, `it went on at ${seen[0]}, not from the start`);
    assert.match(String(last), /^[0-9a-f]{16}$/, 'the last answer names the medium');

    const entry = await (await fetch(`${base}/api/media/${last}`, { headers })).json();
    assert.equal(entry.name, name);
    assert.equal(entry.bytes, picture.length);
    assert.deepEqual([entry.width, entry.height], [4096, 2560]);

    const answer = await fetch(`${base}/api/media/${last}/file`, { headers });
    assert.equal(answer.status, 200);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(picture), 'the bytes are those that were sent');

    const gone = await fetch(`${base}/api/media/${last}`, { method: 'DELETE', headers });
    assert.equal(gone.status, 204);
  });

  test('a file that is no picture is refused with a reason', async () => {
    const error = await new Promise((resolve, reject) => {
      const upload = new tus.Upload(Buffer.from('this is no picture at all'), {
        ...options(),
        storeFingerprintForResuming: false,
        retryDelays: [],
        metadata: { filename: 'refused.png' },
        onError: resolve,
        onSuccess: () => reject(new Error('it was taken')),
      });
      upload.start();
    });
    assert.equal(error.originalResponse?.getStatus(), 422);
    assert.ok(JSON.parse(error.originalResponse.getBody()).detail);
  });
});

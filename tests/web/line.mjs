/** A line between a page and the machine, which is as slow as is asked for, and may be cut or go dead. */

import { once } from 'node:events';
import net from 'node:net';

/** @param {string} origin of the machine */
export async function lineTo(origin) {
  const { port } = new URL(origin);
  /** @type {Set<net.Socket>} */
  const ends = new Set();
  let [cut, dead, rate] = [false, false, Infinity];
  const drop = () => {
    for (const end of ends) end.destroy();
  };
  const listener = net.createServer((near) => {
    if (cut) return near.destroy();
    const far = net.connect(Number(port), '127.0.0.1');
    for (const [end, other] of [[near, far], [far, near]]) {
      ends.add(end);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        ends.delete(end);
        other.destroy();
      });
    }
    far.on('data', (bytes) => dead || near.write(bytes));
    near.on('data', (bytes) => {
      near.pause();
      if (dead) return;
      far.write(bytes, () => setTimeout(() => near.resume(), (bytes.length / rate) * 1000));
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = /** @type {net.AddressInfo} */ (listener.address());
  return {
    origin: `http://127.0.0.1:${address.port}`,
    /** From now on no more of what a page sends goes through. @param {number} bytes a second */
    limit: (bytes) => (rate = bytes),
    cut() {
      cut = true;
      drop();
    },
    /** Nothing goes through any more, and nobody is told. */
    kill: () => (dead = true),
    /** What was open while it was dead is not known to it any more. */
    mend() {
      if (dead) drop();
      cut = dead = false;
    },
    async close() {
      drop();
      listener.close();
      await once(listener, 'close');
    },
  };
}

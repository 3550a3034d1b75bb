/** A line between a page and the machine, which is as slow as is asked for and may be cut. */

import { once } from 'node:events';
import net from 'node:net';

/** @param {string} origin of the machine */
export async function lineTo(origin) {
  const { port } = new URL(origin);
  /** @type {Set<net.Socket>} */
  const ends = new Set();
  let [cut, rate] = [false, Infinity];
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
    far.pipe(near);
    near.on('data', (bytes) => {
      near.pause();
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
      for (const end of ends) end.destroy();
    },
    mend: () => (cut = false),
    async close() {
      this.cut();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** Work that may be asked for while earlier work is still waiting for its answer. */

/** One thing after the other: each begins once the one before has ended, however it did. */
export function queue() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

/** The same thing, of which the newest state alone counts: once at a time, and once more where it was asked for meanwhile. */
export class Newest {
  isRunning = false;
  #isAsked = false;
  #work;

  /** @param {() => Promise<unknown>} work which reports for itself what goes wrong */
  constructor(work) {
    this.#work = work;
  }

  async run() {
    this.#isAsked = true;
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.#isAsked) {
      this.#isAsked = false;
      await this.#work();
    }
    this.isRunning = false;
  }
}

/**
 * Asks for what may be asked for again before it is answered: an answer that comes after a newer one is not taken.
 * @template T
 * @param {() => Promise<T>} ask @param {(answer: T) => void} take
 */
export function newestAnswer(ask, take) {
  let [asked, taken] = [0, 0];
  return async () => {
    asked += 1;
    const mine = asked;
    const answer = await ask();
    if (mine < taken) return;
    taken = mine;
    take(answer);
  };
}

/** A value that tells its listeners when it is replaced. */

/** @template T */
export class Signal {
  /** Whether it has been replaced yet: until then nothing is known. */
  isKnown = false;
  /** @type {Set<(value: T) => void>} */
  #listeners = new Set();
  /** @type {T} */
  #value;

  /** @param {T} value */
  constructor(value) {
    this.#value = value;
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    this.isKnown = true;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  /**
   * Calls `listener` now and after each change, until `gone`.
   * @param {(value: T) => void} listener
   * @param {AbortSignal} [gone]
   */
  follow(listener, gone) {
    if (gone?.aborted) return;
    this.#listeners.add(listener);
    gone?.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
    listener(this.#value);
  }
}

/** A value that tells its listeners when it is replaced. */

/** @template T */
export class Signal {
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
    this.#value = value;
    for (const listener of this.#listeners) listener(value);
  }

  /**
   * Calls `listener` now and after each change.
   * @param {(value: T) => void} listener
   */
  follow(listener) {
    this.#listeners.add(listener);
    listener(this.#value);
  }
}

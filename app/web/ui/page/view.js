/** What every view is: an element that is filled when it comes onto the page and lets go of all it follows when it leaves. */

export class View extends HTMLElement {
  #gone = new AbortController();

  connectedCallback() {
    this.#gone = new AbortController();
    this.show(this.#gone.signal);
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.replaceChildren();
  }

  /**
   * Fills the view. What it listens to elsewhere ends with `gone`.
   * @param {AbortSignal} gone
   */
  show(gone) {
    gone.throwIfAborted();
  }

  /**
   * Shows a part of the view: what follows its name in the address, `logs` in `#/system/logs`.
   * @param {string} part
   */
  open(part) {
    this.dataset.part = part;
  }
}

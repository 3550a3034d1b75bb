/**
 * Moves rows of a list by their handle: with mouse, pen or finger through pointer events, and with the arrow keys.
 * Rows part to show where the dragged one will land; near the edge of the window the page scrolls along;
 * Escape puts it back.
 */

const EDGE_PX = 72;
const SCROLL_PX = 14;

/**
 * @param {HTMLElement} list whose children are the rows, each with a `.handle`
 * @param {{drop: (order: string[], from: number, to: number) => void, begin?: () => void, end?: () => void}} listener `drop`
 *   gets the rows by their `data-item`, as they stood when the move began, and the place in them that one had and shall
 *   have; it is not called when nothing moved
 */
export function makeReorderable(list, listener) {
  list.addEventListener('pointerdown', (event) => {
    const handle = /** @type {Element} */ (event.target).closest('.handle');
    const row = handle?.closest('li');
    if (!(handle instanceof HTMLElement) || !row || row.parentElement !== list || event.button !== 0) return;
    event.preventDefault();
    handle.focus({ preventScroll: true });
    listener.begin?.();
    const order = orderOf(list);
    new Drag(list, row, handle, event, (from, to) => {
      listener.end?.();
      if (from !== to) listener.drop(order, from, to);
    });
  });
  list.addEventListener('keydown', (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const handle = /** @type {Element} */ (event.target).closest('.handle');
    const row = handle?.closest('li');
    if (!step || !row) return;
    event.preventDefault();
    const from = [...list.children].indexOf(row);
    const to = from + step;
    if (to >= 0 && to < list.children.length) listener.drop(orderOf(list), from, to);
  });
}

/** @param {HTMLElement} list */
const orderOf = (list) => Array.from(list.children, (row) => /** @type {HTMLElement} */ (row).dataset.item ?? '');

class Drag {
  #stop = new AbortController();
  #scrollStep = 0;

  /**
   * @param {HTMLElement} list @param {HTMLElement} row @param {HTMLElement} handle @param {PointerEvent} event
   * @param {(from: number, to: number) => void} done
   */
  constructor(list, row, handle, event, done) {
    this.row = row;
    this.done = done;
    this.rows = /** @type {HTMLElement[]} */ ([...list.children]);
    this.from = this.rows.indexOf(row);
    this.to = this.from;
    // Places within the document, so that they hold while it scrolls.
    // Found once: a dragged row itself makes its list overflow.
    this.scroller = scrollerOf(list);
    this.tops = this.rows.map((one) => one.getBoundingClientRect().top + this.scroller.scrollTop);
    this.heights = this.rows.map((one) => one.offsetHeight);
    this.list = list;
    this.startY = event.clientY + this.scroller.scrollTop;
    this.y = event.clientY;
    row.classList.add('is-dragged');
    list.classList.add('is-sorting');
    const { signal } = this.#stop;
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', (move) => this.#move(move.clientY), { signal });
    handle.addEventListener('pointerup', () => this.#end(this.to), { signal });
    handle.addEventListener('pointercancel', () => this.#end(this.from), { signal });
    handle.addEventListener('lostpointercapture', () => this.#end(this.from), { signal });
    addEventListener('keydown', (key) => {
      if (key.key !== 'Escape') return;
      key.preventDefault();
      this.#end(this.from);
    }, { signal, capture: true });
    const roll = () => {
      if (signal.aborted) return;
      if (this.#scrollStep) {
        this.scroller.scrollBy({ top: this.#scrollStep, behavior: 'instant' });
        this.#place();
      }
      requestAnimationFrame(roll);
    };
    requestAnimationFrame(roll);
  }

  /** @param {number} y */
  #move(y) {
    this.y = y;
    const box = this.scroller === document.scrollingElement ? { top: 0, bottom: innerHeight } : this.scroller.getBoundingClientRect();
    this.#scrollStep = y < box.top + EDGE_PX ? -SCROLL_PX : y > box.bottom - EDGE_PX ? SCROLL_PX : 0;
    this.#place();
  }

  #place() {
    const shift = this.y + this.scroller.scrollTop - this.startY;
    const height = this.heights[this.from] ?? 0;
    const middle = (this.tops[this.from] ?? 0) + shift + height / 2;
    const centre = (/** @type {number} */ i) => (this.tops[i] ?? 0) + (this.heights[i] ?? 0) / 2;
    this.to = this.from;
    while (this.to > 0 && middle < centre(this.to - 1) + height / 2 - 4) this.to -= 1;
    while (this.to < this.rows.length - 1 && middle > centre(this.to + 1) - height / 2 + 4) this.to += 1;
    this.rows.forEach((one, i) => {
      let by = 0;
      if (i === this.from) by = shift;
      else if (i > this.from && i <= this.to) by = -height;
      else if (i < this.from && i >= this.to) by = height;
      one.style.transform = by ? `translateY(${by}px)` : '';
    });
  }

  /** @param {number} to */
  #end(to) {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.row.classList.remove('is-dragged');
    this.list.classList.remove('is-sorting');
    for (const one of this.rows) one.style.transform = '';
    this.done(this.from, to);
  }
}

/** What scrolls the list: itself or a parent where it has a height of its own, else the page. @param {HTMLElement} list */
function scrollerOf(list) {
  for (let one = /** @type {HTMLElement | null} */ (list); one; one = one.parentElement) {
    if (one.scrollHeight > one.clientHeight && ['auto', 'scroll'].includes(getComputedStyle(one).overflowY)) return one;
  }
  return document.scrollingElement ?? document.documentElement;
}

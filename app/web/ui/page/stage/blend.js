/** The way from one item to the next as the player reckons it: light of each LED, in linear light. */

/** @import { Transition } from '../types.js' */

/** Soft edges between the places where the edge of a wipe begins and ends. */
const EDGES = 8;

/** Progress at a time from 0 to 1. @type {Record<NonNullable<Transition['easing']>, (t: number) => number>} */
const EASED = { linear: (t) => t, in: (t) => t * t, out: (t) => t * (2 - t), in_out: (t) => t * t * (3 - 2 * t) };

/**
 * @param {Transition} way @param {number} time from 0 to 1
 * @param {Uint8Array} from @param {Uint8Array} to r, g, b per LED
 * @param {Float32Array} leds x, y, width, height per LED @param {{width: number, height: number}} size of the canvas
 */
export function blend(way, time, from, to, leds, size) {
  if (way.type === 'cut') return to;
  const progress = EASED[way.easing ?? 'in_out'](Math.min(1, Math.max(0, time)));
  const share = shareOf(way, progress, leds, size);
  const out = new Uint8Array(to.length);
  for (let at = 0; at < out.length; at += 1) {
    const [a = 0, b = 0] = [from[at], to[at]];
    if (way.type === 'fade_through_black') out[at] = progress < 0.5 ? a * (1 - 2 * progress) : b * (2 * progress - 1);
    else {
      const amount = share(Math.floor(at / 3));
      out[at] = a + (b - a) * amount;
    }
  }
  return out;
}

/**
 * How much of the next item an LED shows.
 * @param {Transition} way @param {number} progress @param {Float32Array} leds @param {{width: number, height: number}} size
 * @returns {(led: number) => number}
 */
function shareOf(way, progress, leds, size) {
  if (way.type !== 'wipe') return () => progress;
  const direction = way.direction ?? 'right';
  const isAcross = direction === 'right' || direction === 'left';
  const isBack = direction === 'left' || direction === 'up';
  const width = 1 / EDGES;
  return (led) => {
    const place = isAcross ? (leds[led * 4] ?? 0) / size.width : (leds[led * 4 + 1] ?? 0) / size.height;
    const at = (isBack ? 1 - place : place) * (1 - width);
    return Math.min(1, Math.max(0, (progress - at) * EDGES));
  };
}

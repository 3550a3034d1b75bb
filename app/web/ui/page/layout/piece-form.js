/** The fields of one piece of the layout. */

/** @import { Piece } from '../types.js' */
/** @import { Key } from '../words.js' */
/** @import { Box, Size } from './geometry.js' */
import { el } from '../dom.js';
import { icon } from '../icons.js';
import { field, number, select, toggle } from '../parts/form.js';
import { t } from '../words.js';
import { boxOf, ledsOf, moved, scaled, turned } from './geometry.js';

/**
 * @param {Piece} given @param {Size} canvas
 * @param {{change: (piece: Piece) => void, remove: () => void, order: (step: number) => void}} hand
 * @returns {HTMLElement[]}
 */
export function pieceForm(given, canvas, hand) {
  /** As it is by now: a field changes it, and the next one that as well. */
  const piece = { ...given };
  /** @type {(() => void)[]} */
  const shown = [];
  /** @param {Piece} next */
  const change = (next) => {
    Object.assign(piece, next);
    for (const show of shown) show();
    hand.change(next);
  };
  /** @param {string} label @param {() => number} read @param {(value: number) => Piece} made @param {{min?: number, max?: number, step?: number | 'any'}} [of] */
  const figure = (label, read, made, { min = -100000, max = 100000, step = 'any' } = {}) => {
    const input = number({ min, max, step, value: '' });
    shown.push(() => (input.value = String(Math.round(read() * 100) / 100)));
    input.addEventListener('change', () => {
      if (input.reportValidity()) change(made(Number(input.value)));
    });
    return field(label, input);
  };
  /** @param {string} label @param {[string, string][]} options @param {() => string} read @param {(value: string) => Piece} made */
  const choice = (label, options, read, made) => {
    const input = select(options, '');
    shown.push(() => (input.value = read()));
    input.addEventListener('change', () => change(made(input.value)));
    return field(label, input);
  };
  /** @param {import('../icons.js').IconName} symbol @param {string} words @param {() => void} run */
  const button = (symbol, words, run) => el('button', { type: 'button', class: 'button-icon small', 'aria-label': words, title: words, onclick: run }, icon(symbol));
  const whole = { min: 1, max: 100000, step: 1 };
  const form = [
    el(
      'header',
      { class: 'piece-head' },
      el('h3', {}, t(`piece.${piece.type}`)),
      button('up', t('layout.earlier'), () => hand.order(-1)),
      button('down', t('layout.later'), () => hand.order(1)),
      button('restart', t('layout.turn'), () => change(turned(piece, piece.type === 'matrix' ? 90 : 15, canvas))),
      button('bin', t('item.remove'), hand.remove),
    ),
    el('div', { class: 'fields' }, fields()),
  ];
  for (const show of shown) show();
  return form;

  function fields() {
    switch (piece.type) {
      case 'matrix': {
        const origin = () => piece.origin ?? [0, 0];
        const extent = () => piece.extent ?? [canvas.width, canvas.height];
        const serpentine = toggle(t('piece.serpentine'), piece.serpentine ?? false);
        serpentine.input.addEventListener('change', () => change({ ...piece, serpentine: serpentine.input.checked }));
        return [
          figure(t('piece.columns'), () => piece.columns, (columns) => ({ ...piece, columns }), whole),
          figure(t('piece.rows'), () => piece.rows, (rows) => ({ ...piece, rows }), whole),
          figure(t('piece.x'), () => origin()[0] ?? 0, (x) => ({ ...piece, origin: [x, origin()[1] ?? 0] })),
          figure(t('piece.y'), () => origin()[1] ?? 0, (y) => ({ ...piece, origin: [origin()[0] ?? 0, y] })),
          figure(t('piece.width'), () => extent()[0] ?? 0, (width) => ({ ...piece, extent: [width, extent()[1] ?? 0] }), { min: 1 }),
          figure(t('piece.height'), () => extent()[1] ?? 0, (height) => ({ ...piece, extent: [extent()[0] ?? 0, height] }), { min: 1 }),
          choice(
            t('piece.start'),
            [['top_left', t('corner.top_left')], ['top_right', t('corner.top_right')], ['bottom_left', t('corner.bottom_left')], ['bottom_right', t('corner.bottom_right')]],
            () => piece.start ?? 'top_left',
            (value) => ({ ...piece, start: /** @type {'top_left'} */ (value) }),
          ),
          choice(t('piece.along'), [['rows', t('along.rows')], ['columns', t('along.columns')]], () => piece.along ?? 'rows', (value) => ({ ...piece, along: /** @type {'rows'} */ (value) })),
          serpentine.control,
        ];
      }
      case 'strip': {
        const end = piece.path.length - 1;
        /** @param {Key} label @param {number} which @param {0 | 1} axis */
        const bend = (label, which, axis) =>
          figure(t(label), () => piece.path[which]?.[axis] ?? 0, (value) => ({ ...piece, path: piece.path.map((point, index) => (index === which ? point.with(axis, value) : point)) }));
        return [
          figure(t('piece.count'), () => piece.count, (count) => ({ ...piece, count }), whole),
          bend('piece.from-x', 0, 0),
          bend('piece.from-y', 0, 1),
          bend('piece.to-x', end, 0),
          bend('piece.to-y', end, 1),
        ];
      }
      case 'ring':
        return [
          figure(t('piece.count'), () => piece.count, (count) => ({ ...piece, count }), whole),
          figure(t('piece.radius'), () => piece.radius, (radius) => ({ ...piece, radius }), { min: 1 }),
          figure(t('piece.centre-x'), () => piece.centre[0] ?? 0, (x) => ({ ...piece, centre: [x, piece.centre[1] ?? 0] })),
          figure(t('piece.centre-y'), () => piece.centre[1] ?? 0, (y) => ({ ...piece, centre: [piece.centre[0] ?? 0, y] })),
          figure(t('piece.start-degrees'), () => piece.start_degrees ?? 0, (value) => ({ ...piece, start_degrees: value }), { min: -360, max: 360 }),
          choice(t('piece.turn'), [['clockwise', t('turn.clockwise')], ['anticlockwise', t('turn.anticlockwise')]], () => piece.turn ?? 'clockwise', (value) => ({ ...piece, turn: /** @type {'clockwise'} */ (value) })),
        ];
      case 'points': {
        const box = () => boxOf(ledsOf(piece, canvas));
        const footprint = () => piece.footprint ?? 8;
        /** Points keep their proportions, and their size with them. @param {number} times @param {Box} of */
        const resized = (times, { left, top }) => scaled({ ...piece, footprint: footprint() }, times, [left, top], canvas);
        return [
          figure(t('piece.x'), () => box().left, (x) => moved(piece, x - box().left, 0, canvas)),
          figure(t('piece.y'), () => box().top, (y) => moved(piece, 0, y - box().top, canvas)),
          figure(t('piece.width'), () => box().right - box().left, (width) => resized(width / (box().right - box().left), box()), { min: 1 }),
          figure(t('piece.height'), () => box().bottom - box().top, (height) => resized(height / (box().bottom - box().top), box()), { min: 1 }),
          figure(t('piece.footprint'), footprint, (side) => ({ ...piece, footprint: side }), { min: 0.1 }),
        ];
      }
    }
  }
}

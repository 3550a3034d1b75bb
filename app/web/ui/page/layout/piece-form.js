/** The fields of one piece of the layout. */

/** @import { Piece } from '../types.js' */
/** @import { Size } from './geometry.js' */
import { el } from '../dom.js';
import { icon } from '../icons.js';
import { field, number, select, toggle } from '../parts/form.js';
import { t } from '../words.js';
import { turned } from './geometry.js';

/**
 * @param {Piece} piece @param {Size} canvas
 * @param {{change: (piece: Piece) => void, remove: () => void, order: (step: number) => void}} hand
 * @returns {HTMLElement[]}
 */
export function pieceForm(piece, canvas, hand) {
  /** @param {string} label @param {number} value @param {(value: number) => Piece} made @param {{min?: number, max?: number, step?: number | 'any'}} [of] */
  const figure = (label, value, made, { min = -100000, max = 100000, step = 'any' } = {}) => {
    const input = number({ min, max, step, value: Math.round(value * 100) / 100 });
    input.addEventListener('change', () => {
      if (input.reportValidity()) hand.change(made(Number(input.value)));
    });
    return field(label, input);
  };
  /** @param {string} label @param {[string, string][]} options @param {string} value @param {(value: string) => Piece} made */
  const choice = (label, options, value, made) => {
    const input = select(options, value);
    input.addEventListener('change', () => hand.change(made(input.value)));
    return field(label, input);
  };
  /** @param {import('../icons.js').IconName} symbol @param {string} words @param {() => void} run */
  const button = (symbol, words, run) => el('button', { type: 'button', class: 'button-icon small', 'aria-label': words, title: words, onclick: run }, icon(symbol));
  const whole = { min: 1, max: 100000, step: 1 };
  return [
    el(
      'header',
      { class: 'piece-head' },
      el('h3', {}, t(`piece.${piece.type}`)),
      button('up', t('layout.earlier'), () => hand.order(-1)),
      button('down', t('layout.later'), () => hand.order(1)),
      button('restart', t('layout.turn'), () => hand.change(turned(piece, piece.type === 'matrix' ? 90 : 15, canvas))),
      button('bin', t('item.remove'), hand.remove),
    ),
    el('div', { class: 'fields' }, fields()),
  ];

  function fields() {
    switch (piece.type) {
      case 'matrix': {
        const [x = 0, y = 0] = piece.origin ?? [0, 0];
        const [w = 0, h = 0] = piece.extent ?? [canvas.width, canvas.height];
        const serpentine = toggle(t('piece.serpentine'), piece.serpentine ?? false);
        serpentine.input.addEventListener('change', () => hand.change({ ...piece, serpentine: serpentine.input.checked }));
        return [
          figure(t('piece.columns'), piece.columns, (columns) => ({ ...piece, columns }), whole),
          figure(t('piece.rows'), piece.rows, (rows) => ({ ...piece, rows }), whole),
          figure(t('piece.x'), x, (value) => ({ ...piece, origin: [value, y] })),
          figure(t('piece.y'), y, (value) => ({ ...piece, origin: [x, value] })),
          figure(t('piece.width'), w, (value) => ({ ...piece, extent: [value, h] }), { min: 1 }),
          figure(t('piece.height'), h, (value) => ({ ...piece, extent: [w, value] }), { min: 1 }),
          choice(
            t('piece.start'),
            [['top_left', t('corner.top_left')], ['top_right', t('corner.top_right')], ['bottom_left', t('corner.bottom_left')], ['bottom_right', t('corner.bottom_right')]],
            piece.start ?? 'top_left',
            (value) => ({ ...piece, start: /** @type {'top_left'} */ (value) }),
          ),
          choice(t('piece.along'), [['rows', t('along.rows')], ['columns', t('along.columns')]], piece.along ?? 'rows', (value) => ({ ...piece, along: /** @type {'rows'} */ (value) })),
          serpentine.control,
        ];
      }
      case 'strip': {
        const [from, to] = [piece.path[0] ?? [0, 0], piece.path.at(-1) ?? [0, 0]];
        /** @param {number} which @param {number} axis @param {number} value @returns {Piece} */
        const bent = (which, axis, value) => ({ ...piece, path: piece.path.map((point, index) => (index === which ? (axis ? [point[0] ?? 0, value] : [value, point[1] ?? 0]) : point)) });
        const end = piece.path.length - 1;
        return [
          figure(t('piece.count'), piece.count, (n) => ({ ...piece, count: n }), whole),
          figure(t('piece.from-x'), from[0] ?? 0, (value) => bent(0, 0, value)),
          figure(t('piece.from-y'), from[1] ?? 0, (value) => bent(0, 1, value)),
          figure(t('piece.to-x'), to[0] ?? 0, (value) => bent(end, 0, value)),
          figure(t('piece.to-y'), to[1] ?? 0, (value) => bent(end, 1, value)),
        ];
      }
      case 'ring': {
        const [x = 0, y = 0] = piece.centre;
        return [
          figure(t('piece.count'), piece.count, (n) => ({ ...piece, count: n }), whole),
          figure(t('piece.radius'), piece.radius, (radius) => ({ ...piece, radius }), { min: 1 }),
          figure(t('piece.centre-x'), x, (value) => ({ ...piece, centre: [value, y] })),
          figure(t('piece.centre-y'), y, (value) => ({ ...piece, centre: [x, value] })),
          figure(t('piece.start-degrees'), piece.start_degrees ?? 0, (value) => ({ ...piece, start_degrees: value }), { min: -360, max: 360 }),
          choice(t('piece.turn'), [['clockwise', t('turn.clockwise')], ['anticlockwise', t('turn.anticlockwise')]], piece.turn ?? 'clockwise', (value) => ({ ...piece, turn: /** @type {'clockwise'} */ (value) })),
        ];
      }
      case 'points':
        return [figure(t('piece.footprint'), piece.footprint ?? 8, (footprint) => ({ ...piece, footprint }), { min: 0.1 })];
    }
  }
}

/**
 * Where the LEDs of a piece are, and a piece moved, turned or scaled: the server's own reckoning once more, so that the
 * editor can draw what is being dragged. A test holds the two against each other.
 */

/** @import { Piece, Point } from '../types.js' */

/** @typedef {{width: number, height: number}} Size */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/**
 * x, y, width and height of each LED, in number order.
 * @param {Piece} piece @param {Size} canvas
 * @returns {Float32Array}
 */
export function ledsOf(piece, canvas) {
  switch (piece.type) {
    case 'matrix':
      return matrix(piece, canvas);
    case 'strip':
      return strip(piece);
    case 'ring':
      return ring(piece);
    case 'points':
      return flat(piece.at.map(([x, y]) => [x, y]), piece.footprint ?? 8);
  }
}

/** How many LEDs a piece has. @param {Piece} piece */
export function countOf(piece) {
  return piece.type === 'matrix' ? piece.columns * piece.rows : piece.type === 'points' ? piece.at.length : piece.count;
}

/** @param {number[][]} centres @param {number} side */
function flat(centres, side) {
  const leds = new Float32Array(centres.length * 4);
  centres.forEach(([x, y], index) => leds.set([x ?? 0, y ?? 0, side, side], index * 4));
  return leds;
}

/** @param {Extract<Piece, {type: 'matrix'}>} piece @param {Size} canvas */
function matrix({ columns, rows, origin, extent, along, start, serpentine }, canvas) {
  const [left, top] = pair(origin ?? [0, 0]);
  const [width, height] = pair(extent ?? [canvas.width, canvas.height]);
  const cell = { width: width / columns, height: height / rows };
  const byRows = along !== 'columns';
  const [lines, line] = byRows ? [rows, columns] : [columns, rows];
  const leds = new Float32Array(columns * rows * 4);
  for (let across = 0; across < lines; across += 1) {
    for (let i = 0; i < line; i += 1) {
      const step = serpentine && across % 2 === 1 ? line - 1 - i : i;
      let [column, row] = byRows ? [step, across] : [across, step];
      if (start?.endsWith('right')) column = columns - 1 - column;
      if (start?.startsWith('bottom')) row = rows - 1 - row;
      leds.set([left + (column + 0.5) * cell.width, top + (row + 0.5) * cell.height, cell.width, cell.height], (across * line + i) * 4);
    }
  }
  return leds;
}

/** @param {Extract<Piece, {type: 'strip'}>} piece */
function strip({ path, count, footprint }) {
  const points = path.map(pair);
  const lengths = points.slice(1).map((to, i) => Math.hypot(to[0] - (points[i]?.[0] ?? 0), to[1] - (points[i]?.[1] ?? 0)));
  const total = lengths.reduce((sum, one) => sum + one, 0);
  const [first, spacing] = count === 1 ? [total / 2, total] : [0, total / (count - 1)];
  const centres = [];
  let segment = 0;
  let behind = 0;
  for (let i = 0; i < count; i += 1) {
    const along = first + spacing * i;
    while (segment < lengths.length - 1 && along > behind + (lengths[segment] ?? 0)) {
      behind += lengths[segment] ?? 0;
      segment += 1;
    }
    const [from, to] = [points[segment] ?? [0, 0], points[segment + 1] ?? [0, 0]];
    const share = lengths[segment] ? Math.min(1, (along - behind) / (lengths[segment] ?? 1)) : 0;
    centres.push([from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]);
  }
  return flat(centres, footprint ?? spacing);
}

/** @param {Extract<Piece, {type: 'ring'}>} piece */
function ring({ centre, radius, count, start_degrees: start = 0, turn, footprint }) {
  const [x, y] = pair(centre);
  const way = turn === 'anticlockwise' ? -1 : 1;
  const centres = [];
  for (let i = 0; i < count; i += 1) {
    const angle = (start / 180) * Math.PI + (way * 2 * Math.PI * i) / count;
    centres.push([x + radius * Math.sin(angle), y - radius * Math.cos(angle)]);
  }
  return flat(centres, footprint ?? (radius * 2 * Math.PI) / count);
}

/** @param {Point} point @returns {[number, number]} */
const pair = (point) => [point[0] ?? 0, point[1] ?? 0];

/** @param {Float32Array} leds @returns {Box} */
export function boxOf(leds) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let at = 0; at < leds.length; at += 4) {
    const [x = 0, y = 0, w = 0, h = 0] = leds.subarray(at, at + 4);
    box.left = Math.min(box.left, x - w / 2);
    box.right = Math.max(box.right, x + w / 2);
    box.top = Math.min(box.top, y - h / 2);
    box.bottom = Math.max(box.bottom, y + h / 2);
  }
  return box;
}

/**
 * A piece with each of its points put elsewhere, and its lengths made so many times as long.
 * @param {Piece} piece @param {(point: Point) => Point} place @param {number} times @param {Size} canvas
 * @returns {Piece}
 */
function placed(piece, place, times, canvas) {
  const footprint = piece.type === 'matrix' || piece.footprint === null || piece.footprint === undefined ? {} : { footprint: round(piece.footprint * times) };
  switch (piece.type) {
    case 'matrix': {
      const [width, height] = pair(piece.extent ?? [canvas.width, canvas.height]);
      return { ...piece, origin: place(piece.origin ?? [0, 0]), extent: [round(width * times), round(height * times)] };
    }
    case 'strip':
      return { ...piece, ...footprint, path: piece.path.map(place) };
    case 'ring':
      return { ...piece, ...footprint, centre: place(piece.centre), radius: round(piece.radius * times) };
    case 'points':
      return { ...piece, ...footprint, at: piece.at.map(place) };
  }
}

/** To hundredths of a pixel: finer only makes the numbers long. @param {number} value */
const round = (value) => Math.round(value * 100) / 100;

/** @param {Piece} piece @param {number} dx @param {number} dy @param {Size} canvas */
export const moved = (piece, dx, dy, canvas) => placed(piece, ([x = 0, y = 0]) => [round(x + dx), round(y + dy)], 1, canvas);

/** Made so many times as large about a point. @param {Piece} piece @param {number} times @param {Point} about @param {Size} canvas */
export function scaled(piece, times, about, canvas) {
  const [ax, ay] = pair(about);
  return placed(piece, ([x = 0, y = 0]) => [round(ax + (x - ax) * times), round(ay + (y - ay) * times)], times, canvas);
}

/** @type {Record<string, 'top_left' | 'top_right' | 'bottom_right' | 'bottom_left'>} */
const NEXT_CORNER = { top_left: 'top_right', top_right: 'bottom_right', bottom_right: 'bottom_left', bottom_left: 'top_left' };

/**
 * Turned clockwise about its middle. A matrix stands square on the canvas: it turns by quarters.
 * @param {Piece} piece @param {number} degrees @param {Size} canvas
 * @returns {Piece}
 */
export function turned(piece, degrees, canvas) {
  const box = boxOf(ledsOf(piece, canvas));
  const [ax, ay] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  if (piece.type === 'matrix') {
    let turnedPiece = piece;
    for (let quarter = (((Math.round(degrees / 90) % 4) + 4) % 4); quarter > 0; quarter -= 1) {
      const [width, height] = pair(turnedPiece.extent ?? [canvas.width, canvas.height]);
      turnedPiece = {
        ...turnedPiece,
        columns: turnedPiece.rows,
        rows: turnedPiece.columns,
        origin: [round(ax - height / 2), round(ay - width / 2)],
        extent: [height, width],
        start: NEXT_CORNER[turnedPiece.start ?? 'top_left'],
        along: turnedPiece.along === 'columns' ? 'rows' : 'columns',
      };
    }
    return turnedPiece;
  }
  if (piece.type === 'ring') {
    const start = (piece.start_degrees ?? 0) + degrees;
    return { ...piece, start_degrees: round(((((start + 180) % 360) + 360) % 360) - 180) };
  }
  const [sin, cos] = [Math.sin((degrees / 180) * Math.PI), Math.cos((degrees / 180) * Math.PI)];
  return placed(piece, ([x = 0, y = 0]) => [round(ax + (x - ax) * cos - (y - ay) * sin), round(ay + (x - ax) * sin + (y - ay) * cos)], 1, canvas);
}

/**
 * A table of LEDs as the server reads it: semicolons, tabs and spaces separate columns as commas do.
 * @param {string} text
 */
export function csvOf(text) {
  return text.split(/\r?\n/).map((line) => line.trim().split(/[;,\t ]+/).join(',')).join('\n');
}

/**
 * Turns drawn strokes into the 64 numbers that a network trained on
 * scikit-learn's digits expects. Pure: plain arrays in, plain arrays out.
 *
 * That set (UCI "optical recognition of handwritten digits") was normalised by
 * NIST's form software before its 32x32 bitmaps were counted in 4x4 blocks.
 * Its 1797 pictures show the rules, and these functions repeat them:
 *   - every digit is 32 rows tall and, whatever its class, about 20 columns
 *     wide: the aspect is *not* kept, except for a bare "1";
 *   - it is sheared until the leftmost ink of its top row stands above the
 *     leftmost ink of its bottom row;
 *   - strokes are thickened or thinned until about 300 of 1024 pixels are ink.
 *
 * @typedef {[number, number]} Point   x to the right, y down, any unit
 * @typedef {Point[]} Stroke           a polyline; one point is a dot
 */

/** Blocks per row and per column of what the network sees. */
export const GRID = 8;
/** Pixels per row and per column of the bitmap that is counted. */
export const SIDE = 32;

const BLOCK = SIDE / GRID;
const WIDTH = 20; // of the box that the digit is stretched to
const INSET = 2.5; // half a stroke: keeps the ink inside the box
const MAX_STRETCH = 1.5; // of the width, relative to the height
const THIN = 0.33; // width / height under which a digit is a bare line
const EDGE_BAND = 0.07; // part of the height that counts as top or bottom row
const SHEAR_SHARE = 0.8; // of the shear that would align the edges fully
const MAX_SHEAR = 0.6;
const INK = 300; // pixels of 1024
const RADIUS = { min: 1.5, max: 4 }; // of the strokes, in pixels

/**
 * The 64 features, row by row, each the count 0..16 of inked pixels in a block.
 * @param {Stroke[]} strokes
 * @returns {number[] | null} null when there is no ink
 */
export function features(strokes) {
  const points = dots(strokes);
  return points.length === 0 ? null : blockCounts(bitmap(fit(shear(points))));
}

/**
 * The strokes as a dense row of points, close enough to stand for the lines.
 * @param {Stroke[]} strokes
 * @returns {Point[]}
 */
export function dots(strokes) {
  const box = bounds(strokes.flat());
  const step = Math.max(box.width, box.height) / 48;
  /** @type {Point[]} */
  const points = [];
  for (const stroke of strokes) {
    stroke.forEach(([x, y], i) => {
      const [fromX, fromY] = stroke[i - 1] ?? [x, y];
      const pieces = Math.max(1, Math.ceil(Math.hypot(x - fromX, y - fromY) / step || 0));
      for (let k = 1; k <= pieces; k++) {
        points.push([fromX + ((x - fromX) * k) / pieces, fromY + ((y - fromY) * k) / pieces]);
      }
    });
  }
  return points;
}

/**
 * Slides each row sideways, so that the left edges of top and bottom come
 * (nearly) above each other.
 * @param {Point[]} points
 * @returns {Point[]}
 */
export function shear(points) {
  const { top, bottom, height } = bounds(points);
  if (height === 0) return points;
  const left = (/** @type {(y: number) => boolean} */ inBand) =>
    bounds(points.filter(([, y]) => inBand(y))).left;
  const above = left((y) => y <= top + EDGE_BAND * height);
  const below = left((y) => y >= bottom - EDGE_BAND * height);
  const slope = clamp((SHEAR_SHARE * (below - above)) / height, -MAX_SHEAR, MAX_SHEAR);
  return points.map(([x, y]) => [x - slope * (y - top), y]);
}

/**
 * Stretches the points to the box and centres them in the bitmap.
 * @param {Point[]} points
 * @returns {Point[]} in pixels
 */
export function fit(points) {
  const box = bounds(points);
  // A dash or a dot has no height to stretch.
  const height = Math.max(box.height, THIN * box.width) || 1;
  const scaleY = (SIDE - 2 * INSET) / height;
  const stretch = box.width < THIN * height ? 1 : MAX_STRETCH;
  const scaleX = Math.min((WIDTH - 2 * INSET) / (box.width || 1e-9), stretch * scaleY);
  const centreX = box.left + box.width / 2;
  const centreY = box.top + box.height / 2;
  return points.map(([x, y]) => [
    SIDE / 2 + (x - centreX) * scaleX,
    SIDE / 2 + (y - centreY) * scaleY,
  ]);
}

/**
 * Inks the pixels nearest to the points, with the stroke width that brings
 * the ink closest to the usual amount.
 * @param {Point[]} points in pixels
 * @returns {Uint8Array} 32x32, row by row, 1 is ink
 */
export function bitmap(points) {
  const distance = Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = (i % SIDE) + 0.5;
    const y = Math.floor(i / SIDE) + 0.5;
    let nearest = Infinity;
    for (const [px, py] of points) {
      nearest = Math.min(nearest, (px - x) * (px - x) + (py - y) * (py - y));
    }
    return Math.sqrt(nearest);
  });
  const radius = clamp(distance.slice().sort()[INK - 1], RADIUS.min, RADIUS.max);
  return Uint8Array.from(distance, (d) => (d <= radius ? 1 : 0));
}

/**
 * @param {ArrayLike<number>} pixels 32x32, row by row, 1 is ink
 * @returns {number[]} 64 counts 0..16
 */
export function blockCounts(pixels) {
  const counts = new Array(GRID * GRID).fill(0);
  for (let i = 0; i < pixels.length; i++) {
    const row = Math.floor(i / SIDE / BLOCK);
    const column = Math.floor((i % SIDE) / BLOCK);
    counts[row * GRID + column] += pixels[i];
  }
  return counts;
}

/**
 * Strokes through the painted cells of a square grid: neighbours are joined,
 * diagonal ones only where no painted cell already leads around the corner.
 * @param {ReadonlySet<number>} cells indices, row by row
 * @param {number} [size] cells per row
 * @returns {Stroke[]} in units of the whole grid, 0..1
 */
export function cellStrokes(cells, size = GRID) {
  /** @type {Stroke[]} */
  const strokes = [];
  /** @returns {Point} */
  const centre = (/** @type {number} */ row, /** @type {number} */ column) =>
    [(column + 0.5) / size, (row + 0.5) / size];
  for (const cell of cells) {
    const row = Math.floor(cell / size);
    const column = cell % size;
    const painted = (/** @type {number} */ r, /** @type {number} */ c) =>
      c >= 0 && c < size && cells.has(r * size + c);
    const here = centre(row, column);
    strokes.push([here]);
    if (painted(row, column + 1)) strokes.push([here, centre(row, column + 1)]);
    if (painted(row + 1, column)) strokes.push([here, centre(row + 1, column)]);
    for (const side of [column - 1, column + 1]) {
      const detour = painted(row, side) || painted(row + 1, column);
      if (painted(row + 1, side) && !detour) strokes.push([here, centre(row + 1, side)]);
    }
  }
  return strokes;
}

/** @param {Point[]} points */
function bounds(points) {
  let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, bottom, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

/** @type {(value: number, low: number, high: number) => number} */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

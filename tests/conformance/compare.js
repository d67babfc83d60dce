// @ts-check
/** Whether what came is what was to come, as onnx's runner has it. */

/** @typedef {import("./values.js").Value} Value */
/** @typedef {import("./values.js").Tensor} Tensor */
/** @typedef {{ rtol: number, atol: number }} Tolerance */

/** How numbers that have no array of their own are read from their bits. @type {Record<string, (bits: number) => number>} */
const BITS = {
  float16: (bits) => float(bits, 5, 10),
  bfloat16: (bits) => float(bits, 8, 7),
};

/** A number of that many bits of exponent and fraction. @param {number} bits @param {number} exponent @param {number} fraction */
function float(bits, exponent, fraction) {
  const sign = bits >> (exponent + fraction) ? -1 : 1;
  const power = (bits >> fraction) & ((1 << exponent) - 1);
  const part = (bits & ((1 << fraction) - 1)) / (1 << fraction);
  const bias = (1 << (exponent - 1)) - 1;
  if (power === (1 << exponent) - 1) return part ? NaN : sign * Infinity;
  return sign * (power ? (1 + part) * 2 ** (power - bias) : part * 2 ** (1 - bias));
}

/**
 * The first difference, or undefined where there is none.
 * @param {any} came
 * @param {Value} expected
 * @param {Tolerance} tolerance
 * @returns {string | undefined}
 */
export function difference(came, expected, tolerance) {
  if (expected === null || came === null) {
    return expected === came ? undefined : `expected ${expected && expected.type}, got ${came && came.type}`;
  }
  if (came.type !== expected.type) return `expected ${expected.type}, got ${came.type}`;
  if (!("values" in expected)) return ofTensors(came, expected, tolerance);
  if (came.values.length !== expected.values.length) {
    return `expected ${expected.values.length} elements, got ${came.values.length}`;
  }
  const each = expected.values.map((value, i) => difference(came.values[i], value, tolerance));
  return each.find((found) => found !== undefined);
}

/** @param {Tensor} came @param {Tensor} expected @param {Tolerance} tolerance */
function ofTensors(came, expected, tolerance) {
  if (String(came.shape) !== String(expected.shape)) return `expected the shape [${expected.shape}], got [${came.shape}]`;
  const { type } = expected;
  const isFloat = type === "float32" || type === "float64" || type in BITS;
  const wrong = indexOfWrong(numbers(came), numbers(expected), isFloat ? tolerance : { rtol: 0, atol: 0 });
  if (came.data.length !== expected.data.length) return `expected ${expected.data.length} numbers, got ${came.data.length}`;
  return wrong < 0 ? undefined : `[${wrong}]: expected ${expected.data[wrong]}, got ${came.data[wrong]}`;
}

/** @param {Tensor} tensor */
function numbers({ type, data }) {
  const read = BITS[type];
  return read && data instanceof Uint16Array ? Array.from(data, read) : data;
}

/** @param {ArrayLike<any>} came @param {ArrayLike<any>} expected @param {Tolerance} tolerance */
function indexOfWrong(came, expected, { rtol, atol }) {
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [came[i], expected[i]];
    const isSame = a === e || (Number.isNaN(a) && Number.isNaN(e));
    const isClose = typeof e === "number" && Number.isFinite(e) && Math.abs(a - e) <= atol + rtol * Math.abs(e);
    if (!isSame && !isClose) return i;
  }
  return -1;
}

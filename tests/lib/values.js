// @ts-check
/** Tensors, maps and sequences: from the JSON of cases.json to what the package takes and gives. */
import assert from "node:assert/strict";

/**
 * @typedef {object} Json a value of cases.json
 * @property {string} name
 * @property {string} type
 * @property {number[]} shape
 * @property {any[]} data
 * @property {number[] | string[]} [keys]
 *
 * @typedef {Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | string[]} Data
 * @typedef {{ type: string, shape: number[], data: Data }} Tensor
 * @typedef {Tensor & { keys: number[] | string[] }} MapSequence `type` is `map_sequence`
 * @typedef {{ type: "sequence", values: Tensor[] }} Sequence
 * @typedef {Tensor | MapSequence | Sequence} Value
 */

/** @type {Record<string, (data: any[]) => Data>} */
const DATA = {
  float32: (data) => Float32Array.from(data, number),
  float64: (data) => Float64Array.from(data, number),
  int8: (data) => Int8Array.from(data),
  uint8: (data) => Uint8Array.from(data),
  int16: (data) => Int16Array.from(data),
  int32: (data) => Int32Array.from(data),
  int64: (data) => BigInt64Array.from(data, BigInt),
  bool: (data) => Uint8Array.from(data, Number),
  string: (data) => [...data],
};

/** JSON has no NaN, which is null here, and no infinities, which are strings. */
export const number = (/** @type {number | string | null} */ x) => (x === null ? NaN : Number(x));

/**
 * The value as JavaScript has it.
 * @param {Json} json
 * @returns {Value}
 */
export function value({ type, shape, data, keys }) {
  const [, items] = /^sequence\((\w+)\)$/.exec(type) ?? [];
  if (items) return { type: "sequence", values: sequence(items, shape, data) };
  const [, numbers] = /^sequence\(map\(\w+,(\w+)\)\)$/.exec(type) ?? [];
  if (numbers && keys) return { ...tensor(numbers, shape, data), type: "map_sequence", keys };
  return tensor(type, shape, data);
}

/** The tensors that are stacked in `data`. @param {string} type @param {number[]} stacked @param {any[]} data */
function sequence(type, [count, ...shape], data) {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => tensor(type, shape, data.slice(i * size, (i + 1) * size)));
}

/** @param {string} type @param {number[]} shape @param {any[]} data @returns {Tensor} */
function tensor(type, shape, data) {
  assert(DATA[type], `cases.json has the type ${type}; tests/lib/values.js does not know it`);
  return { type, shape, data: DATA[type](data) };
}

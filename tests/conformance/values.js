// @ts-check
/** Values of the cases: from what the native runner wrote to what the package takes. */

/**
 * @typedef {object} TensorJson
 * @property {string} type the type of the elements
 * @property {number[]} shape
 * @property {number} [at] where the elements start in the case's file of them
 * @property {string[]} [data] the elements, where they are strings
 *
 * @typedef {{ type: "sequence", values: TensorJson[] }} SequenceJson
 * @typedef {TensorJson | SequenceJson | null} Json null is a value that is absent
 *
 * @typedef {{ type: string, shape: number[], data: any }} Tensor
 * @typedef {{ type: "sequence", values: Tensor[] }} Sequence
 * @typedef {Tensor | Sequence | null} Value
 */

/** The arrays of the types that have one; the others are known by their bits. */
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int4: Int8Array,
  int2: Int8Array,
};

/**
 * The value as JavaScript has it.
 * @param {Json} json
 * @param {ArrayBuffer} elements
 * @returns {Value}
 */
export function value(json, elements) {
  if (json === null) return null;
  if ("values" in json) return { type: "sequence", values: json.values.map((each) => tensor(each, elements)) };
  return tensor(json, elements);
}

/** @param {TensorJson} json @param {ArrayBuffer} elements @returns {Tensor} */
function tensor({ type, shape, at, data }, elements) {
  if (data) return { type, shape, data };
  const count = shape.reduce((product, size) => product * size, 1);
  const Type = ARRAYS[/** @type {keyof typeof ARRAYS} */ (type)] ?? Uint8Array;
  return { type, shape, data: new Type(elements, at, count) };
}

/**
 * What is given to `run`: a sequence as an array.
 * @param {Value} value
 */
export function given(value) {
  return value !== null && "values" in value ? value.values : value;
}

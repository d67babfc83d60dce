// Writes ONNX models: as much of the protobuf as the bench's networks need.

const FLOAT = 1;
const INT8 = 3;
const INT32 = 6;
const INT64 = 7;
const ATTRIBUTE = { FLOAT: 1, INT: 2, STRING: 3, INTS: 7 };

/**
 * A graph under construction. Its weights are random, the same in every run.
 * @typedef {{ name: string, type: "float32" | "int64", shape: (number | string)[] }} Declared
 */
export class Graph {
  #nodes = [];
  #weights = [];
  #inputs = [];
  #outputs = [];
  #random = random(1);
  /** @type {Map<string, number>} */
  #scales = new Map();

  /** @param {Declared} declared @returns {string} its name */
  input(declared) {
    this.#inputs.push(value(declared));
    return declared.name;
  }

  /** @param {string} made what becomes the output @param {Declared} declared */
  output(made, declared) {
    this.#add("Identity", [made], [declared.name], {});
    this.#outputs.push(value(declared));
  }

  /**
   * A node.
   * @param {string} kind
   * @param {string[]} inputs
   * @param {Record<string, number | string | number[] | { float: number }>} [attributes]
   * @returns {string} its output
   */
  op(kind, inputs, attributes = {}) {
    return this.ops(kind, inputs, 1, attributes)[0];
  }

  /** A node with several outputs. */
  ops(kind, inputs, count, attributes = {}) {
    const outputs = Array.from({ length: count }, (_, i) => `${kind}_${this.#nodes.length}_${i}`);
    this.#add(kind, inputs, outputs, attributes);
    return outputs;
  }

  /** Random weights of such a size that sums stay as large as they are. @param {number[]} shape */
  weight(shape) {
    const fan = shape.length > 1 ? shape.slice(1).reduce((a, b) => a * b) : shape[0];
    const scale = 2 * Math.sqrt(3 / fan);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => (this.#random() - 0.5) * scale);
    return this.given(data, shape);
  }

  /** @param {Float32Array | Int8Array | Int32Array | BigInt64Array} data @param {number[]} shape */
  given(data, shape) {
    const name = `weight_${this.#weights.length}`;
    const type = { Float32Array: FLOAT, Int8Array: INT8, Int32Array: INT32, BigInt64Array: INT64 }[data.constructor.name];
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.#weights.push([...shape.map((size) => number(1, size)), number(2, type), text(8, name), field(9, bytes)].flat());
    return name;
  }

  /**
   * Random weights in int8 with a scale, as float32, and a bias in int32 for what is
   * multiplied by them and has the scale `of`.
   * @param {number[]} shape @param {number} of
   */
  quantisedWeights(shape, of) {
    const scale = (2 * Math.sqrt(3 / shape.slice(1).reduce((a, b) => a * b))) / 255;
    const random = (length, width) => Array.from({ length }, () => Math.floor((this.#random() - 0.5) * width));
    const weights = Int8Array.from(random(shape.reduce((a, b) => a * b), 255));
    const bias = Int32Array.from(random(shape[0], 1 / (of * scale)));
    const dequantised = (data, shape, by) => this.op("DequantizeLinear", [this.given(data, shape), this.float(by)]);
    return [dequantised(weights, shape, scale), dequantised(bias, [shape[0]], of * scale)];
  }

  /** `x` in int8 and back. @param {string} x @param {number} scale @param {number} zero */
  rounded(x, scale, zero) {
    const by = [this.float(scale), this.given(Int8Array.of(zero), [])];
    const made = this.op("DequantizeLinear", [this.op("QuantizeLinear", [x, ...by]), ...by]);
    this.#scales.set(made, scale);
    return made;
  }

  /** The scale of what was rounded. @param {string} rounded */
  scale(rounded) {
    return this.#scales.get(rounded) ?? 1;
  }

  ints(...values) {
    return this.given(BigInt64Array.from(values, BigInt), [values.length]);
  }

  float(x) {
    return this.given(Float32Array.of(x), []);
  }

  /** @param {string} name @param {number} opset @returns {Buffer} */
  model(name, opset = 17) {
    const graph = [
      ...this.#nodes.map((node) => message(1, node)),
      text(2, name),
      ...this.#weights.map((weight) => message(5, weight)),
      ...this.#inputs.map((input) => message(11, input)),
      ...this.#outputs.map((output) => message(12, output)),
    ];
    const opsets = message(8, [text(1, ""), number(2, opset)]);
    return Buffer.concat([number(1, 8), message(7, graph.flat()), opsets].flat());
  }

  #add(kind, inputs, outputs, attributes) {
    const fields = Object.entries(attributes).map(([name, given]) => message(5, [text(1, name), ...attribute(given)]));
    this.#nodes.push([...inputs.map((name) => text(1, name)), ...outputs.map((name) => text(2, name)), text(4, kind), ...fields].flat());
  }
}

/** Numbers from 0 to 1, always the same ones. */
export function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The fields of an AttributeProto that hold what is given. */
function attribute(given) {
  if (typeof given === "number") return [number(3, given), number(20, ATTRIBUTE.INT)];
  if (typeof given === "string") return [text(4, given), number(20, ATTRIBUTE.STRING)];
  if (Array.isArray(given)) return [...given.map((each) => number(8, each)), number(20, ATTRIBUTE.INTS)];
  const float = Buffer.alloc(5, (2 << 3) | 5);
  float.writeFloatLE(given.float, 1);
  return [float, number(20, ATTRIBUTE.FLOAT)];
}

/** A ValueInfoProto. @param {Declared} declared */
function value({ name, type, shape }) {
  const dims = shape.map((size) => message(1, [typeof size === "number" ? number(1, size) : text(2, size)].flat()));
  const tensor = [number(1, type === "float32" ? FLOAT : INT64), ...message(2, dims.flat())].flat();
  return [text(1, name), ...message(2, message(1, tensor))].flat();
}

// Fields of protobuf, each as a list of buffers, so that weights are not copied.

function number(id, value) {
  return Buffer.concat([varint(id << 3), varint(value)]);
}

function text(id, value) {
  return Buffer.concat(field(id, Buffer.from(value)));
}

function field(id, content) {
  return message(id, [content]);
}

function message(id, parts) {
  const all = parts.flat();
  const length = all.reduce((sum, part) => sum + part.length, 0);
  return [varint((id << 3) | 2), varint(length), ...all];
}

/** A number below 2^53, or a negative one, which has ten bytes. */
function varint(value) {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes = [];
  do {
    const more = rest > 127n ? 128 : 0;
    bytes.push(Number(rest & 127n) | more);
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

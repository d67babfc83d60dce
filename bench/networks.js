// Networks of the sizes that people run, with random weights: made where they are
// measured, and not kept.
import { Graph, random } from "./onnx.js";

/**
 * @typedef {import("./cases.js").Input} Input
 * @typedef {object} Network
 * @property {() => Buffer} model
 * @property {{ what: string, inputs: () => Input[] }[]} variants
 */

/** @type {Record<string, Network>} */
export const NETWORKS = {
  "resnet-18": { model: () => resnet(float), variants: [image(1)] },
  "resnet-18-int8": { model: () => resnet(int8), variants: [image(1)] },
  "mobilenet-v2": { model: () => mobilenet(float), variants: [image(1)] },
  "mobilenet-v2-int8": { model: () => mobilenet(int8), variants: [image(1)] },
  "bert-6x384": { model: bert, variants: [words(16), words(128)] },
  "lstm-2x128": { model: () => recurrent("LSTM", 4), variants: [series(1, 100), series(16, 100)] },
  "gru-2x128": { model: () => recurrent("GRU", 3), variants: [series(1, 100), series(16, 100)] },
  keywords: { model: keywords, variants: [sound(16_000)] },
};

/**
 * How layers of images calculate: in float32, or in int8 as quantisers write it, where
 * an activation is the range of a result.
 * @typedef {object} Layers
 * @property {(g: Graph, x: string) => string} image What is given.
 * @property {typeof conv} conv
 * @property {(g: Graph, x: string) => string} alike What is picked from active numbers.
 * @property {(g: Graph, x: string) => string} relu
 * @property {(g: Graph, x: string) => string} relu6
 * @property {(g: Graph, a: string, b: string) => string} add
 */

/** @type {Layers} */
const float = {
  image: (_, x) => x,
  conv,
  alike: (_, x) => x,
  relu: (g, x) => g.op("Relu", [x]),
  relu6: (g, x) => g.op("Clip", [x, g.float(0), g.float(6)]),
  add: (g, a, b) => g.op("Add", [a, b]),
};

/** The scales of what is within 0 and 6, and within -6 and 6. */
const [ACTIVE, LINEAR] = [6 / 255, 12 / 255];

/** @type {Layers} */
const int8 = {
  image: (g, x) => g.rounded(x, LINEAR, 0),
  conv: (g, x, into, of, size, { isActive, ...options } = {}) => {
    const weights = g.quantisedWeights([into, of / (options.group ?? 1), size, size], g.scale(x));
    return g.rounded(convolved(g, [x, ...weights], size, options), isActive ? ACTIVE : LINEAR, isActive ? -128 : 0);
  },
  alike: (g, x) => g.rounded(x, ACTIVE, -128),
  relu: (_, x) => x,
  relu6: (_, x) => x,
  add: (g, a, b) => g.rounded(g.op("Add", [a, b]), LINEAR, 0),
};

/** Residual blocks in the sizes of ResNet-18. @param {Layers} layers */
function resnet({ image, conv, alike, relu, add }) {
  const g = new Graph();
  let x = image(g, g.input({ name: "image", type: "float32", shape: ["N", 3, 224, 224] }));
  x = relu(g, conv(g, x, 64, 3, 7, { stride: 2, isActive: true }));
  x = alike(g, g.op("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }));
  let width = 64;
  for (const [into, first] of [[64, 1], [128, 2], [256, 2], [512, 2]]) {
    for (const stride of [first, 1]) {
      const same = stride === 1 && width === into ? x : conv(g, x, into, width, 1, { stride });
      const inner = relu(g, conv(g, x, into, width, 3, { stride, isActive: true }));
      x = relu(g, add(g, conv(g, inner, into, into, 3), same));
      width = into;
    }
  }
  return classified(g, x, width, "resnet");
}

/** Inverted residuals in the sizes of MobileNetV2. @param {Layers} layers */
function mobilenet({ image, conv, relu6, add }) {
  const g = new Graph();
  let x = image(g, g.input({ name: "image", type: "float32", shape: ["N", 3, 224, 224] }));
  x = relu6(g, conv(g, x, 32, 3, 3, { stride: 2, isActive: true }));
  let width = 32;
  for (const [times, into, count, first] of [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]) {
    for (let block = 0; block < count; block++) {
      const [stride, wide] = [block === 0 ? first : 1, width * times];
      let y = times === 1 ? x : relu6(g, conv(g, x, wide, width, 1, { isActive: true }));
      y = relu6(g, conv(g, y, wide, wide, 3, { stride, group: wide, isActive: true }));
      y = conv(g, y, into, wide, 1);
      x = stride === 1 && width === into ? add(g, x, y) : y;
      width = into;
    }
  }
  return classified(g, relu6(g, conv(g, x, 1280, width, 1, { isActive: true })), 1280, "mobilenet");
}

/**
 * A convolution in float32.
 * @param {{ stride?: number, group?: number, isActive?: boolean }} [options] `isActive` is whether an activation follows
 */
function conv(g, x, into, of, size, { isActive, ...options } = {}) {
  return convolved(g, [x, g.weight([into, of / (options.group ?? 1), size, size]), g.weight([into])], size, options);
}

function convolved(g, inputs, size, { stride = 1, group = 1 }) {
  const pad = size >> 1;
  return g.op("Conv", inputs, { kernel_shape: [size, size], strides: [stride, stride], pads: [pad, pad, pad, pad], group });
}

function classified(g, x, width, name) {
  x = g.op("Flatten", [g.op("GlobalAveragePool", [x])], { axis: 1 });
  x = g.op("Gemm", [x, g.weight([1000, width]), g.weight([1000])], { transB: 1 });
  g.output(x, { name: "classes", type: "float32", shape: ["N", 1000] });
  return g.model(name);
}

/** A sentence encoder in the sizes of MiniLM: 6 layers of 384 in 12 heads. */
function bert() {
  const [width, heads, vocabulary, longest] = [384, 12, 8000, 256];
  const g = new Graph();
  const shape = ["batch", "sequence"];
  const ids = g.input({ name: "input_ids", type: "int64", shape });
  const mask = g.input({ name: "attention_mask", type: "int64", shape });
  const sequence = g.op("Gather", [g.op("Shape", [ids]), g.ints(1)], { axis: 0 });
  const places = g.op("Slice", [g.weight([longest, width]), g.ints(0), sequence, g.ints(0)]);
  const norm = (x) => g.op("LayerNormalization", [x, g.weight([width]), g.weight([width])], { axis: -1 });
  const linear = (x, into, of) => g.op("Add", [g.op("MatMul", [x, g.weight([of, into])]), g.weight([into])]);
  const split = (x) => g.op("Transpose", [g.op("Reshape", [x, g.ints(0, 0, heads, width / heads)])], { perm: [0, 2, 1, 3] });
  let x = norm(g.op("Add", [g.op("Gather", [g.weight([vocabulary, width]), ids]), places]));
  const seen = g.op("Cast", [g.op("Unsqueeze", [mask, g.ints(1, 2)])], { to: 1 });
  const bias = g.op("Mul", [g.op("Sub", [g.float(1), seen]), g.float(-1e9)]);
  for (let layer = 0; layer < 6; layer++) {
    const [q, k, v] = [0, 1, 2].map(() => split(linear(x, width, width)));
    const scores = g.op("MatMul", [q, g.op("Transpose", [k], { perm: [0, 1, 3, 2] })]);
    const scaled = g.op("Add", [g.op("Div", [scores, g.float(Math.sqrt(width / heads))]), bias]);
    const mixed = g.op("MatMul", [g.op("Softmax", [scaled], { axis: -1 }), v]);
    const joined = g.op("Reshape", [g.op("Transpose", [mixed], { perm: [0, 2, 1, 3] }), g.ints(0, 0, width)]);
    x = norm(g.op("Add", [linear(joined, width, width), x]));
    const y = linear(x, 4 * width, width);
    const erf = g.op("Add", [g.op("Erf", [g.op("Div", [y, g.float(Math.SQRT2)])]), g.float(1)]);
    const gelu = g.op("Mul", [g.op("Mul", [y, erf]), g.float(0.5)]);
    x = norm(g.op("Add", [linear(gelu, width, 4 * width), x]));
  }
  g.output(g.op("ReduceMean", [x], { axes: [1], keepdims: 0 }), { name: "sentence", type: "float32", shape: ["batch", width] });
  return g.model("bert");
}

/** Two layers of 128 over a series of 32 features. @param {"LSTM" | "GRU"} kind @param {number} gates */
function recurrent(kind, gates) {
  const [hidden, features] = [128, 32];
  const g = new Graph();
  const series = g.input({ name: "series", type: "float32", shape: ["batch", "time", features] });
  let x = g.op("Transpose", [series], { perm: [1, 0, 2] });
  let last = "";
  for (const of of [features, hidden]) {
    const weights = [g.weight([1, gates * hidden, of]), g.weight([1, gates * hidden, hidden]), g.weight([1, 2 * gates * hidden])];
    const [y, end] = g.ops(kind, [x, ...weights], 2, { hidden_size: hidden });
    [x, last] = [g.op("Squeeze", [y, g.ints(1)]), end];
  }
  x = g.op("Gemm", [g.op("Squeeze", [last, g.ints(0)]), g.weight([10, hidden]), g.weight([10])], { transB: 1 });
  g.output(x, { name: "forecast", type: "float32", shape: ["batch", 10] });
  return g.model(kind.toLowerCase());
}

/** Words in a second of sound: spectra, and convolutions over them. */
function keywords() {
  const [frame, step, bands] = [512, 256, 40];
  const g = new Graph();
  const samples = g.input({ name: "samples", type: "float32", shape: ["N", "time"] });
  const window = Float32Array.from({ length: frame }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frame));
  const scalar = (x) => g.given(BigInt64Array.of(BigInt(x)), []);
  let x = g.op("STFT", [g.op("Unsqueeze", [samples, g.ints(2)]), scalar(step), g.given(window, [frame]), scalar(frame)]);
  x = g.op("MatMul", [g.op("ReduceSumSquare", [x], { axes: [3], keepdims: 0 }), g.weight([frame / 2 + 1, bands])]);
  x = g.op("Log", [g.op("Add", [g.op("Abs", [x]), g.float(1e-3)])]);
  x = g.op("Unsqueeze", [x, g.ints(1)]);
  for (const [into, of, stride] of [[32, 1, 2], [64, 32, 1], [64, 64, 2], [128, 64, 1]]) {
    x = float.relu(g, conv(g, x, into, of, 3, { stride }));
  }
  return classified(g, x, 128, "keywords");
}

function image(count) {
  return { what: `${count} image${count === 1 ? "" : "s"}`, inputs: () => [floats("image", [count, 3, 224, 224])] };
}

function words(length) {
  const ids = () => BigInt64Array.from({ length }, (_, i) => BigInt((i * 7919) % 8000));
  const inputs = () => [
    { name: "input_ids", type: "int64", shape: [1, length], data: ids() },
    { name: "attention_mask", type: "int64", shape: [1, length], data: new BigInt64Array(length).fill(1n) },
  ];
  return { what: `${length} words`, inputs };
}

function sound(length) {
  return { what: `${length} samples`, inputs: () => [floats("samples", [1, length])] };
}

function series(count, steps) {
  return { what: `${count} x ${steps} steps`, inputs: () => [floats("series", [count, steps, 32])] };
}

/** @returns {Input} */
function floats(name, shape) {
  const next = random(2);
  const length = shape.reduce((a, b) => a * b);
  return { name, type: "float32", shape, data: Float32Array.from({ length }, () => 2 * next() - 1) };
}

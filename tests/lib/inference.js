// @ts-check
/** Tensors as the Open Inference Protocol has them in requests and answers, as JSON and as bytes. */
import { request } from "./http.js";

/**
 * @typedef {import("./values.js").Value} Value
 * @typedef {{ name: string, datatype: string, shape: number[], data?: any[], parameters?: { binary_data_size: number } }} Described
 */

/** The datatypes by the types of cases.json. @type {Record<string, string>} */
const DATATYPES = {
  float32: "FP32",
  float64: "FP64",
  int8: "INT8",
  uint8: "UINT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  bool: "BOOL",
};
const TYPES = Object.fromEntries(Object.entries(DATATYPES).map(([type, datatype]) => [datatype, type]));
const LENGTH = "inference-header-content-length";

/** Whether all `values` are tensors of numbers. @param {Record<string, Value>} values */
export function areNumbers(values) {
  return Object.values(values).every((value) => value.type in DATATYPES && !("keys" in value));
}

/** Whether JSON has all elements, which it has not of NaN and of infinities. @param {Record<string, any>} values */
export function areInJson(values) {
  return Object.values(values).every(({ data }) => data.every((/** @type {any} */ x) => Number.isFinite(Number(x))));
}

/** @param {string} name @param {any} value @returns {Described} */
function described(name, { type, shape }) {
  return { name, datatype: DATATYPES[type], shape };
}

/**
 * A request and its answer in JSON.
 * @param {string} origin @param {string} model @param {Record<string, any>} inputs
 */
export async function inferJson(origin, model, inputs) {
  const tensors = Object.entries(inputs).map(([name, value]) => ({ ...described(name, value), data: Array.from(value.data, Number) }));
  const answer = await send(origin, model, { "content-type": "application/json" }, JSON.stringify({ inputs: tensors }));
  return outputs(answer.json().outputs, ({ datatype, data = [] }) => elements(datatype, data));
}

/**
 * A request and its answer with the elements as bytes behind the JSON.
 * @param {string} origin @param {string} model @param {Record<string, any>} inputs
 */
export async function inferBinary(origin, model, inputs) {
  const parts = Object.values(inputs).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const tensors = Object.entries(inputs).map(([name, value], i) => {
    return { ...described(name, value), parameters: { binary_data_size: parts[i].length } };
  });
  const head = Buffer.from(JSON.stringify({ inputs: tensors, parameters: { binary_data_output: true } }));
  const headers = { "content-type": "application/octet-stream", [LENGTH]: String(head.length) };
  const { body, headers: given } = await send(origin, model, headers, Buffer.concat([head, ...parts]));
  let at = Number(given[LENGTH]);
  return outputs(JSON.parse(body.toString("utf8", 0, at)).outputs, ({ datatype, parameters }) => {
    const start = at;
    at += parameters?.binary_data_size ?? 0;
    // A copy, so that the elements are where their type may begin.
    const bytes = Uint8Array.from(body.subarray(start, at)).buffer;
    const { BYTES_PER_ELEMENT: size, constructor } = elements(datatype, []);
    return new (/** @type {any} */ (constructor))(bytes, 0, bytes.byteLength / size);
  });
}

/** @param {string} origin @param {string} model @param {Record<string, string>} headers @param {string | Buffer} body */
async function send(origin, model, headers, body) {
  const answer = await request(origin, { method: "POST", path: `/v2/models/${model}/infer`, headers, body });
  if (answer.status !== 200) throw new Error(`${model}: ${answer.status} ${answer.text()}`);
  return answer;
}

/** The values of an answer by name. @param {Described[]} tensors @param {(tensor: Described) => any} read */
function outputs(tensors, read) {
  const value = (/** @type {Described} */ tensor) => ({ type: TYPES[tensor.datatype], shape: tensor.shape, data: read(tensor) });
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, value(tensor)]));
}

/** @param {string} datatype @param {any[]} data @returns {any} */
function elements(datatype, data) {
  const arrays = {
    FP32: Float32Array,
    FP64: Float64Array,
    INT8: Int8Array,
    UINT8: Uint8Array,
    INT16: Int16Array,
    INT32: Int32Array,
    BOOL: Uint8Array,
  };
  return datatype === "INT64" ? BigInt64Array.from(data, BigInt) : arrays[datatype].from(data, Number);
}

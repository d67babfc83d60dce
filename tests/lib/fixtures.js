// @ts-check
/**
 * The fixtures: models with the answers that onnxruntime gives. A case is a
 * folder of tests/fixtures; to add one needs no code.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

import { cache, dist, repository, run } from "./dist.js";

/**
 * @typedef {Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | string[]} Data
 * @typedef {{ type: string, shape: number[], data: Data }} Tensor
 * @typedef {Tensor & { keys?: (number | string)[] }} Output `type` is `map_sequence` where it has keys
 * @typedef {number[] | string[]} Row
 * @typedef {{ prediction: number | string, label?: string, probabilities?: number[], confidence?: number }} Answer
 */

const FOLDER = join(repository, "tests", "fixtures");
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
};

/** Every fixture, by name. */
export const fixtures = readdirSync(FOLDER)
  .filter((name) => existsSync(join(FOLDER, name, "model.onnx")))
  .map(readFixture);

/** @typedef {ReturnType<typeof readFixture>} Fixture */

/**
 * The fixture of that name.
 * @param {string} name
 */
export function fixture(name) {
  const found = fixtures.find((each) => each.name === name);
  assert(found, `no fixture ${name}; there are: ${fixtures.map((each) => each.name).join(", ")}`);
  return found;
}

/** @param {string} name */
function readFixture(name) {
  const folder = join(FOLDER, name);
  const json = (/** @type {string} */ file) => JSON.parse(readFileSync(join(folder, file), "utf8"));
  const cases = json("cases.json");
  const metadata = json("model_metadata.json");
  /** @type {[string, Tensor][]} */
  const inputs = cases.inputs.map(named);
  /** @type {[string, Output][]} */
  const outputs = cases.outputs.map(named);
  const rows = rowsOf(inputs[0][1]);
  return {
    name,
    onnx: join(folder, "model.onnx"),
    metadata,
    /** @type {string[]} */
    features: metadata.features,
    /** The names of the classes; empty for a regressor. @type {string[]} */
    labels: metadata.labels ?? [],
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(outputs),
    /** @type {number} */
    tolerance: cases.tolerance,
    rows,
    /** What `predict` answers to each row. */
    answers: answers(outputs.map(([, output]) => output), metadata.labels ?? []),
    /** Where the compiled model is; the first call compiles it. */
    compiled: () => compiled(name, folder),
  };
}

/** @returns {[string, Output]} */
function named({ name, type, shape, data, keys }) {
  if (keys) return [name, { type: "map_sequence", shape, data: Float32Array.from(data), keys }];
  if (type === "string") return [name, { type, shape, data }];
  if (type === "int64") return [name, { type, shape, data: BigInt64Array.from(data, BigInt) }];
  const array = ARRAYS[type];
  assert(array, `cases.json has the element type ${type}; tests/lib/fixtures.js does not know it`);
  return [name, { type, shape, data: array.from(data) }];
}

/**
 * The rows of a tensor as plain arrays, whole and as a caller writes them: of
 * float32 the shortest decimals.
 * @param {Tensor} tensor
 * @returns {any[][]}
 */
export function rowsOf({ shape, data }) {
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  const value = (/** @type {any} */ x) => {
    if (typeof x === "bigint") return Number(x);
    return data instanceof Float32Array ? shortest(x) : x;
  };
  return Array.from({ length: shape[0] }, (_, row) =>
    Array.from(data.slice(row * width, (row + 1) * width), value),
  );
}

/** The shortest decimal that is the float32 `x`: 5.1, not 5.099999904632568. */
function shortest(/** @type {number} */ x) {
  for (let digits = 1; digits < 10; digits++) {
    const decimal = Number(x.toPrecision(digits));
    if (Math.fround(decimal) === x) return decimal;
  }
  return x;
}

/**
 * @param {Output[]} outputs
 * @param {string[]} labels
 * @returns {Answer[]}
 */
function answers(outputs, labels) {
  const [first, probabilities] = outputs;
  const predictions = rowsOf(first).map(([prediction]) => prediction);
  if (!probabilities) return predictions.map((prediction) => ({ prediction }));
  const shares = rowsOf(probabilities);
  const classes = probabilities.keys ?? labels.map((_, index) => index);
  return predictions.map((prediction, row) => {
    const at = classes.indexOf(prediction);
    return { prediction, label: labels[at], probabilities: shares[row], confidence: shares[row][at] };
  });
}

/** @param {string} name @param {string} folder */
async function compiled(name, folder) {
  const command = dist("edgeinfer");
  const path = join(cache("models"), `${name}.edge`);
  const sources = [join(folder, "model.onnx"), join(folder, "model_metadata.json"), command];
  if (!existsSync(path) || sources.some((source) => statSync(source).mtimeMs > statSync(path).mtimeMs)) {
    // Under a name of its own first: test files run at the same time.
    const made = `${path}.${process.pid}`;
    await run(command, ["compile", sources[0], "-o", made]);
    renameSync(made, path);
  }
  return path;
}

/**
 * Asserts that numbers are close: `tolerance` is absolute up to 1 and relative
 * above.
 * @param {ArrayLike<number | bigint | string>} actual
 * @param {ArrayLike<number | bigint | string>} expected
 * @param {number} tolerance
 * @param {string} what
 */
export function assertClose(actual, expected, tolerance, what) {
  assert.equal(actual.length, expected.length, `the length of ${what}`);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    const close =
      typeof a === "number" && typeof e === "number" ? isClose(a, e, tolerance) : Object.is(a, e);
    if (!close) assert.fail(`${what}[${i}]: expected ${e} within ${tolerance}, got ${a}`);
  }
}

const isClose = (/** @type {number} */ a, /** @type {number} */ e, /** @type {number} */ tolerance) =>
  Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e));

/**
 * Asserts that `actual` are the answers of `fixture`, of its rows from `from`.
 * @param {any[]} actual
 * @param {Fixture} fixture
 * @param {{ from?: number }} [options]
 */
export function assertAnswers(actual, { name, answers, tolerance }, { from = 0 } = {}) {
  actual.forEach((answer, i) => {
    const row = from + i;
    const expected = answers[row];
    const what = `${name}: row ${row}`;
    assert.deepEqual(Object.keys(answer), Object.keys(expected), `${what}: the fields`);
    if (expected.probabilities === undefined) {
      return assertClose([answer.prediction], [expected.prediction], tolerance, `${what}: prediction`);
    }
    assert.equal(answer.prediction, expected.prediction, `${what}: prediction`);
    assert.equal(answer.label, expected.label, `${what}: label`);
    assertClose(answer.probabilities, expected.probabilities, tolerance, `${what}: probabilities`);
    assertClose([answer.confidence], [expected.confidence ?? NaN], tolerance, `${what}: confidence`);
  });
}

/**
 * Asserts that `actual`, named tensors, are the outputs of `fixture`.
 * @param {Record<string, any>} actual
 * @param {Fixture} fixture
 */
export function assertOutputs(actual, { name, outputs, tolerance }) {
  assert.deepEqual(Object.keys(actual), Object.keys(outputs), `${name}: the outputs`);
  for (const [output, { data, ...expected }] of Object.entries(outputs)) {
    const { data: got, ...rest } = actual[output];
    assert.deepEqual(rest, expected, `${name}: ${output}`);
    assert.equal(got.constructor.name, data.constructor.name, `${name}: ${output}: the array type`);
    assertClose(got, data, tolerance, `${name}: ${output}`);
  }
}

// @ts-check
/** What is wrong with an input, as code, field and message. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";

import { repository } from "../lib/dist.js";
import { fixture } from "../lib/fixtures.js";
import { edgeinfer, modules } from "../lib/package.js";

const { load, EdgeInferError } = await edgeinfer();
const model = await load(await fixture("iris-forest").compiled());
const [SEPAL_LENGTH, SEPAL_WIDTH, PETAL_LENGTH, PETAL_WIDTH] = fixture("iris-forest").features;
const named = { [SEPAL_LENGTH]: 5.1, [SEPAL_WIDTH]: 3.5, [PETAL_LENGTH]: 1.4, [PETAL_WIDTH]: 0.2 };

/** @param {Promise<unknown>} failing @param {string} code @param {string | undefined} field @param {RegExp} message */
async function assertFails(failing, code, field, message) {
  const error = await failing.then(
    () => assert.fail("it did not fail"),
    (/** @type {any} */ error) => error,
  );
  assert.equal(error instanceof Error && error instanceof EdgeInferError, true, `not an EdgeInferError: ${error.stack}`);
  assert.deepEqual([error.code, error.field], [code, field], error.message);
  assert.match(error.message, message);
  if (field !== undefined) assert.ok(error.message.startsWith(`${field}: `), error.message);
}

const NO_ROW = /^features: expected an array of values in the model's order, or an object by feature name, got (undefined|null|number|string)$/;

describe("predict refuses", () => {
  /** @type {[string, any, string, string, RegExp][]} */
  const cases = [
    ["too few values", [5.1, 3.5, 1.4], "feature_count", "features", /expected 4 values .*got 3/],
    ["too many values", [5.1, 3.5, 1.4, 0.2, 1], "feature_count", "features", /expected 4 values .*got 5/],
    ["no values", [], "feature_count", "features", /got 0/],
    ["a typed array that is too short", new Float32Array(3), "feature_count", "features", /got 3/],
    ["a row within a row", [[5.1, 3.5, 1.4, 0.2]], "feature_count", "features", /got 1/],
    ["a feature that is missing", { ...named, [PETAL_WIDTH]: undefined }, "feature_type", `features["${PETAL_WIDTH}"]`, /got null/],
    ["features that are missing", { [SEPAL_LENGTH]: 5.1 }, "missing_feature", "features", /missing "sepal width \(cm\)", "petal length/],
    ["no features", {}, "missing_feature", "features", /missing "sepal length/],
    ["a name that is nearly right", { "sepal length": 5.1 }, "unknown_feature", 'features["sepal length"]', /did you mean "sepal length \(cm\)"\?/],
    ["a name that is not known", { ...named, color: 1 }, "unknown_feature", 'features["color"]', /no such feature; it has/],
    ["NaN", [5.1, NaN, 1.4, 0.2], "not_finite", "features[1]", /sepal width \(cm\): expected a finite number, got NaN/],
    ["NaN by name", { ...named, [PETAL_LENGTH]: NaN }, "not_finite", `features["${PETAL_LENGTH}"]`, /got NaN/],
    ["NaN in a typed array", Float32Array.of(5.1, 3.5, NaN, 0.2), "not_finite", "features[2]", /got NaN/],
    ["infinity", [5.1, 3.5, 1.4, -Infinity], "not_finite", "features[3]", /got -Infinity/],
    ["a number beyond float32", [1e39, 3.5, 1.4, 0.2], "not_finite", "features[0]", /1e39 is beyond the range of float32/],
    ["undefined", [5.1, undefined, 1.4, 0.2], "feature_type", "features[1]", /expected a number, got null/],
    ["a hole", [5.1, , 1.4, 0.2], "feature_type", "features[1]", /expected a number, got null/],
    ["null", [5.1, null, 1.4, 0.2], "feature_type", "features[1]", /expected a number, got null/],
    ["a string", ["5.1", 3.5, 1.4, 0.2], "feature_type", "features[0]", /expected a number, got the string "5\.1"/],
    ["a truth value", [true, 3.5, 1.4, 0.2], "feature_type", "features[0]", /expected a number, got true/],
    ["an array as a value", [5.1, [3.5], 1.4, 0.2], "feature_type", "features[1]", /got an array/],
    ["an object as a value", [5.1, { value: 3.5 }, 1.4, 0.2], "feature_type", "features[1]", /got an object/],
    ["a date", [5.1, new Date(), 1.4, 0.2], "feature_type", "features[1]", /got an object/],
    ["no row", undefined, "invalid_request", "features", NO_ROW],
    ["null for a row", null, "invalid_request", "features", NO_ROW],
    ["a number for a row", 5.1, "invalid_request", "features", NO_ROW],
    ["a string for a row", "5.1,3.5,1.4,0.2", "invalid_request", "features", NO_ROW],
  ];
  for (const [name, row, code, field, message] of cases) {
    test(name, () => assertFails(model.predict(row), code, field, message));
  }

  test("whole numbers that no 64 bits hold, functions and symbols", async () => {
    for (const value of [2n ** 70n, () => 5, Symbol("x")]) {
      const error = await model.predict([value, 3.5, 1.4, 0.2]).catch((error) => error);
      assert.ok(["invalid_request", "feature_type"].includes(error.code), `${error.code}: ${error.message}`);
      assert.match(error.field, /^features/);
    }
  });
});

describe("predictBatch refuses", () => {
  const right = [5.1, 3.5, 1.4, 0.2];
  /** @type {[string, any, string, string, RegExp][]} */
  const cases = [
    ["no rows", [], "empty_batch", "rows", /the batch is empty; give at least one row/],
    ["what is no array", { 0: right }, "invalid_request", "rows", /expected an array of rows/],
    ["nothing", undefined, "invalid_request", "rows", /expected an array of rows/],
    ["a typed array", Float32Array.from(right), "invalid_request", "rows", /expected an array of rows/],
    ["a row instead of rows", right, "invalid_request", "rows[0].features", /an array of values/],
    ["a short row", [right, right, [1]], "feature_count", "rows[2].features", /got 1/],
    ["a wrong value in a row", [right, [5.1, 3.5, "x", 0.2]], "feature_type", "rows[1].features[2]", /got the string "x"/],
    ["a wrong value by name", [named, { ...named, [PETAL_WIDTH]: NaN }], "not_finite", `rows[1].features["${PETAL_WIDTH}"]`, /NaN/],
  ];
  for (const [name, rows, code, field, message] of cases) {
    test(name, () => assertFails(model.predictBatch(rows), code, field, message));
  }
});

describe("run refuses", () => {
  const data = new Float32Array(4);
  const X = 'inputs["X"]';
  /** @type {[string, any, string, string, RegExp][]} */
  const cases = [
    ["an input that is missing", {}, "invalid_tensor", X, /missing; the model takes "X"/],
    ["an input that is not known", { X: { data, shape: [1, 4] }, Y: { data, shape: [1, 4] } }, "invalid_tensor", 'inputs["Y"]', /no such input; it has "X"/],
    ["another element type", { X: { data: new Float64Array(4), shape: [1, 4] } }, "invalid_tensor", X, /expected float32 elements, got float64/],
    ["another shape", { X: { data, shape: [4, 1] } }, "invalid_tensor", X, /expected shape \[N, 4\].*got \[4, 1\]/],
    ["another rank", { X: { data, shape: [4] } }, "invalid_tensor", X, /expected shape \[N, 4\].*got \[4\]/],
    ["data that does not fill the shape", { X: { data, shape: [2, 4] } }, "invalid_tensor", X, /holds 8 elements, but 4 were given/],
    ["a shape beyond memory", { X: { data, shape: [4294967295, 4294967295, 4294967295] } }, "invalid_tensor", X, /too many/],
    ["a negative dimension", { X: { data, shape: [-1, 4] } }, "invalid_tensor", X, /whole numbers, 0 or more, as shape/],
    ["no shape", { X: { data } }, "invalid_tensor", X, /as shape/],
    ["an array of numbers", { X: { data: [1, 2, 3, 4], shape: [1, 4] } }, "invalid_tensor", X, /a typed array as data/],
    ["an ArrayBuffer", { X: { data: data.buffer, shape: [1, 4] } }, "invalid_tensor", X, /a typed array as data/],
    ["a tensor that is none", { X: null }, "invalid_tensor", X, /expected \{ data, shape \}/],
    ["no inputs", undefined, "invalid_request", "inputs", /expected an object of tensors/],
  ];
  for (const [name, inputs, code, field, message] of cases) {
    test(name, () => assertFails(model.run(inputs), code, field, message));
  }
});

test("takes every kind of number that a feature may be", async () => {
  const answer = await model.predict([5, 3, 1, 0]);
  for (const row of [[5n, 3n, 1n, 0n], Int32Array.of(5, 3, 1, 0), Uint8Array.of(5, 3, 1, 0), BigInt64Array.of(5n, 3n, 1n, 0n), [5, 3, 1, -0]]) {
    assert.deepEqual(await model.predict(row), answer);
  }
});

test("an error leaves the model as it was", async () => {
  const answer = await model.predict(named);
  await assert.rejects(model.predict([NaN, NaN, NaN, NaN]));
  await assert.rejects(model.run({}));
  assert.deepEqual(await model.predict(named), answer);
});

test("ErrorCode lists the runtime's codes, in its order", async () => {
  const rust = await readFile(join(repository, "crates", "core", "src", "error.rs"), "utf8");
  const types = await readFile(join(await modules(), "error.d.ts"), "utf8");
  const codes = [...rust.matchAll(/Self::\w+ => "(\w+)"/g)].map(([, code]) => code);
  const [union] = types.match(/type ErrorCode =[^;]*;/) ?? assert.fail("no type ErrorCode");
  assert.ok(codes.length > 10, `only ${codes.length} codes in error.rs`);
  assert.deepEqual([...union.matchAll(/"(\w+)"/g)].map(([, code]) => code), codes);
});

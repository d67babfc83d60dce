// @ts-check
/**
 * Rows of numbers and tensors go through memory, anything else value by value.
 * Whichever way in, the answers are the same.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fixture } from "../lib/fixtures.js";
import { edgeinfer } from "../lib/package.js";

const { load } = await edgeinfer();
const iris = fixture("iris-forest");
const model = await load(await iris.compiled());

/** @param {number[]} row */
const byName = (row) => Object.fromEntries(iris.features.map((name, i) => [name, row[i]]));

/** A tensor that is converted: only of bytes does its type mean something. */
const valueByValue = (/** @type {any} */ tensor) => ({ ...tensor, type: "bool" });

describe("predict", () => {
  test("answers the same to a row of numbers and to one with a bigint in it, bit by bit", async () => {
    for (const row of iris.rows) {
      const answer = await model.predict(row);
      assert.deepEqual(await model.predict(byName(row)), answer);
      const whole = row.map((/** @type {number} */ value) => (Number.isInteger(value) ? BigInt(value) : value));
      assert.deepEqual(await model.predict(whole), answer);
    }
  });

  test("gives answers of the caller's own", async () => {
    const [row] = iris.rows;
    const [one, other] = [await model.predict(row), await model.predict(row)];
    one.probabilities.fill(7);
    assert.deepEqual(await model.predict(row), other);
  });

  test("answers calls that are made at the same time each for itself", async () => {
    const models = [model, await load(await fixture("digits-mlp").compiled())];
    const rows = [iris.rows, fixture("digits-mlp").rows];
    const calls = Array.from({ length: 60 }, (_, i) => [models[i % 2], rows[i % 2][i % 30]]);
    const together = await Promise.all(calls.map(([model, row]) => model.predict(row)));
    for (const [i, [model, row]] of calls.entries()) assert.deepEqual(together[i], await model.predict(row));
  });
});

describe("predictBatch", () => {
  test("answers as predict does, to numbers and to what is converted", async () => {
    const expected = await Promise.all(iris.rows.map((/** @type {number[]} */ row) => model.predict(row)));
    assert.deepEqual(await model.predictBatch(iris.rows), expected);
    assert.deepEqual(await model.predictBatch(iris.rows.map((/** @type {number[]} */ row) => Float64Array.from(row))), expected);
    assert.deepEqual(await model.predictBatch([byName(iris.rows[0]), ...iris.rows.slice(1)]), expected);
  });
});

describe("run", () => {
  const tensor = (/** @type {number} */ rows) => ({
    data: Float32Array.from({ length: rows * 4 }, (_, i) => iris.rows[(i >> 2) % iris.rows.length][i % 4]),
    shape: [rows, 4],
  });

  test("gives the same outputs for shapes that come and go, and for more than there was memory for", async () => {
    const one = await model.run({ X: tensor(1) });
    for (const rows of [1, 3, 1, 100_000, 2, 0, 1]) {
      const { label, probabilities } = await model.run({ X: tensor(rows) });
      assert.deepEqual([label.shape, probabilities.shape], [[rows], [rows, 3]]);
      assert.deepEqual(probabilities.data.slice(0, 3), one.probabilities.data.slice(0, 3 * rows));
      assert.equal(label.data.length, rows);
    }
  });

  test("gives arrays of the caller's own, which later runs leave alone", async () => {
    const { probabilities } = await model.run({ X: tensor(2) });
    const copy = probabilities.data.slice();
    await model.run({ X: { data: new Float32Array(8), shape: [2, 4] } });
    assert.deepEqual(probabilities.data, copy);
    assert.equal(probabilities.data.byteLength, probabilities.data.buffer.byteLength);
  });

  test("takes data that is a part of a larger buffer, and leaves the inputs alone", async () => {
    const { data, shape } = tensor(2);
    const larger = new Float32Array(20);
    larger.set(data, 7);
    const part = larger.subarray(7, 15);
    assert.deepEqual(await model.run({ X: { data: part, shape } }), await model.run({ X: { data, shape } }));
    assert.deepEqual(part, data);
  });

  test("is not led astray by an array that lies about its length", async () => {
    const data = new Float32Array(40_000).fill(1);
    Object.defineProperty(data, "length", { value: 4 });
    await assert.rejects(model.run({ X: { data, shape: [1, 4] } }), { name: "EdgeInferError" });
    assert.deepEqual((await model.run({ X: tensor(1) })).label.shape, [1]);
  });

  test("gives the same outputs value by value", async () => {
    const expected = await model.run({ X: tensor(3) });
    assert.deepEqual(await model.run({ X: valueByValue(tensor(3)) }), expected);
  });

  test("takes strings of every length and script", async () => {
    const words = await load(await fixture("onnx-ai-onnx-ml-label-encoder-string-int").compiled());
    // Which has a number for a, b and c, and 42 for anything else.
    for (const word of ["", "é", "aé", "日本語", "👩‍🚀", "a".repeat(100), `${"a".repeat(60)}ß`, "\0", "\ud800", "a"]) {
      const { Y } = await words.run({ X: { data: [word, "a", "b", word, "c"], shape: [5] } });
      const number = word === "a" ? 0n : 42n;
      assert.deepEqual(Y.data, BigInt64Array.of(number, 0n, 1n, number, 2n), JSON.stringify(word));
    }
  });
});

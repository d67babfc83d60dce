// @ts-check
/** The entry `edgeinfer/onnx`: ONNX models, compiled where they are loaded. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";

import { assertAnswers, assertOutputs, fixture } from "../lib/fixtures.js";
import { unsupported } from "../lib/onnx.js";
import { edgeinfer } from "../lib/package.js";

const { load, EdgeInferError, Model } = await edgeinfer("edgeinfer/onnx");
const compiledOnly = await edgeinfer();

/** @param {Promise<any>} loading @param {string} code @param {RegExp} message */
async function assertFails(loading, code, message) {
  const error = await loading.then(
    () => assert.fail("it loaded"),
    (/** @type {any} */ error) => error,
  );
  assert.ok(error instanceof EdgeInferError, error.stack);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return error;
}

describe("edgeinfer/onnx", () => {
  for (const name of ["iris-forest", "iris-forest-zipmap", "diabetes-ridge", "digits-mlp"]) {
    test(`loads ${name} as ONNX with its metadata, and gives onnxruntime's answers`, async () => {
      const { onnx, metadata, inputs, rows, ...expected } = fixture(name);
      const model = await load(onnx, { metadata });
      assertOutputs(await model.run(inputs), { ...expected, name });
      assertAnswers(await model.predictBatch(rows), { ...expected, name });
      assert.deepEqual(model.info().metadata, metadata);
      model.dispose();
    });
  }

  test("gives ONNX and compiled models the same answers", async () => {
    const { onnx, metadata, rows, compiled } = fixture("iris-forest");
    const [one, other] = [await load(onnx, { metadata }), await load(await compiled())];
    assert.deepEqual(await one.predictBatch(rows), await other.predictBatch(rows));
    assert.deepEqual(one.info(), other.info());
  });

  test("needs no metadata", async () => {
    const model = await load(new Uint8Array(await readFile(fixture("iris-forest").onnx)));
    const { prediction, label } = await model.predict([7.2, 3.0, 5.8, 1.6]);
    assert.deepEqual({ prediction, label }, { prediction: 1, label: "1" });
  });

  test("has the Model and the errors of edgeinfer", () => {
    assert.equal(Model, compiledOnly.Model);
    assert.equal(EdgeInferError, compiledOnly.EdgeInferError);
  });

  test("says what is wrong with metadata", async () => {
    const { onnx } = fixture("iris-forest");
    /** @type {any} */
    const cyclic = {};
    cyclic.self = cyclic;
    for (const [metadata, message] of [
      [{ labels: "a,b" }, /the field `labels`/],
      [{ labels: ["only one"] }, /labels/],
      [{ features: ["a"] }, /features/],
      [cyclic, /no form as JSON/],
    ]) {
      const error = await assertFails(load(onnx, { metadata }), "invalid_request", message);
      assert.match(error.field, /^metadata/);
    }
  });

  test("says what is no model", async () => {
    const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
    await assertFails(load(bytes("<!doctype html>")), "invalid_model", /looks like HTML/);
    await assertFails(load(new Uint8Array([8, 9, 9])), "invalid_model", /not an ONNX model/);
    await assertFails(load(new Uint8Array()), "invalid_model", /empty/);
  });
});

describe("a model with operators that are not supported", () => {
  test("is refused with every such node", async () => {
    await assertFails(load(unsupported()), "unsupported_model", /node "first" \(Unheard\).*node "second" \(Unseen\)/);
  });
});

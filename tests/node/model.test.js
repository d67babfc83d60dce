// @ts-check
/** The life of a model: the shared runtime, health, disposal, memory. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { assertAnswers, fixture } from "../lib/fixtures.js";
import { edgeinfer, modules } from "../lib/package.js";

const { load, Model } = await edgeinfer();

// First: the runtime of this process is not started yet.
test("loads at the same time share one runtime, and each model answers for itself", async (t) => {
  const { mock } = t.mock.method(WebAssembly, "instantiate");
  // From bytes: Node's fetch instantiates a module of its own.
  const started = () => mock.calls.filter((call) => ArrayBuffer.isView(call.arguments[0])).length;
  const once = ["iris-forest", "digits-mlp", "diabetes-ridge", "flats-gaps-logistic", "topic-tfidf-logistic"].map(fixture);
  const twice = [...once, ...once];
  const loads = twice.map(async (each) => load(await each.compiled()));
  const models = await Promise.all(loads);
  assert.equal(started(), 1);
  await load(await fixture("iris-forest").compiled());
  assert.equal(started(), 1);
  const answers = await Promise.all(models.map((model, i) => model.predict(twice[i].rows[0])));
  for (const [i, answer] of answers.entries()) assertAnswers([answer], twice[i]);
});

test("info tells the engine, the size and the free dimension", async () => {
  const path = await fixture("iris-forest-zipmap").compiled();
  const model = await load(path);
  assert.ok(model instanceof Model);
  const info = model.info();
  assert.equal(info.engine, "edgeinfer");
  assert.equal(info.size_bytes, (await readFile(path)).length);
  assert.deepEqual(info.features[0], { name: "sepal length (cm)", type: "float32" });
  assert.deepEqual(info.inputs, [{ name: "X", type: "tensor", element: "float32", shape: ["N", 4] }]);
  assert.deepEqual(info.outputs, [
    { name: "output_label", type: "tensor", element: "int64", shape: ["N"] },
    { name: "output_probability", type: "map_sequence", keys: [0, 1, 2] },
  ]);
});

describe("a model", () => {
  test("that is loaded is healthy", async () => {
    const model = await load(await fixture("diabetes-ridge").compiled());
    assert.deepEqual(model.health(), { status: "healthy", model_loaded: true });
  });

  test("that was disposed of says so, whatever it is asked", async () => {
    const model = await load(await fixture("diabetes-ridge").compiled());
    model.dispose();
    const unavailable = { name: "EdgeInferError", code: "model_unavailable", message: /disposed of; load it again/ };
    await assert.rejects(model.predict(fixture("diabetes-ridge").rows[0]), unavailable);
    await assert.rejects(model.predictBatch(fixture("diabetes-ridge").rows), unavailable);
    await assert.rejects(model.run(fixture("diabetes-ridge").inputs), unavailable);
    assert.throws(() => model.info(), unavailable);
    const { reason, ...health } = model.health();
    assert.deepEqual(health, { status: "unhealthy", model_loaded: false });
    assert.match(reason, /disposed of/);
  });

  test("may be disposed of twice", async () => {
    const model = await load(await fixture("diabetes-ridge").compiled());
    model.dispose();
    model.dispose();
  });

  test("is disposed of by `using`", async () => {
    const model = await load(await fixture("diabetes-ridge").compiled());
    // What `using` calls, in a syntax that Node 20 has.
    model[Symbol.dispose]();
    assert.equal(model.health().status, "unhealthy");
  });

  test("may be disposed of when a call has broken off", async () => {
    const model = await load(await fixture("diabetes-ridge").compiled());
    const row = {
      get age() {
        throw new Error("mine");
      },
    };
    await assert.rejects(model.predict(row), (/** @type {any} */ error) => error.cause.message === "mine");
    model.dispose();
    assert.equal(model.health().status, "unhealthy");
  });

  test("that is disposed of leaves others alone", async () => {
    const path = await fixture("diabetes-ridge").compiled();
    const [one, other] = await Promise.all([load(path), load(path)]);
    const answer = await other.predict(fixture("diabetes-ridge").rows[0]);
    one.dispose();
    assert.deepEqual(await other.predict(fixture("diabetes-ridge").rows[0]), answer);
  });
});

test("memory does not grow with models that are disposed of, nor with predictions and errors", async () => {
  const glue = await import(pathToFileURL(join(await modules(), "wasm", "edgeinfer_web.js")).href);
  /** @type {{ memory: WebAssembly.Memory }} the runtime that is started */
  const { memory } = await glue.default();
  const { compiled, rows, inputs } = fixture("diabetes-ridge");
  const bytes = new Uint8Array(await readFile(await compiled()));
  const cycle = async () => {
    const model = await load(bytes);
    await model.predict(rows[0]);
    await model.run(inputs);
    await model.predict([]).catch(() => undefined);
    await load(bytes.subarray(1)).catch(() => undefined);
    model.dispose();
  };
  for (let i = 0; i < 100; i++) await cycle();
  const before = memory.buffer.byteLength;
  for (let i = 0; i < 2000; i++) await cycle();
  const grown = memory.buffer.byteLength - before;
  assert.ok(grown <= 1 << 20, `grew by ${grown} bytes over ${before}`);
});

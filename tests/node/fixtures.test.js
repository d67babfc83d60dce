// @ts-check
/** Every fixture in Node, through the installed package. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { assertAnswers, assertOutputs, fixtures } from "../lib/fixtures.js";
import { edgeinfer } from "../lib/package.js";

const { load } = await edgeinfer();

for (const fixture of fixtures) {
  describe(fixture.name, async () => {
    const model = await load(await fixture.compiled());

    test("run gives onnxruntime's outputs", async () => {
      assertOutputs(await model.run(fixture.inputs), fixture);
    });

    test("predictBatch gives onnxruntime's answers", async () => {
      assertAnswers(await model.predictBatch(fixture.rows), fixture);
    });

    test("predict answers a row given as an array, a typed array, and by name, all the same", async () => {
      for (const [index, row] of fixture.rows.slice(0, 20).entries()) {
        const answer = await model.predict(row);
        assertAnswers([answer], fixture, { from: index });
        assert.deepEqual(await model.predict(Float32Array.from(row)), answer);
        assert.deepEqual(await model.predict(Float64Array.from(row)), answer);
        assert.deepEqual(await model.predict(byName(row, fixture.features)), answer);
      }
    });

    test("info names features, labels, inputs and outputs", () => {
      const info = model.info();
      assert.equal(info.name, fixture.name);
      assert.equal(info.description, fixture.metadata.description);
      assert.equal(info.type, fixture.labels.length > 0 ? "classifier" : "regressor");
      assert.deepEqual(info.features.map(({ name }) => name), fixture.features);
      assert.deepEqual(info.labels, fixture.labels);
      assert.deepEqual(info.inputs.map(({ name }) => name), Object.keys(fixture.inputs));
      assert.deepEqual(info.outputs.map(({ name }) => name), Object.keys(fixture.outputs));
      assert.deepEqual(info.metadata, fixture.metadata);
    });
  });
}

/** The row as an object, its features in reverse. */
function byName(row, features) {
  return Object.fromEntries(features.map((name, index) => [name, row[index]]).reverse());
}

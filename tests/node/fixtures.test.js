// @ts-check
/** Every fixture in Node, through the installed package. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertAnswers, assertOutputs, compileAll, fixtures } from "../lib/fixtures.js";
import { edgeinfer } from "../lib/package.js";

/** How many rows of each fixture go to `predict`. */
const SINGLE = 5;

const { load } = await edgeinfer();
await compileAll(fixtures);

/** @typedef {import("../lib/fixtures.js").Fixture} Fixture */

/** Asserts that edgeinfer's own engine gives onnxruntime's outputs. @param {any} model @param {Fixture} fixture */
async function assertRuns(model, fixture) {
  assert.equal(model.info().engine, "edgeinfer");
  for (const run of fixture.runs) assertOutputs(await model.run(run.inputs), run);
}

for (const fixture of fixtures.filter(({ excluded }) => excluded === undefined)) {
  describe(fixture.name, () => {
    /** @type {any} */
    let model;
    before(async () => (model = await load(await fixture.compiled())));
    after(() => model?.dispose());

    test("run gives onnxruntime's outputs, on edgeinfer's own engine", () => assertRuns(model, fixture));

    test("info names features, labels, inputs and outputs", () => assertInfo(model.info(), fixture));

    if (fixture.answers.length === 0) {
      test("predict says that it cannot", async () => {
        await assert.rejects(model.predictBatch(fixture.rows), { code: "unsupported_model" });
      });
      return;
    }

    test("predictBatch gives onnxruntime's answers", async () => {
      assertAnswers(await model.predictBatch(fixture.rows), fixture, { count: fixture.rows.length });
      const named = fixture.rows.map((row) => byName(row, fixture.features));
      assertAnswers(await model.predictBatch(named), fixture, { count: fixture.rows.length });
    });

    test("predict answers a row given as an array, a typed array, and by name, all the same", async () => {
      for (const [from, row] of fixture.rows.slice(0, SINGLE).entries()) {
        const answer = await model.predict(row);
        assertAnswers([answer], fixture, { from });
        assert.deepEqual(await model.predict(byName(row, fixture.features)), answer);
        if (!row.every((value) => typeof value === "number")) continue;
        assert.deepEqual(await model.predict(Float32Array.from(row)), answer);
        assert.deepEqual(await model.predict(Float64Array.from(row)), answer);
      }
    });
  });
}

for (const fixture of fixtures.filter(({ excluded }) => excluded !== undefined)) {
  test(`${fixture.name} is excluded: ${fixture.excluded}`, async () => {
    const runs = fixture.compiled().then(load).then((/** @type {any} */ model) => assertRuns(model, fixture));
    await assert.rejects(runs, Error, "it runs; take it off tests/fixtures/exclusions.json");
  });
}

/** @param {any} info @param {Fixture} fixture */
function assertInfo(info, { name, metadata, type, features, labels, inputs, outputs }) {
  const names = (/** @type {{ name: string }[]} */ list) => list.map(({ name }) => name);
  assert.equal(info.name, name);
  assert.equal(info.description, metadata.description);
  assert.deepEqual(info.metadata, metadata);
  assert.deepEqual(names(info.inputs), Object.keys(inputs));
  assert.deepEqual(names(info.outputs), Object.keys(outputs));
  assert.deepEqual(names(info.features), features);
  // What the outputs mean is not asked of a model that takes no rows.
  if (features.length > 0) assert.equal(info.type, type);
  if (labels.length > 0 || type !== "classifier") assert.deepEqual(info.labels, labels);
}

/** The row as an object, its features in reverse. @param {any[]} row @param {string[]} features */
function byName(row, features) {
  return Object.fromEntries(features.map((name, index) => [name, row[index]]).reverse());
}

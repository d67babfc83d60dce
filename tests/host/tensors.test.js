// @ts-check
/** Models that take no rows over HTTP: onnxruntime's outputs through the Open Inference Protocol, from the component. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { assertOutputs, compileAll, fixtures } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { request } from "../lib/http.js";
import { areInJson, areNumbers, inferBinary, inferJson } from "../lib/inference.js";

const models = fixtures.filter(({ excluded, features, runs }) => {
  const isNumbers = runs.every(({ inputs, outputs }) => areNumbers(inputs) && areNumbers(outputs));
  return excluded === undefined && features.length === 0 && isNumbers;
});
await compileAll(models);
const { origin } = await host(await Promise.all(models.map(({ compiled }) => compiled())));

test("there are networks among them", () => {
  assert(models.filter(({ name }) => name.startsWith("network-")).length >= 19);
});

for (const { name, runs, inputs, outputs } of models) {
  test(`${name} says what it takes and gives`, async () => {
    const metadata = (await request(origin, { path: `/v2/models/${name}` })).json();
    const names = (/** @type {{ name: string }[]} */ list) => list.map(({ name }) => name);
    assert.deepEqual([names(metadata.inputs), names(metadata.outputs)], [Object.keys(inputs), Object.keys(outputs)]);
  });

  test(`${name} gives onnxruntime's outputs, for tensors in JSON and as bytes`, async () => {
    for (const run of runs) {
      if (areInJson(run.inputs)) assertOutputs(await inferJson(origin, name, run.inputs), run);
      assertOutputs(await inferBinary(origin, name, run.inputs), run);
    }
  });
}

// @ts-check
/**
 * ONNX's own backend tests through the npm package. The native runner has compiled
 * the cases (cargo package edgeinfer-conformance, --emit); what becomes of them
 * here and there is written to RESULTS.md.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { repository } from "../lib/dist.js";
import { edgeinfer } from "../lib/package.js";
import { files, id, outcomes } from "./cases.js";
import { difference } from "./compare.js";
import { reason } from "./exclusions.js";
import { text } from "./results.js";
import { given } from "./values.js";

const RESULTS = join(repository, "tests", "conformance", "RESULTS.md");
const { load } = await edgeinfer();

test("the cases pass on the package's runtime, but for those that are excluded", async () => {
  const results = [];
  for (const outcome of outcomes()) results.push({ ...outcome, wasm: await failure(outcome) });
  // Written first: it says what fails.
  const before = existsSync(RESULTS) ? readFileSync(RESULTS, "utf8") : "";
  const after = text(results);
  if (after !== before) writeFileSync(RESULTS, after);
  const failing = results.filter((result) => result.wasm !== undefined && reason(id(result)) === undefined);
  assert.deepEqual(failing.map((result) => `${id(result)}: ${result.wasm}`), [], `of ${results.length} cases`);
  const passing = results.filter((result) => result.wasm === undefined && reason(id(result)) !== undefined);
  assert.deepEqual(passing.map(id), [], "excluded, but they pass: take them out of exclusions.json");
  assert(after === before, "tests/conformance/RESULTS.md was not what the run gives; it is now: commit it");
});

/**
 * Why the case fails; undefined where it passes.
 * @param {import("./cases.js").Outcome} outcome
 */
async function failure(outcome) {
  const found = await files(outcome);
  if (found === undefined) return outcome.failure?.message;
  let model;
  try {
    model = await load(found.model);
    for (const { inputs, outputs } of found.sets) {
      const came = await model.run(Object.fromEntries(inputs.map(({ name, value }) => [name, given(value)])));
      for (const { name, value } of outputs) {
        const different = difference(came[name], value, found.tolerance);
        if (different !== undefined) return `output ${name}: ${different}`;
      }
    }
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    model?.dispose();
  }
}

// @ts-check
/** The READMEs: their code runs as it stands. */
import assert from "node:assert/strict";
import { copyFile, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { dist, run, temporaryFolder } from "../lib/dist.js";
import { assertClose, fixture } from "../lib/fixtures.js";
import { edgeinfer, modules, project } from "../lib/package.js";

const readme = await readFile(join(await modules(), "..", "README.md"), "utf8");
const snippets = javascript(readme);
const projectSnippets = javascript(await readFile(new URL("../../README.md", import.meta.url), "utf8"));

test("every JavaScript snippet runs beside a compiled model", async () => {
  assert.ok(snippets.length > 0 && projectSnippets.length > 0, "a README has no snippet");
  const folder = await temporaryFolder();
  await symlink(join(await project(), "node_modules"), join(folder, "node_modules"));
  for (const name of ["iris.edge", "iris-forest.edge"]) {
    await copyFile(dist("models", "iris-forest.edge"), join(folder, name));
  }
  await copyFile(fixture("iris-forest").onnx, join(folder, "iris.onnx"));
  for (const [i, code] of [...snippets, ...projectSnippets].entries()) {
    const file = join(folder, `snippet-${i}.mjs`);
    await writeFile(file, code);
    await run(process.execPath, [file], { cwd: folder });
  }
});

test("the answer that the first snippet shows is the model's", async () => {
  const [, row, shown] = snippets[0].match(/predict\((\[.*?\])\);\n\/\/ (\{.*\})/) ?? assert.fail("no answer is shown");
  const { probabilities, confidence, ...rest } = json(shown);
  const { load } = await edgeinfer();
  const model = await load(dist("models", "iris-forest.edge"));
  const answer = await model.predict(json(row));
  assert.deepEqual({ prediction: answer.prediction, label: answer.label }, rest);
  assertClose([...answer.probabilities, answer.confidence], [...probabilities, confidence], 1e-5, "probabilities");
});

/** The JavaScript in a Markdown text. */
function javascript(/** @type {string} */ markdown) {
  return [...markdown.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
}

/** Reads an object as one writes it in JavaScript. */
function json(/** @type {string} */ text) {
  return JSON.parse(text.replace(/(\w+):/g, '"$1":'));
}

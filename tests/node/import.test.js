// @ts-check
/** Importing the package does nothing. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { run } from "../lib/dist.js";
import { fixture } from "../lib/fixtures.js";
import { modules, project } from "../lib/package.js";

/** The keys of every global and of its prototype, but for those that Node makes when they are first seen. */
const SURVEY = `
  const isMade = (name) => "value" in Object.getOwnPropertyDescriptor(globalThis, name);
  const made = Reflect.ownKeys(globalThis).filter(isMade);
  const keys = (value) => value === Object(value) ? Reflect.ownKeys(value) : [];
  const survey = () => {
    const inner = made.map((name) => [name, ...keys(globalThis[name]), ...keys(globalThis[name]?.prototype)]);
    return [Reflect.ownKeys(globalThis), ...inner].map((group) => group.map(String).join(" "));
  };
`;

/** What a page could see, poisoned. */
const POISON = `
  const refuse = (what) => () => { throw new Error("importing called " + what); };
  for (const name of ["fetch", "setTimeout", "setInterval", "queueMicrotask"]) globalThis[name] = refuse(name);
  for (const name of ["compile", "instantiate", "compileStreaming", "instantiateStreaming", "Module", "Memory"]) {
    WebAssembly[name] = refuse("WebAssembly." + name);
  }
`;

/** Runs a module in a process of its own, where no string may be evaluated as code. */
async function node(/** @type {string} */ source) {
  const args = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", source];
  return run(process.execPath, args, { cwd: await project(), timeout: 30_000 });
}

describe("importing", () => {
  const model = ["EdgeInferError", "Model", "load"];
  const server = ["EdgeInferError", "createHandler"];
  const entries = { "node.js": model, "index.js": model, "onnx/node.js": model, "onnx/index.js": model, "server/node.js": server, "server/index.js": server };
  for (const [entry, exported] of Object.entries(entries)) {
    test(`${entry} touches no global, starts nothing and says nothing`, async () => {
      const specifier = pathToFileURL(join(await modules(), entry)).href;
      const { stdout, stderr } = await node(`
        ${SURVEY}
        ${POISON}
        const before = survey();
        const names = Object.keys(await import(${JSON.stringify(specifier)}));
        process.stdout.write(JSON.stringify({ names, before, after: survey() }));
      `);
      const { names, before, after } = JSON.parse(stdout);
      assert.deepEqual(names, exported);
      assert.deepEqual(after, before);
      assert.equal(stderr, "");
    });
  }
});

test("loading and predicting evaluate no string as code, say nothing, and let the process end", async () => {
  const { stdout, stderr } = await node(`
    import { load } from "edgeinfer";
    const model = await load(${JSON.stringify(await fixture("iris-forest").compiled())});
    process.stdout.write((await model.predict([5.1, 3.5, 1.4, 0.2])).label);
  `);
  assert.deepEqual({ stdout, stderr }, { stdout: "setosa", stderr: "" });
});

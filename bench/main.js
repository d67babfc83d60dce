// edgeinfer beside onnxruntime-web, one thread each, in one run.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

import { names, open, rows } from "./cases.js";
import { bytesOf, engines } from "./engines.js";
import { sizes, starts, times } from "./measure.js";
import { print, progress } from "./report.js";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean" }, json: { type: "string" }, only: { type: "string", multiple: true } },
});
const effort = options.quick ? { rounds: 7, milliseconds: 40, starts: 3 } : { rounds: 21, milliseconds: 150, starts: 11 };
const engineNames = Object.keys(engines);

progress("compressing the runtimes with brotli");
const report = {
  node: process.version,
  cpu: cpus()[0]?.model,
  threads: 1,
  onnxruntimeWeb: (await import("onnxruntime-web/wasm")).env.versions.web,
  sizes: byEngine(engineNames.map((name) => sizes(engines[name].wasm))),
  missing: names().missing,
  results: [],
};
for (const name of names().there) {
  if (options.only === undefined || options.only.includes(name)) await measure(name);
}
progress("");
print(report, engineNames);
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);

/** Everything that is measured of one model. */
async function measure(name) {
  const model = open(name);
  const subjects = [];
  for (const engine of engineNames) subjects.push(await subject(engines[engine], model));
  const add = async (what, actions) => {
    progress(`${name}, ${what}`);
    report.results.push({ model: name, what, ...byEngine(await withoutFailed(subjects, actions)) });
  };
  for (const count of [1, 1000]) {
    const inputs = rows(model, count);
    const action = ({ session }) => () => session.run(inputs);
    await add(`${count} row${count === 1 ? "" : "s"}`, (working) => times(working.map(action), effort));
  }
  const load = ({ engine, bytes }) => async () => (await engine.load(bytes)).end();
  await add("load", (working) => times(working.map(load), effort));
  await add("start to first prediction", (working) => starts(working.map(({ engine }) => nameOf(engine)), name, effort));
}

/** An engine with a model loaded, or why it cannot run it. */
async function subject(engine, model) {
  try {
    const bytes = await bytesOf(engine, model);
    const session = await engine.load(bytes);
    await session.run(rows(model, 1));
    return { engine, bytes, session };
  } catch (error) {
    return { engine, error: error instanceof Error ? error.message : String(error) };
  }
}

/** What `measured` gives for the subjects that work, and the errors of the others, in order. */
async function withoutFailed(subjects, measured) {
  const results = (await measured(subjects.filter(({ error }) => error === undefined))).values();
  return subjects.map(({ error }) => (error === undefined ? results.next().value : { error }));
}

function nameOf(engine) {
  return engineNames.find((name) => engines[name] === engine);
}

function byEngine(results) {
  return Object.fromEntries(results.map((result, index) => [engineNames[index], result]));
}

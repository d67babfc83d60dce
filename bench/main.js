// edgeinfer beside onnxruntime-web, one thread each, in one run.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

import { names, open } from "./cases.js";
import { bytesOf, engines } from "./engines.js";
import { sizes, starts, times } from "./measure.js";
import { print, progress } from "./report.js";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean" }, networks: { type: "boolean" }, json: { type: "string" }, only: { type: "string", multiple: true } },
});
const effort = options.quick ? { rounds: 7, milliseconds: 40, starts: 3 } : { rounds: 21, milliseconds: 150, starts: 11 };
const engineNames = Object.keys(engines);

progress("compressing the runtimes with brotli");
const report = {
  node: process.version,
  cpu: cpus()[0]?.model,
  threads: 1,
  onnxruntimeWeb: (await import("onnxruntime-web/wasm")).env.versions.web,
  sizes: byEngine(engineNames.map((name) => sizes(options.networks ? engines[name].networks : engines[name].wasm))),
  missing: names(options.networks).missing,
  results: [],
};
for (const name of names(options.networks).there) {
  if (options.only === undefined || options.only.includes(name)) await measure(name);
}
progress("");
print(report, engineNames);
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);

/**
 * Everything that is measured of one model. Where an engine cannot give all the
 * outputs, because they are no tensors, it is measured without them besides.
 */
async function measure(name) {
  const model = open(name);
  const subjects = [];
  for (const engine of engineNames) subjects.push(await subject(engines[engine], model));
  const add = async (what, failure, measured) => {
    progress(`${name}, ${what}`);
    const working = subjects.filter((subject) => failure(subject) === undefined);
    const results = (await measured(working)).values();
    const result = (subject) => (failure(subject) === undefined ? results.next().value : { error: failure(subject) });
    report.results.push({ model: name, what, ...byEngine(subjects.map(result)) });
  };
  const isPartial = subjects.some(({ failures }) => failures.run !== undefined && failures.runLabel === undefined);
  for (const { what, inputs } of model.variants) {
    const runs = (how) => (working) => times(working.map(({ session }) => () => session[how](inputs)), effort);
    await add(what, ({ failures }) => failures.run, runs("run"));
    if (isPartial) await add(`${what}, theirs the label alone`, ({ failures }) => failures.runLabel, runs("runLabel"));
  }
  const load = ({ engine, bytes }) => async () => (await engine.load(bytes)).end();
  await add("load", ({ failures }) => failures.load, (working) => times(working.map(load), effort));
  const first = (working) => starts(working.map(({ engine }) => nameOf(engine)), name, effort);
  await add("start to first prediction", ({ failures }) => failures.run, first);
}

/** An engine with a model loaded, and what of it fails, with the reason. */
async function subject(engine, model) {
  const failures = {};
  const attempt = async (what, action) => {
    try {
      return await action();
    } catch (error) {
      failures[what] = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  };
  const bytes = await bytesOf(engine, model);
  const session = await attempt("load", () => engine.load(bytes));
  for (const how of ["run", "runLabel"]) {
    if (session) await attempt(how, () => session[how](model.variants[0].inputs));
    else failures[how] = failures.load;
  }
  return { engine, bytes, session, failures };
}

function nameOf(engine) {
  return engineNames.find((name) => engines[name] === engine);
}

function byEngine(results) {
  return Object.fromEntries(results.map((result, index) => [engineNames[index], result]));
}

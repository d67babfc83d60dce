// edgeinfer beside onnxruntime-web, one thread each, in one run.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

import { cases } from "./cases.js";
import { engines } from "./engines.js";
import { firstPredictions, latencies, sizes } from "./measure.js";

const { values: options } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "string" } } });
const effort = options.quick ? { rounds: 7, milliseconds: 100, starts: 5 } : { rounds: 25, milliseconds: 400, starts: 15 };
const names = Object.keys(engines);

progress("compressing the runtimes with brotli");
const report = {
  node: process.version,
  cpu: cpus()[0]?.model,
  threads: 1,
  onnxruntimeWeb: (await import("onnxruntime-web/wasm")).env.versions.web,
  sizes: Object.fromEntries(names.map((name) => [name, sizes(engines[name].wasm)])),
  latency: [],
  firstPrediction: [],
};

for (const model of cases()) {
  const sessions = [];
  for (const name of names) sessions.push(await engines[name].load(model));
  for (const rows of [1, 1000]) {
    progress(`${model.name}, ${rows} row${rows === 1 ? "" : "s"}`);
    const results = await latencies(sessions, model, rows, effort);
    report.latency.push({ model: model.name, rows, ...byName(results) });
  }
  progress(`${model.name}, process start to first prediction`);
  report.firstPrediction.push({ model: model.name, ...byName(firstPredictions(names, model, effort.starts)) });
}

progress("");
print(report);
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);

function byName(results) {
  return Object.fromEntries(results.map((result, index) => [names[index], result]));
}

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text) process.stderr.write(`${text}\n`);
}

function print({ node, cpu, onnxruntimeWeb, sizes, latency, firstPrediction }) {
  const [ours, theirs] = names;
  const lines = [`Node ${node}, ${cpu}, one thread, onnxruntime-web ${onnxruntimeWeb} (/wasm)`, ""];
  const row = (...cells) => lines.push(cells.map((cell, i) => (i ? cell.padStart(18) : cell.padEnd(44))).join(""));
  row("", ours, theirs, "theirs / ours");
  const compare = (what, a, b, show) => row(what, show(a), show(b), `${(b / a).toFixed(2)}x`);
  for (const kind of ["raw", "brotli"]) {
    compare(`runtime wasm, ${kind}`, sizes[ours][kind], sizes[theirs][kind], (n) => `${(n / 1e6).toFixed(2)} MB`);
  }
  for (const result of latency) {
    const what = `${result.model}, ${result.rows} row${result.rows === 1 ? "" : "s"}, median`;
    compare(what, result[ours].microseconds, result[theirs].microseconds, microseconds);
  }
  for (const result of firstPrediction) {
    compare(`${result.model}, start to first prediction`, result[ours], result[theirs], (n) => `${n.toFixed(0)} ms`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

function microseconds(value) {
  return value < 1000 ? `${value.toFixed(1)} µs` : `${(value / 1000).toFixed(2)} ms`;
}

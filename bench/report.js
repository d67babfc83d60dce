// What the bench prints.
import { median } from "./measure.js";

/** Shows what is being done, in place on a terminal. */
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text) process.stderr.write(`${text}\n`);
}

/** Prints the report as a table, `engines` being the names of ours and of theirs. */
export function print({ node, cpu, onnxruntimeWeb, sizes, missing, results }, engines) {
  const [ours, theirs] = engines;
  const lines = [`Node ${node}, ${cpu}, one thread, onnxruntime-web ${onnxruntimeWeb} (/wasm)`, "medians; how many times longer theirs take, by the medians and by the best of the rounds", ""];
  const row = (...cells) => lines.push(cells.map((cell, i) => (i ? cell.padStart(17) : cell.padEnd(58))).join(""));
  row("", ours, theirs, "by medians", "by best");
  for (const kind of ["raw", "brotli"]) {
    const [a, b] = engines.map((name) => sizes[name][kind]);
    row(`runtime wasm, ${kind}`, `${(a / 1e6).toFixed(2)} MB`, `${(b / 1e6).toFixed(2)} MB`, times(b / a));
  }
  for (const result of results) {
    const ratios = ["microseconds", "min"].map((figure) => ratioOf(result, engines, figure));
    const cells = engines.map((name) => (result[name].error === undefined ? duration(result[name].microseconds) : "not supported"));
    row(`${result.model}, ${result.what}`, ...cells, ...ratios.map((ratio) => (ratio === undefined ? "" : times(ratio))));
  }
  lines.push("");
  row("theirs / ours by medians, over the models", "least", "median", "models");
  for (const what of new Set(results.map((result) => result.what))) {
    const ratios = results.filter((result) => result.what === what).map((result) => ratioOf(result, engines, "microseconds"));
    const known = ratios.filter((ratio) => ratio !== undefined);
    if (known.length > 0) row(what, times(Math.min(...known)), times(median(known)), `${known.length} of ${ratios.length}`);
  }
  const reasons = new Set(results.flatMap((result) => engines.map((name) => reason(result, name)).filter(Boolean)));
  if (reasons.size > 0) lines.push("", "not supported:", ...reasons);
  if (missing.length > 0) lines.push("", `skipped, as there is no such fixture: ${missing.join(", ")}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** How many times longer theirs takes than ours by `figure`, where both work. */
function ratioOf(result, engines, figure) {
  const [ours, theirs] = engines.map((name) => result[name][figure]);
  return ours === undefined || theirs === undefined ? undefined : theirs / ours;
}

function reason(result, name) {
  const { error } = result[name];
  return error && `  ${result.model} in ${name}: ${error.replace(/\s+/g, " ").slice(0, 200)}`;
}

function times(ratio) {
  return `${ratio.toFixed(2)}x`;
}

function duration(microseconds) {
  return microseconds < 1000 ? `${microseconds.toFixed(2)} µs` : `${(microseconds / 1000).toFixed(2)} ms`;
}

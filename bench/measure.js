import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

import { rows } from "./cases.js";

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * The latency of each session in microseconds per run, the sessions taking
 * turns so that the machine's noise meets all of them: the median over `rounds`
 * of rounds that last about `milliseconds` each.
 */
export async function latencies(sessions, model, count, { rounds, milliseconds }) {
  const { data, shape } = rows(model, count);
  const repeats = [];
  for (const run of sessions) repeats.push(await calibrate(run, data, shape, milliseconds));
  const samples = sessions.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of sessions.entries()) {
      samples[index].push(await once(run, data, shape, repeats[index]));
    }
  }
  return samples.map((values) => ({ microseconds: median(values), min: Math.min(...values), max: Math.max(...values) }));
}

async function once(run, data, shape, repeats) {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) await run(data, shape);
  return ((performance.now() - start) / repeats) * 1000;
}

/** How many runs take about `milliseconds`, after a warm-up. */
async function calibrate(run, data, shape, milliseconds) {
  let repeats = 1;
  for (;;) {
    const elapsed = ((await once(run, data, shape, repeats)) * repeats) / 1000;
    if (elapsed > milliseconds / 4) return Math.max(1, Math.round((repeats * milliseconds) / elapsed));
    repeats *= 2;
  }
}

/** The median time from process start to the first prediction, in milliseconds. */
export function firstPredictions(names, model, runs) {
  const samples = names.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, name] of names.entries()) {
      const script = fileURLToPath(new URL("first.js", import.meta.url));
      samples[index].push(Number(execFileSync(process.execPath, [script, name, model.name])));
    }
  }
  return samples.map(median);
}

/** The size of a file, as it is and with brotli at its best. */
export function sizes(url) {
  const raw = readFileSync(url);
  const brotli = brotliCompressSync(raw, {
    params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
  });
  return { raw: raw.length, brotli: brotli.length };
}

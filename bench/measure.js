import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

/**
 * @typedef {object} Effort how long to measure
 * @property {number} rounds
 * @property {number} milliseconds of each round
 * @property {number} starts of processes
 *
 * @typedef {{ microseconds: number, min: number, max: number }} Time the median over the rounds, and its bounds
 */

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * How long each of `actions` takes; they take turns, so that the machine's noise
 * meets all of them.
 * @param {(() => Promise<unknown>)[]} actions
 * @param {Effort} effort
 * @returns {Promise<Time[]>}
 */
export async function times(actions, { rounds, milliseconds }) {
  const repeats = [];
  for (const action of actions) repeats.push(await calibrate(action, milliseconds));
  const samples = actions.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, action] of actions.entries()) samples[index].push(await once(action, repeats[index]));
  }
  return samples.map((values) => ({ microseconds: median(values), min: Math.min(...values), max: Math.max(...values) }));
}

/** Microseconds for each of `repeats` calls. */
async function once(action, repeats) {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) await action();
  return ((performance.now() - start) / repeats) * 1000;
}

/** How many calls take about `milliseconds`, after a warm-up. */
async function calibrate(action, milliseconds) {
  let repeats = 1;
  for (;;) {
    const elapsed = ((await once(action, repeats)) * repeats) / 1000;
    if (elapsed > milliseconds / 4) return Math.max(1, Math.round((repeats * milliseconds) / elapsed));
    repeats *= 2;
  }
}

/**
 * From process start to the first prediction.
 * @param {string[]} engines
 * @param {string} name
 * @param {Effort} effort
 * @returns {Time[]}
 */
export function starts(engines, name, { starts }) {
  const script = fileURLToPath(new URL("first.js", import.meta.url));
  const samples = engines.map(() => []);
  for (let start = 0; start < starts; start++) {
    for (const [index, engine] of engines.entries()) {
      samples[index].push(Number(execFileSync(process.execPath, [script, engine, name])) * 1000);
    }
  }
  return samples.map((values) => ({ microseconds: median(values), min: Math.min(...values), max: Math.max(...values) }));
}

/** The size of a file, as it is and with brotli at its best. */
export function sizes(url) {
  const raw = readFileSync(url);
  const brotli = brotliCompressSync(raw, {
    params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
  });
  return { raw: raw.length, brotli: brotli.length };
}

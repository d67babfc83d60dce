// @ts-check
/** The cases, as the native runner wrote them, and what became of them there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { repository } from "../lib/dist.js";
import { value } from "./values.js";

const FOLDER = join(repository, "target", "conformance", "cases");
const OUTCOMES = join(FOLDER, "outcomes.json");

/**
 * @typedef {object} Outcome what became of a case
 * @property {string} suite
 * @property {string} name
 * @property {string[]} operators those of its graph
 * @property {{ stage: string, message: string } | null} failure
 */

/** What became of each case natively. @returns {Outcome[]} */
export function outcomes() {
  assert(existsSync(OUTCOMES), `no ${OUTCOMES}; scripts/test makes it: cargo run --release --package edgeinfer-conformance -- --emit ${FOLDER}`);
  return JSON.parse(readFileSync(OUTCOMES, "utf8"));
}

/** @param {Outcome} outcome */
export const id = ({ suite, name }) => `${suite}/${name}`;

/**
 * The compiled model of a case and its values; undefined where it did not compile.
 * @param {Outcome} outcome
 */
export async function files(outcome) {
  if (["read", "compile"].includes(outcome.failure?.stage ?? "")) return undefined;
  const file = (/** @type {string} */ name) => readFile(join(FOLDER, id(outcome), name));
  const [told, model, elements] = await Promise.all([file("case.json"), file("model.edge"), file("elements.bin")]);
  const buffer = new Uint8Array(elements).buffer;
  const { rtol, atol, sets } = JSON.parse(told.toString());
  const named = (/** @type {any[]} */ values) => values.map((each) => ({ name: each.name, value: value(each.value, buffer) }));
  return {
    model: new Uint8Array(model),
    tolerance: { rtol, atol },
    /** @type {{ inputs: ReturnType<typeof named>, outputs: ReturnType<typeof named> }[]} */
    sets: sets.map((/** @type {any} */ set) => ({ inputs: named(set.inputs), outputs: named(set.outputs) })),
  };
}

// @ts-check
/**
 * The fixtures: models with the answers that onnxruntime gives. A case is a
 * folder of tests/fixtures; to add one needs no code. scripts/fixtures/__init__.py
 * says what is in it.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, renameSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { expected, rowsOf } from "./answers.js";
import { cache, dist, repository, run } from "./dist.js";
import { value } from "./values.js";

export { assertAnswers, assertClose, assertOutputs } from "./compare.js";

const FOLDER = join(repository, "tests", "fixtures");
const json = (/** @type {string[]} */ ...path) => JSON.parse(readFileSync(join(FOLDER, ...path), "utf8"));

/** Why edgeinfer's own engine cannot run a fixture, by its name. @type {Record<string, string>} */
const exclusions = json("exclusions.json");

/** Every fixture, by name; read when it is asked for. */
export const fixtures = readdirSync(FOLDER)
  .filter((name) => existsSync(join(FOLDER, name, "model.onnx")))
  .map(makeFixture);

/** @typedef {ReturnType<typeof makeFixture>} Fixture */

for (const name of Object.keys(exclusions)) fixture(name);

/**
 * The fixture of that name.
 * @param {string} name
 */
export function fixture(name) {
  const found = fixtures.find((each) => each.name === name);
  assert(found, `no fixture ${name}; there are: ${fixtures.map((each) => each.name).join(", ")}`);
  return found;
}

/** @param {string} name */
function makeFixture(name) {
  const cases = once(() => json(name, "cases.json"));
  const metadata = once(() => json(name, "model_metadata.json"));
  const answers = once(() => expected(cases(), metadata()));
  return {
    name,
    onnx: join(FOLDER, name, "model.onnx"),
    /** Why edgeinfer's own engine cannot run it. @type {string | undefined} */
    excluded: exclusions[name],
    get metadata() {
      return metadata();
    },
    /** The names of the features; empty where the model takes no rows of them. @type {string[]} */
    get features() {
      return metadata().features ?? [];
    },
    /** The names of the classes; empty for what has none. @type {string[]} */
    get labels() {
      return metadata().labels ?? [];
    },
    /** What `run` takes. */
    get inputs() {
      return byName(cases().inputs);
    },
    /** What `run` gives. */
    get outputs() {
      return byName(cases().outputs);
    },
    /** Those, and more of other shapes where shapes are free. */
    get runs() {
      const { tolerance, more = [], ...first } = cases();
      return [first, ...more].map(({ inputs, outputs }) => ({
        name,
        tolerance,
        inputs: byName(inputs),
        outputs: byName(outputs),
      }));
    },
    /** @type {number} */
    get tolerance() {
      return cases().tolerance;
    },
    /** The rows of features, of all inputs side by side, with null for NaN. */
    get rows() {
      return rowsOf(cases().inputs);
    },
    /** What kind of model it is. */
    get type() {
      return answers().type;
    },
    /** What `predict` answers to each row; empty where the model does not give a prediction for each. */
    get answers() {
      return answers().answers;
    },
    /** Where the compiled model is; the first call compiles it. */
    compiled: once(() => compiled(name)),
  };
}

/**
 * Compiles those that are not, a few at a time. What fails to compile fails again
 * where it is asked for.
 * @param {Fixture[]} fixtures
 */
export async function compileAll(fixtures) {
  const rest = fixtures.values();
  const compileNext = async () => {
    for (const { compiled } of rest) await compiled().catch(() => undefined);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
}

/** @param {string} name */
async function compiled(name) {
  const command = dist("edgeinfer");
  const path = join(cache("models"), `${name}.edge`);
  const sources = [join(FOLDER, name, "model.onnx"), join(FOLDER, name, "model_metadata.json"), command];
  if (!existsSync(path) || sources.some((source) => statSync(source).mtimeMs > statSync(path).mtimeMs)) {
    // Under a name of its own first: test files run at the same time.
    const made = `${path}.${process.pid}`;
    await run(command, ["compile", sources[0], "-o", made]);
    renameSync(made, path);
  }
  return path;
}

/** @param {import("./values.js").Json[]} values */
function byName(values) {
  return Object.fromEntries(values.map((each) => [each.name, value(each)]));
}

/** @template T @param {() => T} make @returns {() => T} `make`, which is called once at most */
function once(make) {
  /** @type {{ made: T } | undefined} */
  let kept;
  return () => (kept ??= { made: make() }).made;
}

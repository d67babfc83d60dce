// @ts-check
/** What `scripts/build` made, and where tests keep what they make of it. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const repository = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The path of a file or folder in `target/dist`.
 * @param {...string} path
 */
export function dist(...path) {
  const file = join(repository, "target", "dist", ...path);
  if (!existsSync(file)) throw new Error(`there is no ${file}; make it with scripts/build`);
  return file;
}

/**
 * A folder for what tests derive from `target/dist` and keep between runs.
 * @param {string} name
 */
export function cache(name) {
  const folder = join(repository, "target", "tests", name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A folder of its own, gone when the tests of the file are. */
export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), "edgeinfer-test-"));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Runs a program to its end. Rejects with its output when it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {import("node:child_process").ExecFileOptions} [options]
 */
export async function run(program, args, options) {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { ...options, encoding: "utf8" });
    return { stdout, stderr };
  } catch (error) {
    const { stdout = "", stderr = "", message } = /** @type {any} */ (error);
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}

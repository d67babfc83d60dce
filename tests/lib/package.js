// @ts-check
/** The npm package as a user has it: the tarball, installed. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { cache, dist, run } from "./dist.js";

/** Modules of the user's, which resolve the package's entries as his would. */
const CONSUMERS = {
  edgeinfer: "consumer.js",
  "edgeinfer/onnx": "consumer-of-onnx.js",
  "edgeinfer/server": "consumer-of-server.js",
};

/**
 * The folder of a project that has the package installed. Installed once per
 * tarball: test files share it and write nothing into it.
 */
export async function project() {
  const tarball = dist("edgeinfer.tgz");
  const hash = createHash("sha256").update(await readFile(tarball)).digest("hex");
  const name = `project-${hash.slice(0, 16)}`;
  const folder = join(cache("."), name);
  if (existsSync(folder)) return folder;
  const made = await mkdtemp(join(cache("."), "installing-"));
  await install(made);
  try {
    await rename(made, folder);
    await removeOthers(name);
  } catch (error) {
    // Another test file was first.
    await rm(made, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/**
 * Makes `folder` a project with the package in it. Without a registry: it has
 * no dependencies.
 * @param {string} folder
 */
export async function install(folder) {
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  for (const [entry, module] of Object.entries(CONSUMERS)) {
    await writeFile(join(folder, module), `export * from "${entry}";\n`);
  }
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", dist("edgeinfer.tgz")], { cwd: folder });
}

/**
 * The package, imported from the project.
 * @param {keyof typeof CONSUMERS} [entry]
 */
export async function edgeinfer(entry = "edgeinfer") {
  return import(pathToFileURL(join(await project(), CONSUMERS[entry])).href);
}

/**
 * The folder of the installed package's modules, for a server of static files.
 */
export async function modules() {
  return join(await project(), "node_modules", "edgeinfer", "dist");
}

async function removeOthers(/** @type {string} */ kept) {
  const names = await readdir(cache("."));
  const others = names.filter((name) => name.startsWith("project-") && name !== kept);
  await Promise.all(others.map((name) => rm(join(cache("."), name), { recursive: true, force: true })));
}

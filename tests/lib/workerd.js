// @ts-check
/** Cloudflare's runtime for workers, workerd, as miniflare starts it. */
import { symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after } from "node:test";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { temporaryFolder } from "./dist.js";
import { project } from "./package.js";

/**
 * Runs the worker whose module is `code`, bundled as wrangler does, with `files` beside
 * it. It ends with the tests of the file.
 * @param {string} code
 * @param {Record<string, string | Uint8Array>} files what is beside it, by name
 * @param {Partial<import("miniflare").WorkerOptions>} options
 */
export async function worker(code, files, options) {
  const folder = await temporaryFolder();
  await symlink(join(await project(), "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "worker.js"), code);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const { outputFiles } = await build({
    entryPoints: [join(folder, "worker.js")],
    outdir: join(folder, "out"),
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    target: "es2024",
    external: ["cloudflare:*"],
    loader: { ".wasm": "copy", ".edge": "copy" },
    assetNames: "[name]",
  });
  const modules = outputFiles.map(({ path, contents }) => ({ type: kind(path), path: basename(path), contents }));
  // The first is where the worker begins.
  modules.sort((a, b) => Number(b.type === "ESModule") - Number(a.type === "ESModule"));
  const running = new Miniflare(/** @type {any} */ ({ modules, compatibilityDate: "2026-04-01", cf: false, ...options }));
  after(() => running.dispose());
  const { origin } = await running.ready;
  return { origin, store: (/** @type {string} */ name) => running.getKVNamespace(name) };
}

/** @param {string} path */
function kind(path) {
  if (path.endsWith(".wasm")) return "CompiledWasm";
  return path.endsWith(".js") ? "ESModule" : "Data";
}

// @ts-check
/** An app for the browser, bundled by esbuild with the wasm as an asset. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { build } from "esbuild";

import { browser } from "../lib/browser.js";
import { dist, temporaryFolder } from "../lib/dist.js";
import { modules } from "../lib/package.js";
import { files, serve } from "../lib/server.js";

const chromium = await browser();

const APP = `
  import { load } from "edgeinfer";
  const model = await load("models/iris-forest.edge");
  const { label } = await model.predict([7.2, 3.6, 6.1, 2.5]);
  document.body.textContent = label;
`;

test("a bundled app predicts in the browser", async (t) => {
  const folder = await temporaryFolder();
  const app = join(folder, "app.js");
  await writeFile(app, APP);
  const { warnings, metafile } = await build({
    entryPoints: { app, "wasm/edgeinfer_web_bg": join(await modules(), "wasm", "edgeinfer_web_bg.wasm") },
    loader: { ".wasm": "copy" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: join(folder, "out"),
    // Where the package is: the app itself has no node_modules.
    nodePaths: [join(await modules(), "..", "..")],
    logLevel: "silent",
    metafile: true,
  });
  assert.deepEqual(warnings, []);
  const inputs = Object.keys(metafile.inputs).map((name) => name.replace(/.*\//, ""));
  assert.ok(inputs.includes("index.js") && !inputs.includes("node.js"), inputs.join(" "));

  const texts = { "/": '<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="app.js"></script>' };
  const origin = await serve(files({ "/models/": dist("models"), "/": join(folder, "out") }, { texts }));
  const page = await chromium.open(t, `${origin}/`);
  await page.waitForFunction(() => document.body.textContent?.includes("virginica"));
});

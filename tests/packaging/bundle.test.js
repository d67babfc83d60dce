// @ts-check
/** Apps for the browser, bundled by esbuild with the wasm as an asset. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { build } from "esbuild";

import { browser } from "../lib/browser.js";
import { dist, repository, temporaryFolder } from "../lib/dist.js";
import { modules } from "../lib/package.js";
import { files, serve } from "../lib/server.js";

const chromium = await browser();

const ENTRIES = {
  edgeinfer: { model: "models/iris-forest.edge", options: "", folder: "" },
  "edgeinfer/onnx": { model: "fixtures/iris-forest/model.onnx", options: ', { metadata: { labels: ["setosa", "versicolor", "virginica"] } }', folder: "onnx/" },
};

const app = (/** @type {string} */ entry, { model, options }) => `
  import { load } from "${entry}";
  const model = await load("${model}"${options});
  const { label } = await model.predict([7.2, 3.6, 6.1, 2.5]);
  document.body.textContent = label;
`;

for (const [entry, use] of Object.entries(ENTRIES)) {
  test(`a bundled app predicts in the browser with ${entry}, and has none of the other entry`, async (t) => {
    const folder = await temporaryFolder();
    const source = join(folder, "app.js");
    await writeFile(source, app(entry, use));
    const wasm = join(await modules(), use.folder, "wasm", "edgeinfer_web_bg.wasm");
    const { warnings, metafile } = await build({
      entryPoints: { app: source, "wasm/edgeinfer_web_bg": wasm },
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
    const inputs = Object.keys(metafile.inputs).map((name) => name.replace(/.*\/edgeinfer\/dist\//, ""));
    assert.ok(inputs.includes(`${use.folder}index.js`), inputs.join(" "));
    const others = use.folder ? /^(index|builds|compiled|wasm\/.*)\.js$|^server\/|node\.js$/ : /^(onnx|server)\/|node\.js$/;
    assert.deepEqual(inputs.filter((name) => others.test(name)), []);

    const texts = { "/": '<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="app.js"></script>' };
    const folders = { "/models/": dist("models"), "/fixtures/": join(repository, "tests", "fixtures"), "/": join(folder, "out") };
    const page = await chromium.open(t, `${await serve(files(folders, { texts }))}/`);
    await page.waitForFunction(() => document.body.textContent?.includes("virginica"));
  });
}

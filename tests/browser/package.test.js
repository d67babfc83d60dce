// @ts-check
/** The package in headless Chromium, imported by a page from its own server. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { describe, test } from "node:test";

import { browser } from "../lib/browser.js";
import { assertAnswers, assertOutputs, compileAll, fixture, fixtures } from "../lib/fixtures.js";
import { modules } from "../lib/package.js";
import { files, serve } from "../lib/server.js";

const chromium = await browser();
const BLANK = '<!doctype html><link rel="icon" href="data:,"><title>blank</title>';

await compileAll(fixtures);
const folders = { "/edgeinfer/": await modules(), "/models/": dirname(await fixture("iris-forest").compiled()) };
/** A blank page beside the package and the models. */
const blank = `${await serve(files(folders, { texts: { "/": BLANK } }))}/`;

/**
 * In the page: what the model of that name gives for each of `inputs` and for `rows`.
 * @param {{ name: string, inputs: object[], rows: any[] | undefined }} asked
 */
async function inPage({ name, inputs, rows }) {
  // @ts-ignore: a module of the page's server
  const { load } = await import("/edgeinfer/index.js");
  const model = await load(`models/${name}.edge`);
  try {
    const outputs = [];
    for (const each of inputs) outputs.push(await model.run(each));
    const answers = rows ? await model.predictBatch(rows) : [];
    const first = rows ? [await model.predict(rows[0])] : [];
    return { engine: model.info().engine, outputs, answers, first };
  } finally {
    model.dispose();
  }
}

describe("in the browser", () => {
  test("every fixture gives onnxruntime's outputs and answers", async (t) => {
    const page = await chromium.open(t, blank);
    for (const fixture of fixtures.filter(({ excluded }) => excluded === undefined)) {
      await t.test(fixture.name, async () => {
        await fixture.compiled();
        const { name, runs, answers: { length } } = fixture;
        const inputs = runs.map((run) => run.inputs);
        const rows = length === 0 ? undefined : fixture.rows;
        const { engine, outputs, answers, first } = await page.evaluate(inPage, { name, inputs, rows });
        assert.equal(engine, "edgeinfer");
        runs.forEach((run, i) => assertOutputs(outputs[i], run));
        assertAnswers(answers, fixture, { count: length });
        assertAnswers(first, fixture);
      });
    }
  });

  test("a model is loaded from an address, a Request, a Response and bytes, with progress", async (t) => {
    const page = await chromium.open(t, blank);
    const sizes = await page.evaluate(async () => {
      // @ts-ignore: a module of the page's server
      const { load } = await import("/edgeinfer/index.js");
      const url = new URL("models/diabetes-ridge.edge", document.baseURI);
      const bytes = await (await fetch(url)).arrayBuffer();
      const sources = [url.href, "/models/diabetes-ridge.edge", url, new Request(url), await fetch(url), bytes, new Uint8Array(bytes)];
      const models = await Promise.all(sources.map((source) => load(source)));
      let loaded;
      models.push(await load(url, { onProgress: (progress) => (loaded = progress.loaded) }));
      return [...models.map((model) => model.info().size_bytes), loaded];
    });
    assert.equal(new Set(sizes).size, 1, String(sizes));
  });

  test("a model that is not there, and a page in its place, are told apart", async (t) => {
    const page = await chromium.open(t, blank, { allow: /404/ });
    const codes = await page.evaluate(async () => {
      // @ts-ignore: a module of the page's server
      const { load } = await import("/edgeinfer/index.js");
      const code = (/** @type {string} */ source) => load(source).catch((error) => `${error.name} ${error.code}`);
      return Promise.all([code("models/none.edge"), code("/")]);
    });
    assert.deepEqual(codes, ["EdgeInferError model_unavailable", "EdgeInferError invalid_model"]);
  });
});

describe("under a Content Security Policy", () => {
  const SCRIPT = `
    import { load } from "/edgeinfer/index.js";
    try {
      const model = await load("/models/iris-forest.edge");
      document.title = (await model.predict([5.1, 3.5, 1.4, 0.2])).label;
    } catch (error) {
      document.title = error.code + ": " + error.message;
    }
  `;
  const texts = { "/": `${BLANK}<script type="module" src="page.js"></script>`, "/page.js": SCRIPT };

  /** @param {import("node:test").TestContext} t @param {string} policy @param {RegExp} [allow] */
  async function title(t, policy, allow) {
    const headers = { "content-security-policy": `${policy}; img-src data:` };
    const page = await chromium.open(t, `${await serve(files(folders, { texts, headers }))}/`, { allow });
    await page.waitForFunction(() => document.title !== "blank");
    return page.title();
  }

  test("that allows only the server's own scripts and wasm, the package predicts", async (t) => {
    assert.equal(await title(t, "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"), "setosa");
  });

  test("that allows no wasm, the error says so", async (t) => {
    const policy = "default-src 'self'; script-src 'self'";
    const shown = await title(t, policy, /Content Security Policy|instantiateStreaming/);
    assert.match(shown, /^internal: the runtime's wasm cannot be loaded: .*Content Security Policy/);
  });
});

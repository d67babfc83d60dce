// @ts-check
/** The demo page's iris tab: sliders in, the host's own answer out. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { assertClose } from "../lib/fixtures.js";
import { bars, demo, hook } from "./demo.js";

const { open, origin } = await demo();

/** @param {import("playwright-core").Page} page @returns {Promise<number[]>} */
async function sliders(page) {
  const values = [0, 1, 2, 3].map((i) => hook(page, `iris-slider-${i}`).inputValue());
  return (await Promise.all(values)).map(Number);
}

/** Asserts that the page shows what the host answers to the sliders' features. */
async function assertAnswer(/** @type {import("playwright-core").Page} */ page) {
  const features = await sliders(page);
  const shown = `predict([${features.join(", ")}]);\n// {`;
  await page.waitForFunction((shown) => document.querySelector("#iris-js")?.textContent?.includes(shown), shown);
  const response = await fetch(`${origin}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ features }),
  });
  const { label, probabilities } = await response.json();
  assert.equal(await hook(page, "iris-label").textContent(), label);
  assertClose(await bars(page, "iris"), probabilities, 1e-5, `the bars at ${features}`);
  const texts = await page.locator("#iris-bars .bar-value").allTextContents();
  assert.deepEqual(texts, probabilities.map((share) => `${(share * 100).toFixed(1)}\u00a0%`));
  return label;
}

describe("the iris tab", () => {
  test("predicts at once what the sliders show", async (t) => {
    assert.equal(await assertAnswer(await open(t)), "setosa");
  });

  test("predicts as the sliders are filled, at every position what the host answers", async (t) => {
    const page = await open(t);
    const positions = [
      ["5.9", "2.8", "4.3", "1.3"],
      ["6.6", "3", "5.6", "2"],
      ["7.9", "4.4", "6.9", "2.5"],
      ["4.3", "2", "1", "0.1"],
      ["6.1", "2.7", "5", "1.6"],
      ["6", "2.2", "4.9", "1.7"],
    ];
    const labels = new Set();
    for (const position of positions) {
      for (const [i, value] of position.entries()) await hook(page, `iris-slider-${i}`).fill(value);
      assert.deepEqual(await sliders(page), position.map(Number));
      labels.add(await assertAnswer(page));
    }
    assert.deepEqual([...labels].sort(), ["setosa", "versicolor", "virginica"]);
  });

  test("is worked by keyboard", async (t) => {
    const page = await open(t);
    const petalLength = hook(page, "iris-slider-2");
    await petalLength.focus();
    await page.keyboard.press("End");
    assert.equal(await petalLength.inputValue(), "6.9");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await petalLength.inputValue(), "6.8");
    assert.equal(await petalLength.getAttribute("aria-valuetext"), "6.8 cm");
    await assertAnswer(page);
    await page.keyboard.press("Tab");
    for (let step = 0; step < 12; step++) await page.keyboard.press("ArrowRight");
    assert.equal(await hook(page, "iris-slider-3").inputValue(), "1.4");
    await assertAnswer(page);
    await page.keyboard.press("Home");
    await assertAnswer(page);
  });

  test("sets a typical flower", async (t) => {
    const page = await open(t);
    for (const species of ["virginica", "versicolor", "setosa"]) {
      await page.getByRole("button", { name: species, exact: true }).click();
      assert.equal(await assertAnswer(page), species);
    }
  });

  test("times a prediction once the sliders rest", async (t) => {
    const page = await open(t);
    await hook(page, "iris-timing").filter({ hasText: /[µm]s per prediction/ }).waitFor();
  });

  test("tells what the model is", async (t) => {
    const page = await open(t);
    const facts = await page.locator("#facts dd").allTextContents();
    assert.match(facts.join("; "), /^iris-forest 1\.0\.0; edgeinfer; 4 features → 3 classes; 94\.7\u00a0%; .*scikit-learn.*; .*kB in .*s$/);
  });

  test("shows a request that gives the same answer", async (t) => {
    const page = await open(t);
    const curl = (await page.locator("#iris-curl").textContent()) ?? "";
    const [, address, body] = /curl -s (\S+) .* -d '(.*)'/s.exec(curl) ?? assert.fail(curl);
    const response = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal((await response.json()).label, "setosa");
  });
});

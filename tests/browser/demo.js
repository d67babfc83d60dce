// @ts-check
/**
 * What the tests of the demo page share: the page from target/dist/www on the
 * real host, and ways to read it. The page's hooks are its `data-testid`s.
 */
import assert from "node:assert/strict";

import { browser } from "../lib/browser.js";
import { dist } from "../lib/dist.js";
import { host } from "../lib/host.js";

/** @typedef {import("playwright-core").Page} Page */

/** The demo page, served and opened in a browser for the tests of the file. */
export async function demo() {
  const chromium = await browser();
  const { origin } = await host([dist("models", "iris-forest.edge"), "--www", dist("www")]);

  return {
    origin,
    /**
     * Opens the page at a tab, once its model is loaded.
     * @param {import("node:test").TestContext} t
     * @param {{ tab?: string } & Parameters<typeof chromium.open>[2]} [options]
     */
    async open(t, { tab = "iris", ...options } = {}) {
      const page = await chromium.open(t, `${origin}/#${tab}`, options);
      await waitForText(page, "status", "ready");
      return page;
    },
    /**
     * Opens the page and does not wait.
     * @param {import("node:test").TestContext} t
     * @param {Parameters<typeof chromium.open>[2]} [options]
     */
    start: (t, options) => chromium.open(t, `${origin}/`, options),
  };
}

/** The element with this `data-testid`. */
export const hook = (/** @type {Page} */ page, /** @type {string} */ id) => page.locator(`[data-testid="${id}"]`);

/**
 * Waits until the element shows this text; fails with what it shows instead.
 * @param {Page} page @param {string} id @param {string} expected
 */
export async function waitForText(page, id, expected) {
  const shows = (/** @type {string[]} */ [id, expected]) =>
    document.querySelector(`[data-testid="${id}"]`)?.textContent === expected;
  try {
    await page.waitForFunction(shows, [id, expected], { timeout: 10_000 });
  } catch {
    assert.equal(await hook(page, id).textContent(), expected, id);
  }
}

/**
 * The bars' values, as numbers.
 * @param {Page} page @param {string} prefix
 */
export function bars(page, prefix) {
  const bar = page.locator(`[data-testid^="${prefix}-bar-"]`);
  return bar.evaluateAll((bars) => bars.map((bar) => Number(/** @type {HTMLElement} */ (bar).dataset.value)));
}

// @ts-check
/** Headless Chromium. */
import assert from "node:assert/strict";
import { after } from "node:test";

import { chromium } from "playwright-core";

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * @typedef {object} Options
 * @property {RegExp} [allow] what the page may report
 * @property {(page: import("playwright-core").Page) => unknown} [prepare] is called before the page is opened
 */

/**
 * Starts Debian's Chromium, or the one that EDGEINFER_CHROMIUM names, with a
 * profile of its own for the tests of the file.
 */
export async function browser() {
  const executablePath = process.env.EDGEINFER_CHROMIUM ?? "/usr/bin/chromium";
  const running = await chromium.launch({ executablePath, args: ARGS });
  after(() => running.close());

  return {
    /**
     * Opens `url` in a context of its own. The test `t` fails for what the page
     * reports as a warning or an error, and for a request to another origin.
     * @param {import("node:test").TestContext} t
     * @param {string} url
     * @param {import("playwright-core").BrowserContextOptions & Options} [options]
     */
    async open(t, url, { allow, prepare, ...options } = {}) {
      const context = await running.newContext(options);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const problems = watch(page, new URL(url).origin);
      t.after(async () => {
        await context.close();
        assert.deepEqual(problems.filter((problem) => !allow?.test(problem)), []);
      });
      await prepare?.(page);
      await page.goto(url);
      return page;
    },
  };
}

/**
 * What goes wrong on `page`, as lines; it grows.
 * @param {import("playwright-core").Page} page
 * @param {string} origin the only one that it may ask
 */
function watch(page, origin) {
  /** @type {string[]} */
  const problems = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== origin) problems.push(`request to ${url}`);
  });
  return problems;
}

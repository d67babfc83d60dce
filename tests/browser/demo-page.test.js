// @ts-check
/** The demo page as a whole: tabs, failure, small screens, colours. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { demo, hook, waitForText } from "./demo.js";

const { open, start } = await demo();

describe("the tabs", () => {
  test("are changed by keyboard, and Back leads back", async (t) => {
    const page = await open(t);
    const focused = () => page.evaluate(() => document.activeElement?.id);
    const hash = () => new URL(page.url()).hash;
    await hook(page, "tab-iris").focus();
    for (const [key, name] of [["ArrowRight", "digit"], ["ArrowRight", "iris"], ["ArrowLeft", "digit"], ["Home", "iris"], ["End", "digit"]]) {
      await page.keyboard.press(key);
      const other = name === "iris" ? "digit" : "iris";
      assert.deepEqual([await focused(), hash()], [`tab-${name}`, `#${name}`], key);
      assert.equal(await hook(page, `tab-${name}`).getAttribute("aria-selected"), "true");
      assert.equal(await hook(page, `tab-${other}`).getAttribute("aria-selected"), "false");
      assert.equal(await hook(page, `tab-${other}`).getAttribute("tabindex"), "-1");
      assert.ok(await page.locator(`#panel-${name}`).isVisible());
      assert.ok(!(await page.locator(`#panel-${other}`).isVisible()));
    }
    await page.goBack();
    assert.equal(hash(), "#iris");
    await page.locator("#panel-iris").waitFor();
  });

  test("lead on to what is in the panel", async (t) => {
    const page = await open(t);
    await hook(page, "tab-iris").focus();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "iris-0");
  });

  test("load their model when they are first opened, and once", async (t) => {
    /** @type {string[]} */
    const asked = [];
    const note = (/** @type {import("playwright-core").Request} */ request) => {
      if (request.url().endsWith(".edge")) asked.push(new URL(request.url()).pathname);
    };
    const page = await start(t, { prepare: (page) => page.on("request", note) });
    await waitForText(page, "status", "ready");
    assert.deepEqual(asked, ["/models/iris-forest.edge"]);
    await hook(page, "tab-digit").click();
    await waitForText(page, "status", "ready");
    await hook(page, "tab-iris").click();
    await hook(page, "tab-digit").click();
    assert.deepEqual(asked, ["/models/iris-forest.edge", "/models/digits-mlp.edge"]);
  });
});

describe("a failure", () => {
  const MODELS = "**/models/*.edge";
  /** @param {string} glob @param {{ status: number, body?: string }} response */
  const answer = (glob, response) => (/** @type {import("playwright-core").Page} */ page) =>
    page.route(glob, (route) => route.fulfill(response));

  test("of the model shows what went wrong, and a retry that helps", async (t) => {
    const page = await start(t, { allow: /503/, prepare: answer(MODELS, { status: 503, body: "busy" }) });
    const retry = hook(page, "retry");
    await retry.waitFor();
    assert.equal(await hook(page, "status").textContent(), "not loaded");
    const alert = await page.getByRole("alert").innerText();
    assert.match(alert, /The model could not be loaded/);
    assert.match(alert, /model_unavailable .*iris-forest\.edge answered 503/);

    await retry.click();
    await retry.waitFor();
    await page.unroute(MODELS);
    await hook(page, "retry").focus();
    await page.keyboard.press("Enter");
    await waitForText(page, "iris-label", "setosa");
    assert.equal(await hook(page, "status").textContent(), "ready");
    assert.equal(await hook(page, "retry").count(), 0);
  });

  test("of a model that is damaged shows its code", async (t) => {
    const page = await start(t, { prepare: answer(MODELS, { status: 200, body: "<!doctype html>" }) });
    await hook(page, "retry").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /invalid_model .*looks like HTML/);
  });

  test("of the package shows that the page could not start", async (t) => {
    const page = await start(t, { allow: /404/, prepare: answer("**/pkg/**", { status: 404 }) });
    await page.locator("#startup-error").waitFor();
    assert.match(await page.locator("#startup-error").innerText(), /could not start/);
  });
});

describe("on a screen 320 pixels wide", () => {
  for (const tab of ["iris", "digit"]) {
    test(`the ${tab} tab needs no scrolling sideways`, async (t) => {
      const page = await open(t, { tab, viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true });
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      assert.equal(clientWidth, 320);
      assert.ok(scrollWidth <= clientWidth, `${scrollWidth} pixels wide`);
    });
  }
});

describe("colours", () => {
  /** The relative luminance of page and text, as WCAG defines it, and their contrast. */
  const colours = (/** @type {import("playwright-core").Page} */ page) =>
    page.evaluate(() => {
      const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const luminance = (/** @type {string} */ colour) => {
        if (!context) return NaN;
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((byte) => {
          const share = byte / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const { color } = getComputedStyle(document.body);
      const background = [document.body, document.documentElement]
        .map((element) => getComputedStyle(element).backgroundColor)
        .find((colour) => colour !== "rgba(0, 0, 0, 0)");
      const [page, text] = [luminance(background ?? "white"), luminance(color)];
      return { page, text, contrast: (Math.max(page, text) + 0.05) / (Math.min(page, text) + 0.05) };
    });

  test("are light or dark as the reader asks, and legible", async (t) => {
    const page = await open(t, { colorScheme: "dark" });
    const dark = await colours(page);
    assert.ok(dark.page < 0.1 && dark.contrast >= 7, JSON.stringify(dark));
    await page.emulateMedia({ colorScheme: "light" });
    const light = await colours(page);
    assert.ok(light.page > 0.8 && light.contrast >= 7, JSON.stringify(light));
  });
});

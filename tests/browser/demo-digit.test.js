// @ts-check
/** The demo page's digit tab: drawn by pointer, finger and keyboard. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";

import { bars, demo, hook, waitForText } from "./demo.js";

const { open } = await demo();

/** @type {{ digit: number, strokes: [number, number][][] }[]} in units of the canvas */
const drawings = JSON.parse(await readFile(new URL("strokes.json", import.meta.url), "utf8"));

/** @typedef {import("playwright-core").Page} Page */

/** From units of the canvas to the window's. */
async function placement(/** @type {Page} */ page) {
  const canvas = hook(page, "digit-canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox()) ?? assert.fail("the canvas is not shown");
  return ([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height });
}

/** @param {Page} page @param {[number, number][][]} strokes */
async function draw(page, strokes) {
  const at = await placement(page);
  for (const [first, ...rest] of strokes) {
    const { x, y } = at(first);
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(at(point).x, at(point).y, { steps: 2 });
    await page.mouse.up();
  }
}

/** @param {Page} page @param {string} key */
async function press(page, key, times = 1) {
  for (let i = 0; i < times; i++) await page.keyboard.press(key);
}

describe("the digit tab", () => {
  test("recognises each digit that is drawn with a pointer, and is cleared", async (t) => {
    const page = await open(t, { tab: "digit" });
    assert.deepEqual(drawings.map(({ digit }) => digit), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { digit, strokes } of drawings) {
      await draw(page, strokes);
      await waitForText(page, "digit-label", String(digit));
      const shares = await bars(page, "digit");
      assert.equal(shares.indexOf(Math.max(...shares)), digit);
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share) - 1) < 1e-5, `the sum of ${shares}`);
      await hook(page, "digit-clear").click();
      await waitForText(page, "digit-label", "–");
      assert.deepEqual(await bars(page, "digit"), new Array(10).fill(0));
    }
  });

  test("shows what the network sees", async (t) => {
    const page = await open(t, { tab: "digit" });
    const seen = page.locator("canvas.seen");
    assert.equal(await seen.getAttribute("aria-label"), "Nothing drawn yet");
    await draw(page, drawings[1].strokes);
    await waitForText(page, "digit-label", "1");
    assert.equal(await seen.getAttribute("aria-label"), "Your digit in 8 by 8 greys");
  });

  test("is drawn by keyboard, and cleared", async (t) => {
    const page = await open(t, { tab: "digit" });
    await hook(page, "tab-digit").focus();
    await page.keyboard.press("Tab");
    // A seven: a bar from left to right, then down.
    await press(page, "ArrowUp", 8);
    await press(page, "ArrowLeft", 8);
    await press(page, "ArrowRight");
    await press(page, "Space");
    await press(page, "Shift+ArrowRight", 5);
    await press(page, "Shift+ArrowDown", 2);
    for (let i = 0; i < 2; i++) {
      await press(page, "ArrowLeft");
      await press(page, "ArrowDown");
      await press(page, "Space");
    }
    await press(page, "Shift+ArrowDown", 3);
    await waitForText(page, "digit-label", "7");
    await page.waitForFunction(() => document.querySelector("#live-actions")?.textContent === "Row 8, column 5, painted");
    await press(page, "Delete");
    await waitForText(page, "digit-label", "–");
  });

  test("is drawn with a finger, and the page stays where it is", async (t) => {
    const page = await open(t, { tab: "digit", viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true });
    const at = await placement(page);
    const before = await page.evaluate(() => scrollY);
    const session = await page.context().newCDPSession(page);
    /** @param {"touchStart" | "touchMove" | "touchEnd"} type @param {[number, number][]} points */
    const touch = (type, ...points) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(at) });
    for (const [first, ...rest] of drawings[7].strokes) {
      await touch("touchStart", first);
      let last = first;
      for (const next of rest) {
        // In small steps, as a finger moves.
        for (const part of [0.25, 0.5, 0.75, 1]) {
          await touch("touchMove", [last[0] + (next[0] - last[0]) * part, last[1] + (next[1] - last[1]) * part]);
        }
        last = next;
      }
      await touch("touchEnd");
    }
    await waitForText(page, "digit-label", "7");
    assert.equal(await page.evaluate(() => scrollY), before);
  });
});

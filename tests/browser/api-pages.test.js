// @ts-check
/** The pages /docs and /redoc: by keyboard, with a key, narrow and wide. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { browser } from "../lib/browser.js";
import { temporaryFolder } from "../lib/dist.js";
import { fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";

const { open } = await browser();
const model = await fixture("iris-forest").compiled();

test("an operation is tried by keyboard alone", async (t) => {
  const { origin } = await host([model]);
  const page = await open(t, `${origin}/docs`);
  await page.waitForSelector("details");
  await page.locator("summary", { hasText: "/predict" }).first().focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "TEXTAREA");
  await page.keyboard.press("Control+Enter");
  const answer = page.locator("details[open] [role=status] pre");
  await answer.waitFor();
  assert.ok(JSON.parse(await answer.innerText()).label);
});

test("with keys the pages ask for one, and then show what there is", async (t) => {
  const config = join(await temporaryFolder(), "some.toml");
  // Of `alpha`.
  const hash = "sha256:8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8";
  writeFileSync(config, `keys = [{ name = "alpha", hash = "${hash}" }]\n`);
  const { origin } = await host([model, "--config", config]);
  const page = await open(t, `${origin}/redoc`, { allow: /401/ });
  await page.getByRole("alert").waitFor();
  assert.match(await page.getByRole("alert").innerText(), /asks for a key/);
  await page.getByLabel("Key or token").fill("alpha");
  await page.keyboard.press("Enter");
  await page.locator("article").first().waitFor();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [390, 1280]) {
    test(`nothing is wider than a ${colorScheme} page of ${width} pixels, and every link within it leads somewhere`, async (t) => {
      const { origin } = await host([model]);
      for (const path of ["/docs", "/redoc"]) {
        const page = await open(t, origin + path, { colorScheme, viewport: { width, height: 800 } });
        await page.waitForSelector("h2");
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path);
        const lost = await page.evaluate(() =>
          [...document.querySelectorAll("a[href^='#']")].map((link) => link.getAttribute("href") ?? "").filter((href) => !document.getElementById(href.slice(1))));
        assert.deepEqual(lost, []);
      }
    });
  }
}

// @ts-check
/** A model that only tract runs: which component serves it. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { dist, temporaryFolder } from "../lib/dist.js";
import { host } from "../lib/host.js";
import { request } from "../lib/http.js";
import { withoutPlan } from "../lib/onnx.js";

const model = join(await temporaryFolder(), "mean.onnx");
await writeFile(model, withoutPlan());

test("the component with tract serves it, unasked", async () => {
  const { origin } = await host([model]);
  const info = (await request(origin, { path: "/model/info" })).json();
  assert.equal(info.engine, "tract");
});

test("the component without answers with 503 and the node at fault", async () => {
  const { origin } = await host([model, "--component", dist("edgeinfer-spin.wasm")]);
  const answer = await request(origin, { path: "/health" });
  assert.equal(answer.status, 503);
  assert.match(answer.text(), /full build.*GlobalAveragePool/);
});

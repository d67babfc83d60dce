// @ts-check
/** What instances of the component share: counters, rates, what is unloaded, cached answers. */
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { temporaryFolder } from "../lib/dist.js";
import { fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post, request } from "../lib/http.js";

const iris = fixture("iris-forest");
const folder = await temporaryFolder();
const model = join(folder, "iris.edge");
copyFileSync(await iris.compiled(), model);
const [row] = iris.rows;

/** How many ask at once. */
const CONNECTIONS = 8;

/** The answers to `count` requests that are sent over several connections at once. */
async function many(/** @type {number} */ count, /** @type {() => ReturnType<typeof request>} */ ask) {
  /** @type {Awaited<ReturnType<typeof request>>[]} */
  const answers = [];
  let left = count;
  const connection = async () => {
    while (left-- > 0) answers.push(await ask());
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return answers;
}

/** The value of a metric by its name and labels. */
async function metric(/** @type {string} */ origin, /** @type {string} */ name) {
  const { status, ...answer } = await request(origin, { path: "/metrics" });
  assert.equal(status, 200);
  const line = answer.text().split("\n").find((line) => line.startsWith(`${name} `));
  return Number(line?.split(" ").at(-1));
}

const labels = (/** @type {string} */ route, status = 200) =>
  `{http_route="${route}",http_request_method="POST",http_response_status_code="${status}"}`;

/** A configuration's file with `text`. */
function config(/** @type {string} */ name, /** @type {string} */ text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

for (const [instances, options] of /** @type {const} */ ([["pooled", []], ["fresh", ["--fresh"]]])) {
  describe(`${instances} instances`, async () => {
    const { origin } = await host([model, ...options]);

    test("count together what was sent", async () => {
      const answers = await many(400, () => post(origin, "/predict", { features: row }));
      assert.ok(answers.every(({ status }) => status === 200));
      await many(40, () => post(origin, "/predict", { features: [1] }));
      const count = "http_server_request_duration_seconds_count";
      assert.equal(await metric(origin, `${count}${labels("/predict")}`), 400);
      assert.equal(await metric(origin, `${count}${labels("/predict", 422)}`), 40);
      const bucket = `http_server_request_duration_seconds_bucket${labels("/predict").slice(0, -1)},le="+Inf"}`;
      assert.equal(await metric(origin, bucket), 400);
      const ofModel = '{model="iris",version="1"}';
      assert.equal(await metric(origin, `edgeinfer_predictions_total${ofModel}`), 400);
      assert.equal(await metric(origin, `nv_inference_request_success${ofModel}`), 400);
      assert.equal(await metric(origin, `edgeinfer_model_ready${ofModel}`), 1);
      assert.equal(await metric(origin, 'edgeinfer_requests_rejected_total{reason="feature_count"}'), 40);
      assert.equal(await metric(origin, "edgeinfer_store_failures_total"), 0);
      const stats = (await request(origin, { path: "/v2/models/iris/stats" })).json().model_stats[0];
      assert.deepEqual([stats.inference_count, stats.inference_stats.success.count], [400, 400]);
    });

    test("know of each other's models that were unloaded and loaded", async () => {
      const ready = () => request(origin, { path: "/v2/models/iris/ready" });
      for (let round = 0; round < 3; round++) {
        const unloaded = await request(origin, { method: "POST", path: "/v2/repository/models/iris/unload" });
        assert.equal(unloaded.status, 200);
        const refused = await many(100, () => post(origin, "/predict", { features: row }));
        assert.ok(refused.every(({ status }) => status === 503));
        assert.equal((await ready()).status, 503);
        const loaded = await request(origin, { method: "POST", path: "/v2/repository/models/iris/load" });
        assert.equal(loaded.status, 200);
        const answered = await many(100, () => post(origin, "/predict", { features: row }));
        assert.ok(answered.every(({ status }) => status === 200));
        assert.equal((await ready()).status, 200);
      }
    });

    test("say which store they share", async () => {
      const health = (await request(origin, { path: "/health?full" })).json();
      assert.deepEqual(health.store, { name: "key-value `default`", reach: "global", updates: "exact" });
    });
  });

  test(`${instances} instances keep to a rate together`, async () => {
    const rate = config("rate.toml", "rate = { requests = 150, seconds = 36000 }\n");
    const { origin } = await host([model, "--config", rate, ...options]);
    const answers = await many(400, () => post(origin, "/predict", { features: row }));
    assert.equal(answers.filter(({ status }) => status === 200).length, 150);
    assert.equal(answers.filter(({ status }) => status === 429).length, 250);
  });

  test(`${instances} instances give each other's answers again`, async () => {
    const { origin } = await host([model, "--config", config("cache.toml", "cache = { seconds = 600 }\n"), ...options]);
    const first = await post(origin, "/predict", { features: row });
    assert.equal(first.headers["x-cache"], "MISS");
    const answers = await many(100, () => post(origin, "/predict", { features: row }));
    for (const answer of answers) assert.deepEqual([answer.headers["x-cache"], answer.text()], ["HIT", first.text()]);
    assert.equal(await metric(origin, 'edgeinfer_cache_requests_total{result="hit"}'), 100);
    assert.equal(await metric(origin, 'edgeinfer_predictions_total{model="iris",version="1"}'), 1);
  });
}

test("with a store of its own an instance shares nothing", async () => {
  const { origin } = await host([model, "--config", config("memory.toml", 'state.store = "memory"\n'), "--fresh"]);
  for (let count = 0; count < 3; count++) await post(origin, "/predict", { features: row });
  assert.equal(await metric(origin, 'edgeinfer_predictions_total{model="iris",version="1"}'), 0);
  const health = (await request(origin, { path: "/health?full" })).json();
  assert.deepEqual(health.store, { name: "memory", reach: "instance", updates: "exact" });
});

test("the variable comes before the file, the environment before the variable", async () => {
  const path = config("limits.toml", "log = true\n[limits]\nbatch_rows = 1\nbody_bytes = 100\n");
  const env = {
    SPIN_VARIABLE_EDGEINFER_TOML: "[limits]\nbatch_rows = 2\nbody_bytes = 200",
    EDGEINFER_SERVE_LIMITS__BODY_BYTES: "300",
  };
  const { origin, says } = await host([model, "--config", path], { env });
  const batch = (/** @type {number} */ rows) => post(origin, "/predict/batch", Array(rows).fill(row));
  assert.equal((await batch(2)).status, 200);
  assert.match((await batch(3)).json().error.message, /the limit is 2/);
  const headers = { "content-type": "application/json" };
  const long = await request(origin, { method: "POST", path: "/predict", headers, body: " ".repeat(301), early: true });
  assert.match(long.json().error.message, /longer than 300 bytes/);
  await says(/^\{.*"route":"\/predict\/batch".*\}$/m);
  const wrong = { SPIN_VARIABLE_EDGEINFER_TOML: "\nlogs = secret" };
  await assert.rejects(host([model], { env: wrong }), (/** @type {Error} */ { message }) => {
    return /the variable edgeinfer_toml, line 2: /.test(message) && !message.includes("secret");
  });
});

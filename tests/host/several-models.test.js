// @ts-check
/** Several models and versions behind one server, and its configuration. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { temporaryFolder } from "../lib/dist.js";
import { assertAnswers, fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post, request } from "../lib/http.js";

const [iris, breast] = [fixture("iris-forest"), fixture("breast-logistic")];
const models = await temporaryFolder();
mkdirSync(join(models, "iris"));
copyFileSync(await iris.compiled(), join(models, "iris", "1.edge"));
writeFileSync(join(models, "iris", "2.edge"), "EDGE");
copyFileSync(await breast.compiled(), join(models, "breast.edge"));

test("each model of a folder answers, and a damaged version takes none down", async () => {
  const { origin } = await host([models]);
  for (const [model, name] of /** @type {const} */ ([[iris, "iris"], [breast, "breast"]])) {
    const answer = await post(origin, `/v1/models/${name}/predict/batch`, { instances: model.rows });
    assertAnswers(answer.json().predictions, model);
  }
  const health = await request(origin, { path: "/health" });
  assert.deepEqual([health.status, health.json().status], [200, "degraded"]);
  const damaged = await request(origin, { path: "/v1/models/iris/versions/2/info" });
  assert.deepEqual([damaged.status, damaged.json().error.code], [503, "model_unavailable"]);
  const { sha256, version } = (await request(origin, { path: "/v1/models/iris/info" })).json();
  assert.equal(version, "1");
  assert.match(sha256, /^[0-9a-f]{64}$/);
});

test("the configuration is the server's", async () => {
  const config = join(await temporaryFolder(), "some.toml");
  writeFileSync(config, 'default_model = "iris"\nlog = true\nrate = { requests = 4, seconds = 3600 }\n');
  const served = await host([models, "--config", config]);
  const { origin } = served;
  const info = await request(origin, { path: "/model/info" });
  assert.equal(info.json().model, "iris");
  assert.equal(info.headers["ratelimit-policy"], '"default";q=4;w=3600');
  // What a client says of its address counts for nothing; metrics are for this machine.
  const headers = { "spin-client-addr": "10.0.0.1:7" };
  const metrics = await request(origin, { path: "/metrics", headers });
  assert.equal(metrics.status, 200);
  assert.match(metrics.text(), /^http_server_request_duration_seconds_count\{http_route="\/model\/info",/m);
  const line = (await served.says(/^\{.*"route":"\/model\/info".*\}$/m))[0];
  assert.deepEqual([JSON.parse(line).status, JSON.parse(line).request_id], [200, info.headers["x-request-id"]]);
});

test("a configuration that cannot be used is told of at once", async () => {
  const config = join(await temporaryFolder(), "some.toml");
  writeFileSync(config, "logs = true\n");
  await assert.rejects(host([models, "--config", config]), /unknown field `logs`/);
});

// @ts-check
/** The worker of the README, in workerd with a KV namespace. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { describe, test } from "node:test";

import { parse } from "smol-toml";

import { testBadRequests } from "../lib/bad-requests.js";
import { assertAnswers, fixture } from "../lib/fixtures.js";
import { readmeBlock } from "../lib/handler.js";
import { post, request } from "../lib/http.js";
import { assertBatches, assertInfo, assertRows, json } from "../lib/predictions.js";
import { worker } from "../lib/workerd.js";

const iris = fixture("iris-forest");
const bytes = await readFile(await iris.compiled());
const code = await readmeBlock("javascript", /edgeinfer\/server\.wasm/);
/** @type {any} */
const wrangler = parse(await readmeBlock("toml", /worker\.js/));
const [{ binding: STATE }] = wrangler.kv_namespaces;
/** A key that opens the metrics: from here nobody has an address that the worker believes. */
const KEY = { "x-api-key": "watcher" };
const KEYS = '[{ name = "w", hash = "sha256:0e7f3c5c909ce8afb978a208d639e85af2171df2ec0003a07f13ad97878ef053", scopes = ["metrics"] }]';

/** The worker with other variables than the README's. @param {Record<string, string>} [bindings] */
const readmeWorker = async (bindings = {}) =>
  worker(code, { "iris.edge": bytes }, {
    compatibilityDate: wrangler.compatibility_date,
    kvNamespaces: [STATE],
    bindings,
  });

const plain = await readmeWorker();
const limited = await readmeWorker({ EDGEINFER_SERVE_RATE: "{ requests = 3, seconds = 3600 }" });
const watched = await readmeWorker({ EDGEINFER_SERVE_KEYS: KEYS });

/** A worker that fetches its model, which takes its time. */
const FETCHING = `
  import { createHandler } from "edgeinfer/server";
  import module from "edgeinfer/server.wasm";
  export default { fetch: createHandler({ model: () => fetch("http://models.example/iris.edge"), module }) };
`;
let fetched = 0;
const fetching = await worker(FETCHING, {}, {
  outboundService: async () => {
    fetched += 1;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return /** @type {any} */ (new Response(bytes));
  },
});

const exact = await worker(
  `import { store } from "./state.js";\nexport { State } from "./state.js";\n${code.replace("env.STATE", "store")}`,
  { "iris.edge": bytes, "state.js": await readmeBlock("javascript", /extends DurableObject/) },
  {
    compatibilityDate: wrangler.compatibility_date,
    durableObjects: { COUNTS: { className: "State", useSQLite: true } },
    bindings: { EDGEINFER_SERVE_RATE: "{ requests = 7, seconds = 3600 }", EDGEINFER_SERVE_KEYS: KEYS },
  },
);

describe("the worker with a Durable Object", () => {
  test("lets through what the rate says, and counts each, at the same time too", async () => {
    assert.deepEqual((await json(request(exact.origin, { path: "/health?full" }))).store, { name: "durable-object", reach: "global", updates: "exact" });
    const asked = Array.from({ length: 20 }, () => post(exact.origin, "/predict", { features: iris.rows[0] }));
    assert.equal((await Promise.all(asked)).filter(({ status }) => status === 200).length, 7);
    const metrics = (await request(exact.origin, { path: "/metrics", headers: KEY })).text();
    assert.match(metrics, /^edgeinfer_predictions_total\{.*\} 7$/m);
    assert.match(metrics, /^edgeinfer_store_failures_total 0$/m);
  });
});

describe("a worker that fetches its model", () => {
  test("does so once, whatever becomes of the client that it first did it for", async () => {
    const { hostname, port } = new URL(fetching.origin);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    socket.write("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
    while (fetched === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    socket.destroy();
    const asked = iris.rows.map((features) => json(post(fetching.origin, "/predict", { features })));
    assertAnswers(await Promise.all(asked), iris);
    assert.equal(fetched, 1);
  });
});

describe("the worker", () => {
  const { origin } = plain;

  test("predicts", async () => {
    await assertInfo(origin, "/model/info", iris);
    await assertBatches(origin, "", iris);
    await assertRows(origin, "/v1/models/iris", iris);
  });

  test("answers many at once", async () => {
    const asked = Array.from({ length: 50 }, async (_, index) => {
      const from = index % iris.rows.length;
      assertAnswers([await json(post(origin, "/predict", { features: iris.rows[from] }))], iris, { from });
    });
    await Promise.all(asked);
  });

  test("is healthy, with the namespace as its store", async () => {
    const health = await json(request(origin, { path: "/health?full" }));
    assert.equal(health.status, "healthy");
    assert.deepEqual(health.store, { name: "javascript", reach: "global", updates: "lossy" });
  });

  test("answers HEAD as GET, without the body", async () => {
    const head = await request(origin, { method: "HEAD", path: "/health" });
    assert.deepEqual([head.status, head.headers["content-type"], head.body.length], [200, "application/json", 0]);
  });

  test("describes itself", async () => {
    assert.ok("/v1/models/iris/predict" in (await json(request(origin, { path: "/openapi.json" }))).paths);
    assert.match((await request(origin, { path: "/docs" })).text(), /^<!doctype html>/i);
  });
});

describe("a wrong request to the worker", () => {
  testBadRequests(plain.origin);
});

describe("the worker's rate", () => {
  const { origin, store } = limited;

  test("is kept from request to request, for each address by itself", async () => {
    const ask = async (/** @type {string} */ address) =>
      (await post(origin, "/predict", { features: iris.rows[0] }, { headers: { "cf-connecting-ip": address } })).status;
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push(await ask("203.0.113.7"));
    assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
    assert.equal(await ask("203.0.113.8"), 200);
    const { keys } = await (await store(STATE)).list({ prefix: "edgeinfer-rate:" });
    assert.equal(keys.length, 2);
  });
});

describe("the worker's metrics", () => {
  const { origin, store } = watched;

  test("count what was sent, and are in the namespace", async () => {
    for (const features of iris.rows.slice(0, 5)) await json(post(origin, "/predict", { features }));
    await json(post(origin, "/predict/batch", { instances: iris.rows.slice(0, 4) }));
    assert.equal((await request(origin, { path: "/metrics" })).status, 401);
    const metrics = (await request(origin, { path: "/metrics", headers: KEY })).text();
    assert.match(metrics, /^edgeinfer_predictions_total\{model="iris",version="1"\} 9$/m);
    const { keys } = await (await store(STATE)).list({ prefix: "edgeinfer-counts:" });
    assert.equal(keys.length, 1);
  });
});

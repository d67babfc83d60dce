// @ts-check
/** What `createHandler` does beside answering. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, mock, test } from "node:test";
import { pathToFileURL } from "node:url";

import { repository } from "../lib/dist.js";
import { assertAnswers, fixture } from "../lib/fixtures.js";
import { edgeinfer } from "../lib/package.js";

const { createHandler } = await edgeinfer("edgeinfer/server");
const iris = fixture("iris-forest");
const path = await iris.compiled();
const bytes = new Uint8Array(await readFile(path));
const ridge = new Uint8Array(await readFile(await fixture("diabetes-ridge").compiled()));

/** @typedef {(request: Request, ...context: any[]) => Promise<Response>} Handler */

/** @param {string} path @param {RequestInit} [init] */
const to = (path, init) => new Request(`http://localhost${path}`, init);
/** A prediction for the first row. @param {string} [path] @param {Record<string, string>} [headers] */
const asking = (path = "/predict", headers = {}) =>
  to(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ features: iris.rows[0] }),
  });

/** @param {Handler} handler @param {string} [path] */
async function assertPredicts(handler, path) {
  const answer = await handler(asking(path));
  assert.equal(answer.status, 200, await answer.clone().text());
  assertAnswers([await answer.json()], iris);
}

/** @param {Handler} handler @param {Request} request @returns {Promise<any>} */
const answered = async (handler, request) => (await handler(request)).json();

describe("models", () => {
  test("are taken as whatever `load` takes, or from a function", async () => {
    const sources = [path, pathToFileURL(path), bytes, bytes.slice().buffer, new Response(bytes), () => bytes, async () => new Response(bytes)];
    for (const source of sources) await assertPredicts(createHandler({ model: source }));
  });

  test("are read by the first request, once", async () => {
    const source = mock.fn(async () => bytes);
    const handler = createHandler({ model: source });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(source.mock.callCount(), 0);
    await Promise.all(Array.from({ length: 5 }, () => assertPredicts(handler)));
    await assertPredicts(handler);
    assert.equal(source.mock.callCount(), 1);
  });

  test("have names and versions; the first is the default, whichever is there first", async () => {
    const late = async () => new Promise((resolve) => setTimeout(() => resolve(bytes), 50));
    const handler = createHandler({ models: { iris: { 1: bytes, "2.0": late }, ridge } });
    await assertPredicts(handler);
    await assertPredicts(handler, "/v1/models/iris/versions/2.0/predict");
    const { model_version_status: versions } = await answered(handler, to("/v1/models/iris"));
    assert.deepEqual(versions.map((/** @type {any} */ { version }) => version), ["2.0", "1"]);
    assert.equal((await answered(handler, to("/v1/models/ridge/info"))).type, "regressor");
  });

  test("that cannot be read take no other down, and are tried again after a while", async (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    const source = mock.fn(async () => new Response(null, { status: 503 }));
    const handler = createHandler({ models: { iris: bytes, lost: source, none: "no-such-file.edge", broken: new Uint8Array(100) } });
    await assertPredicts(handler);
    const { status, models } = await answered(handler, to("/health"));
    assert.equal(status, "degraded");
    assert.match(JSON.stringify(models), /answered 503.*cannot read no-such-file\.edge/);
    assert.equal((await handler(asking("/v1/models/broken/predict"))).status, 503);
    assert.equal((await handler(asking("/v1/models/lost/predict"))).status, 503);
    assert.equal(source.mock.callCount(), 1);
    source.mock.mockImplementation(async () => new Response(bytes));
    t.mock.timers.tick(11_000);
    await assertPredicts(handler, "/v1/models/lost/predict");
    assert.equal(source.mock.callCount(), 2);
    await assertPredicts(handler);
  });

  test("that are none are refused at once", () => {
    for (const options of [{}, { model: bytes, models: {} }, { model: 7 }, { models: { a: 7 } }, { models: { a: { 1: null } } }, { models: { a: null } }, { models: [path] }, { models: path }]) {
      assert.throws(() => createHandler(options), { name: "EdgeInferError", code: "invalid_request" }, JSON.stringify(options));
    }
  });
});

describe("the configuration", () => {
  test("is TOML or an object, and variables come before it", async () => {
    const batch = () => to("/predict/batch", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ instances: iris.rows.slice(0, 3) }) });
    for (const config of ["[limits]\nbatch_rows = 2", { limits: { batch_rows: 2 } }]) {
      assert.equal((await createHandler({ model: bytes, config })(batch())).status, 413);
      const env = { EDGEINFER_SERVE_LIMITS__BATCH_ROWS: "3", OTHER: {}, PATH: "/bin" };
      assert.equal((await createHandler({ model: bytes, config, env })(batch())).status, 200);
    }
  });

  test("that cannot be used leaves the API up, saying why", async () => {
    for (const config of ["logs = true", { logs: true }]) {
      const handler = createHandler({ model: bytes, config });
      const answer = await handler(to("/health"));
      assert.equal(answer.status, 503);
      assert.match((await answer.json()).reason, /unknown field `logs`/);
      assert.equal((await handler(asking())).status, 503);
    }
  });

  test("names no file", async () => {
    const handler = createHandler({ model: bytes, config: { jwt: { jwks_file: "jwks.json", issuer: "a", audience: "b" } } });
    assert.match((await (await handler(to("/health"))).json()).reason, /in `jwks` in place of `jwks_file`/);
  });

  test("turns the log on, whose lines go to `log`", async () => {
    const log = mock.fn();
    const handler = createHandler({ model: bytes, config: { log: true }, log });
    await handler(asking("/predict", { "x-request-id": "abc" }));
    const { time, duration_ms, ...line } = JSON.parse(log.mock.calls[0].arguments[0]);
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000 && duration_ms >= 0);
    assert.deepEqual(line, { level: "info", request_id: "abc", method: "POST", route: "/predict", model: "model", version: "1", rows: 1, status: 200 });
    log.mock.mockImplementation(() => assert.fail("a log that throws"));
    await assertPredicts(handler);
  });

  test("names hosts, of which the request's address has one", async () => {
    const handler = createHandler({ model: bytes, config: { trusted_hosts: ["localhost"] } });
    assert.equal((await handler(to("/health/live"))).status, 200);
    assert.equal((await handler(new Request("http://example.com/predict"))).status, 400);
  });
});

describe("the client", () => {
  test("is who `peer` says, of all that the handler is called with", async () => {
    const handler = createHandler({ model: bytes, peer: (/** @type {Request} */ _, /** @type {any} */ info) => info?.address });
    assert.equal((await handler(to("/metrics"), { address: "127.0.0.1" })).status, 200);
    assert.equal((await handler(to("/metrics"), { address: "10.0.0.1" })).status, 401);
    assert.equal((await handler(to("/metrics"), { address: "nonsense" })).status, 401);
    assert.equal((await handler(to("/metrics"))).status, 401);
  });

  test("has a rate of its own", async () => {
    const handler = createHandler({
      model: bytes,
      config: { rate: { requests: 2, seconds: 3600 } },
      peer: (/** @type {Request} */ _, /** @type {string} */ address) => address,
    });
    const statuses = async (/** @type {string} */ address) =>
      Promise.all([1, 2, 3].map(async () => (await handler(asking(), address)).status));
    assert.deepEqual(await statuses("10.0.0.1"), [200, 200, 429]);
    assert.deepEqual(await statuses("::1"), [200, 200, 429]);
  });
});

describe("a bearer token", () => {
  const { issuer, audience, jwks, tokens } = JSON.parse(readFileSync(join(repository, "tests", "tokens.json"), "utf8"));

  test("of the table gets its answer, by keys that are given as text", async () => {
    const handler = createHandler({ model: bytes, config: { jwt: { jwks: JSON.stringify(jwks), issuer, audience } } });
    for (const { what, token, status, message } of tokens) {
      const answer = await handler(asking("/predict", { authorization: `Bearer ${token}` }));
      const text = await answer.text();
      assert.equal(answer.status, status, `${what}: ${text}`);
      if (status !== 200) assert.ok(JSON.parse(text).error.message.includes(message), `${what}: ${text}`);
    }
  });
});

describe("a body", () => {
  test("that is too long is not read whole", async () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1 << 16));
      },
    });
    const handler = createHandler({ model: bytes });
    const headers = { "content-type": "application/json" };
    const answer = await handler(to("/predict", /** @type {any} */ ({ method: "POST", headers, body, duplex: "half" })));
    assert.deepEqual([answer.status, (await answer.json()).error.code], [413, "payload_too_large"]);
    assert.ok(pulled <= 70, `${pulled} chunks of 64 KiB were read`);
  });

  test("that was read before is an error that says so", async () => {
    const request = asking();
    await request.text();
    await assert.rejects(createHandler({ model: bytes })(request), { code: "invalid_request", message: /was read already/ });
  });

  test("that breaks off ends the request", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    const request = to("/predict", /** @type {any} */ ({ method: "POST", body: broken, duplex: "half" }));
    await assert.rejects(createHandler({ model: bytes })(request), /gone/);
  });

  test("of an answer to HEAD is none, with the headers of GET", async () => {
    const handler = createHandler({ model: bytes });
    const [get, head] = [await handler(to("/health")), await handler(to("/health", { method: "HEAD" }))];
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    assert.equal(head.headers.get("content-length"), get.headers.get("content-length"));
  });
});

test("headers keep every byte", async () => {
  const handler = createHandler({ model: bytes, config: { cors_origins: ["https://a.example"] } });
  const allowed = await handler(to("/health", { headers: { origin: "https://a.example", "x-other": "\u00ff" } }));
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://a.example");
  const preflight = await handler(to("/predict", { method: "OPTIONS", headers: { origin: "https://a.example", "access-control-request-method": "POST" } }));
  assert.deepEqual([preflight.status, await preflight.text()], [200, ""]);
});

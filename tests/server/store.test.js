// @ts-check
/** What handlers that share a store know of each other. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { assertAnswers, fixture } from "../lib/fixtures.js";
import { edgeinfer } from "../lib/package.js";

const { createHandler } = await edgeinfer("edgeinfer/server");
const iris = fixture("iris-forest");
const bytes = new Uint8Array(await readFile(await iris.compiled()));

const wait = (/** @type {number} */ time = 1) => new Promise((resolve) => setTimeout(resolve, time));

/** A store as a KV namespace is one: slow, and without more than it must have. */
class Slow {
  /** @type {Map<string, string>} */
  kept = new Map();
  /** @type {unknown[]} */
  ages = [];
  interval = 0;

  async get(/** @type {string} */ key) {
    await wait();
    return this.kept.get(key) ?? null;
  }

  async put(/** @type {string} */ key, /** @type {string} */ value, { expirationTtl = undefined } = {}) {
    await wait();
    this.ages.push(expirationTtl);
    this.kept.set(key, value);
  }

  async delete(/** @type {string} */ key) {
    this.kept.delete(key);
  }
}

/** One that loses no change. */
class Exact extends Slow {
  name = "exact";

  async compareAndSet(/** @type {string} */ key, /** @type {string | null} */ before, /** @type {string} */ value, /** @type {any} */ options) {
    await wait();
    if ((this.kept.get(key) ?? null) !== before) return false;
    this.ages.push(options.expirationTtl);
    this.kept.set(key, value);
    return true;
  }
}

/** @param {any} store @param {Record<string, any>} [config] */
const handlerOf = (store, config) => createHandler({ model: bytes, store, config, peer: () => "127.0.0.1" });

const asking = () =>
  new Request("http://localhost/predict", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ features: iris.rows[0] }),
  });

const to = (/** @type {string} */ path, method = "GET") => new Request(`http://localhost${path}`, { method });

/** @param {any} handler */
async function predictions(handler) {
  const metrics = await (await handler(to("/metrics"))).text();
  return Number(/^edgeinfer_predictions_total\{.*\} (\d+)$/m.exec(metrics)?.[1]);
}

test("rates are those of all handlers together, one after the other", async () => {
  const store = new Slow();
  const config = { rate: { requests: 3, seconds: 3600 } };
  const statuses = [];
  for (let i = 0; i < 5; i++) statuses.push((await handlerOf(store, config)(asking())).status);
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  const ages = store.ages.filter((age) => age !== undefined);
  assert.ok(ages.length === 3 && ages.every((age) => Number.isInteger(age) && Number(age) >= 60), String(ages));
});

test("rates are exact at the same time where the store compares and sets", async () => {
  const store = new Exact();
  const handlers = [0, 1].map(() => handlerOf(store, { rate: { requests: 7, seconds: 3600 } }));
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => handlers[i % 2](asking())));
  assert.equal(answers.filter(({ status }) => status === 200).length, 7);
});

test("metrics are those of all handlers, and of those before", async () => {
  const store = new Exact();
  const [first, second] = [handlerOf(store), handlerOf(store)];
  for (const handler of [first, second, first]) assertAnswers([await (await handler(asking())).json()], iris);
  assert.deepEqual([await predictions(first), await predictions(second), await predictions(handlerOf(store))], [3, 3, 3]);
});

test("a model that is unloaded is so at all handlers", async () => {
  const store = new Exact();
  const [first, second] = [handlerOf(store), handlerOf(store)];
  assert.equal((await second(asking())).status, 200);
  assert.equal((await first(to("/v2/repository/models/model/unload", "POST"))).status, 200);
  assert.equal((await second(asking())).status, 503);
  assert.equal((await first(to("/v2/repository/models/model/load", "POST"))).status, 200);
  assert.equal((await second(asking())).status, 200);
});

test("an answer that was given is given again, by whichever handler, with the age that the store shall know", async () => {
  const store = new Exact();
  const config = { cache: { seconds: 100 } };
  const ask = async () => {
    const answer = await handlerOf(store, config)(asking());
    assertAnswers([await answer.json()], iris);
    return answer.headers.get("x-cache");
  };
  assert.deepEqual([await ask(), await ask()], ["MISS", "HIT"]);
  assert.ok(store.ages.includes(100), String(store.ages));
});

test("/health?full says what the store gives", async () => {
  const told = async (/** @type {any} */ store) => (await (await handlerOf(store)(to("/health?full"))).json()).store;
  assert.deepEqual(await told(new Slow()), { name: "javascript", reach: "global", updates: "lossy" });
  assert.deepEqual(await told(new Exact()), { name: "exact", reach: "global", updates: "exact" });
  assert.equal((await told(Object.assign(new Slow(), { global: false }))).reach, "instance");
  assert.deepEqual(await told(undefined), { name: "memory", reach: "instance", updates: "exact" });
});

test("a store that does not answer holds up its own request, and nothing of it is left after a while", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const store = new Exact();
  const handler = handlerOf(store);
  let hang = true;
  /** @type {(value: unknown) => void} */
  let release = () => undefined;
  const get = store.get.bind(store);
  store.get = async (key) => {
    if (hang) await new Promise((resolve) => (release = resolve));
    return get(key);
  };
  const held = handler(asking());
  await wait(20);
  hang = false;
  const active = async () => /^http_server_active_requests (\d+)$/m.exec(await (await handler(to("/metrics"))).text())?.[1];
  assert.equal(await active(), "2");
  t.mock.timers.tick(31_000);
  await handler(asking());
  assert.equal(await active(), "1");
  release(undefined);
  await assert.rejects(held, { code: "timeout" });
});

test("a store that fails, in whatever way, bars nobody", async () => {
  const reject = async () => Promise.reject(new Error("it is down"));
  const fail = () => {
    throw new Error("it is down");
  };
  const nonsense = async () => "\u2026 not what was put …";
  for (const operation of [reject, fail, nonsense, async () => 7]) {
    const handler = handlerOf({ get: operation, put: operation, delete: operation, interval: 0 }, { rate: { requests: 3, seconds: 60 } });
    for (let i = 0; i < 2; i++) assertAnswers([await (await handler(asking())).json()], iris);
  }
});

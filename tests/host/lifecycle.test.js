// @ts-check
/** How the host starts and ends. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { Agent, request as start } from "node:http";
import { connect } from "node:net";
import { describe, test } from "node:test";

import { dist, run, temporaryFolder } from "../lib/dist.js";
import { assertAnswers, fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { request } from "../lib/http.js";

const iris = fixture("iris-forest");
const model = await iris.compiled();
const TOO_LONG = /did not finish/;
/** The bound of all that is waited for here; the first start compiles the component. */
const bounded = { timeout: 120_000 };

/** Sends the first half of a request's body, and waits until the server reads it. */
async function halfSent(/** @type {string} */ origin) {
  const { hostname, port } = new URL(origin);
  const body = JSON.stringify({ features: iris.rows[0] });
  const headers = { "content-type": "application/json", "content-length": body.length, expect: "100-continue" };
  const sent = start({ hostname, port, method: "POST", path: "/predict", headers, agent: false });
  sent.on("error", () => {});
  sent.flushHeaders();
  await once(sent, "continue");
  sent.write(body.slice(0, 5));
  return { sent, rest: body.slice(5) };
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  describe(signal, () => {
    test("ends it with 0", bounded, async () => {
      const served = await host([model]);
      served.signal(signal);
      assert.equal(await served.ended(), 0);
      assert.match(served.printed(), /^stopping: /m);
    });

    test("ends it at once though a client keeps its connection open", bounded, async (t) => {
      const served = await host([model]);
      const agent = new Agent({ keepAlive: true });
      t.after(() => agent.destroy());
      assert.equal((await request(served.origin, { path: "/health", agent })).status, 200);
      const { hostname, port } = new URL(served.origin);
      const silent = connect(Number(port), hostname);
      t.after(() => silent.destroy());
      await once(silent, "connect");
      served.signal(signal);
      assert.equal(await served.ended(), 0);
      assert.doesNotMatch(served.printed(), TOO_LONG);
    });
  });
}

test("a request in flight is answered before it ends", bounded, async () => {
  const served = await host([model]);
  const { sent, rest } = await halfSent(served.origin);
  served.signal("SIGINT");
  await served.says(/^stopping: /m);
  sent.end(rest);
  const [response] = await once(sent, "response");
  assertAnswers([JSON.parse((await response.toArray()).join(""))], iris);
  assert.equal(await served.ended(), 0);
  assert.doesNotMatch(served.printed(), TOO_LONG);
});

test("a second signal does not wait for a request in flight", bounded, async () => {
  const served = await host([model]);
  const { sent } = await halfSent(served.origin);
  served.signal("SIGINT");
  await served.says(/^stopping: /m);
  served.signal("SIGINT");
  assert.equal(await served.ended(), 0);
  assert.doesNotMatch(served.printed(), TOO_LONG);
  sent.destroy();
});

test("a request that never ends is given up", bounded, async () => {
  const served = await host([model]);
  const { sent } = await halfSent(served.origin);
  served.signal("SIGTERM");
  assert.equal(await served.ended(), 0);
  assert.match(served.printed(), TOO_LONG);
  sent.destroy();
});

test("a taken port is a clear error", bounded, async () => {
  const first = await host([model]);
  const address = new URL(first.origin).host;
  await assert.rejects(run(dist("edgeinfer"), ["serve", model, "--addr", address]), (/** @type {any} */ error) => {
    const { code, stdout, stderr } = error.cause;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^error: cannot listen on 127\.0\.0\.1:\d+: another program listens there already; .*--addr/);
    assert.ok(stderr.includes(address), stderr);
    return true;
  });
  assert.equal((await request(first.origin, { path: "/health" })).status, 200);
});

test("the address is free again at once", bounded, async () => {
  const first = await host([model]);
  assert.equal((await request(first.origin, { path: "/health" })).status, 200);
  await first.stop();
  const second = await host([model, "--addr", new URL(first.origin).host]);
  assert.equal(second.origin, first.origin);
  assert.equal((await request(second.origin, { path: "/health" })).status, 200);
});

test("nothing is left behind for a model that was compiled and copied", bounded, async () => {
  const folder = await temporaryFolder();
  const served = await host([iris.onnx], { env: { TMPDIR: folder } });
  assert.notDeepEqual(readdirSync(folder), []);
  await served.stop();
  assert.deepEqual(readdirSync(folder), []);
});

// @ts-check
/** `edgeinfer/server` in Node: every fixture, the wrong requests, the README's server. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { testBadRequests } from "../lib/bad-requests.js";
import { temporaryFolder } from "../lib/dist.js";
import { assertAnswers, assertOutputs, compileAll, fixture, fixtures } from "../lib/fixtures.js";
import { readmeBlock, serving } from "../lib/handler.js";
import { post, request } from "../lib/http.js";
import { areInJson, areNumbers, inferBinary, inferJson } from "../lib/inference.js";
import { project } from "../lib/package.js";
import { assertBatches, assertInfo, assertNone, assertRows, json } from "../lib/predictions.js";

const served = fixtures.filter(({ excluded }) => excluded === undefined);
await compileAll(served);
const iris = fixture("iris-forest");

const entries = served.map(async ({ name, compiled }) => [name, await compiled()]);
const origin = await serving({ models: Object.fromEntries(await Promise.all(entries)) });
const irisOrigin = await serving({ model: await iris.compiled() });
const freshOrigin = await serving({ model: await iris.compiled() });
const readme = await startReadme();

describe("every fixture, as a model of one handler,", () => {
  for (const each of served) {
    const { name, answers, features, runs } = each;
    const prefix = `/v1/models/${name}`;

    test(`${name} is what its makers say`, () => assertInfo(origin, `${prefix}/info`, each));

    if (answers.length > 0) {
      test(`${name} gives onnxruntime's answers`, async () => {
        await assertBatches(origin, prefix, each);
        await assertRows(origin, prefix, each);
      });
    } else {
      test(`${name} says that it predicts no rows`, () => assertNone(origin, prefix, each));
    }

    if (features.length === 0 && runs.every(({ inputs, outputs }) => areNumbers(inputs) && areNumbers(outputs))) {
      test(`${name} gives onnxruntime's outputs, for tensors in JSON and as bytes`, async () => {
        for (const run of runs) {
          if (areInJson(run.inputs)) assertOutputs(await inferJson(origin, name, run.inputs), run);
          assertOutputs(await inferBinary(origin, name, run.inputs), run);
        }
      });
    }
  }

  test("all are healthy", async () => {
    const health = await json(request(origin, { path: "/health" }));
    assert.deepEqual([health.status, health.models.length], ["healthy", served.length]);
  });
});

describe("a wrong request", () => testBadRequests(irisOrigin));

describe("200 requests at once", () => {
  test("are all answered, each with its own answer and id, of a handler that nobody asked before", async () => {
    const asked = Array.from({ length: 200 }, async (_, index) => {
      const from = index % iris.rows.length;
      const headers = { "x-request-id": `request-${index}` };
      const answer = await post(freshOrigin, "/predict", { features: iris.rows[from] }, { headers });
      assert.equal(answer.headers["x-request-id"], `request-${index}`);
      assertAnswers([await json(Promise.resolve(answer))], iris, { from });
    });
    await Promise.all(asked);
  });
});

describe("the server of the README", () => {
  test("predicts, says so in its log, and shows this machine its metrics", async () => {
    assertAnswers([await json(post(readme.origin, "/predict", { features: iris.rows[0] }))], iris);
    let printed = "";
    for await (const text of readme.log.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
      if ((printed += text).includes("/predict")) break;
    }
    assert.match(printed, /^\{.*"route":"\/predict",.*"rows":1,"status":200,.*\}$/m);
    assert.match((await request(readme.origin, { path: "/metrics" })).text(), /^edgeinfer_predictions_total\{.*\} 1$/m);
  });

  test("refuses a body that is too long, and goes on", async () => {
    const headers = { "content-type": "application/json" };
    const answer = await request(readme.origin, { method: "POST", path: "/predict", headers, body: "x".repeat(5 << 20), early: true });
    assert.deepEqual([answer.status, answer.json().error.code], [413, "payload_too_large"]);
    assertAnswers([await json(post(readme.origin, "/predict", { features: iris.rows[1] }))], iris, { from: 1 });
  });
});

/** Starts the server of the README. It ends with the tests. */
async function startReadme() {
  const folder = await temporaryFolder();
  await symlink(join(await project(), "node_modules"), join(folder, "node_modules"));
  await copyFile(await iris.compiled(), join(folder, "iris.edge"));
  await writeFile(join(folder, "server.mjs"), await readmeBlock("javascript", /createServer/));
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), EDGEINFER_SERVE_LOG: "true" };
  const server = spawn(process.execPath, ["server.mjs"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  after(() => server.kill());
  const origin = `http://127.0.0.1:${port}`;
  await answering(origin);
  return { origin, log: server.stdout };
}

/** A port that nobody listens at. @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  return port;
}

/** Waits until what is at `origin` is live. @param {string} origin */
async function answering(origin) {
  for (let left = 100; ; left--) {
    const answer = await request(origin, { path: "/health/live" }).catch(() => undefined);
    if (answer?.status === 200) return;
    assert.ok(left > 0, "it does not begin to serve");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

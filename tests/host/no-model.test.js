// @ts-check
/** No model, or one that does not load: the API is up, and says why it cannot answer. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { temporaryFolder } from "../lib/dist.js";
import { fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post, request } from "../lib/http.js";

const iris = fixture("iris-forest");
const edge = readFileSync(await iris.compiled());
const folder = await temporaryFolder();

/** The model with one byte changed. */
function changed(/** @type {number} */ at, /** @type {(byte: number) => number} */ change) {
  const bytes = Buffer.from(edge);
  bytes[at] = change(bytes[at]);
  return bytes;
}
const flip = (/** @type {number} */ byte) => byte ^ 0x10;

/** @type {[string, Buffer | undefined, RegExp][]} */
const cases = [
  ["no model", undefined, /there is no \.edge file in the mount \/models; make one with `edgeinfer compile/],
  ["a model cut in half", edge.subarray(0, edge.length / 2), /damaged compiled model: .* not as long as its header says/],
  ["a model cut in its header", edge.subarray(0, 20), /its header is cut short/],
  ["an empty file", Buffer.alloc(0), /the file is empty/],
  ["a bit flipped in the manifest", changed(100, flip), /its checksum does not match its content/],
  ["a bit flipped in the last byte", changed(edge.length - 1, flip), /its checksum does not match its content/],
  ["a model of a later format", changed(4, () => 9), /format version 9, newer than version 4/],
  ["an ONNX model that is named .edge", readFileSync(iris.onnx), /this looks like ONNX; compile it first/],
];

for (const [name, bytes, reason] of cases) {
  describe(name, async () => {
    const path = join(folder, `${name}.edge`);
    if (bytes) writeFileSync(path, bytes);
    const served = await host(bytes ? [path] : []);
    const { origin } = served;

    test("is unhealthy, with the reason", async () => {
      for (const path of ["/health", "/v1/health"]) {
        const answer = await request(origin, { path });
        const { reason: given, ...rest } = answer.json();
        assert.deepEqual([answer.status, rest], [503, { status: "unhealthy", model_loaded: false }]);
        assert.match(given, reason);
        if (bytes) assert.ok(given.startsWith(`/models/${name}.edge: `), given);
      }
    });

    test("answers what needs a model with 503 and the reason", async () => {
      for (const version of ["", "/v1"]) {
        for (const answer of [
          await post(origin, `${version}/predict`, { features: iris.rows[0] }),
          await post(origin, `${version}/predict/batch`, { instances: iris.rows }),
          await request(origin, { path: `${version}/model/info` }),
        ]) {
          const { error } = answer.json();
          assert.deepEqual([answer.status, error.code], [503, "model_unavailable"]);
          assert.match(error.message, reason);
          assert.match(error.message, /^no model is loaded: /);
          assert.equal(error.request_id, answer.headers["x-request-id"]);
        }
      }
    });

    test("still says what there is and what there is not", async () => {
      assert.equal((await request(origin, { path: "/nothing" })).status, 404);
      assert.equal((await request(origin, { path: "/predict" })).status, 405);
    });

    if (bytes) {
      test("is told of where the server was started", () => {
        assert.match(served.printed(), /^warning: .*\.edge does not load, requests are answered with 503: /m);
        assert.match(served.printed(), reason);
      });
    }
  });
}

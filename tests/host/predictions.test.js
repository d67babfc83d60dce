// @ts-check
/** Every fixture over HTTP: the host command, the component in it, onnxruntime's answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { assertAnswers, fixture, fixtures } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post, request } from "../lib/http.js";

/** How many rows of each fixture go to /predict one by one. */
const SINGLE = 12;

/** The row as an object, its features in reverse. */
const byName = (/** @type {any[]} */ row, /** @type {string[]} */ features) =>
  Object.fromEntries(features.map((name, index) => [name, row[index]]).reverse());

/** @param {Promise<any>} answering */
async function json(answering) {
  const answer = await answering;
  assert.equal(answer.status, 200, answer.text());
  assert.equal(answer.headers["content-type"], "application/json");
  return answer.json();
}

for (const each of fixtures) {
  describe(each.name, async () => {
    const { origin } = await host([await each.compiled()]);
    const { rows, features } = each;

    for (const version of ["", "/v1"]) {
      test(`${version}/predict/batch gives onnxruntime's answers, whatever the form of the rows`, async () => {
        const forms = [
          rows.map((row) => ({ features: row })),
          rows.map((row) => ({ features: byName(row, features) })),
          { instances: rows },
          { instances: rows.map((row) => byName(row, features)) },
          { instances: rows.map((row) => ({ features: row })) },
        ];
        for (const form of forms) {
          const { predictions, count, ...rest } = await json(post(origin, `${version}/predict/batch`, form));
          assert.deepEqual([count, predictions.length, rest], [rows.length, rows.length, {}]);
          assertAnswers(predictions, each);
        }
      });

      test(`${version}/predict gives the same, by position and by name`, async () => {
        for (const [from, row] of rows.slice(0, SINGLE).entries()) {
          for (const given of [row, byName(row, features)]) {
            assertAnswers([await json(post(origin, `${version}/predict`, { features: given }))], each, { from });
          }
        }
      });

      test(`${version}/model/info is what the model's makers say`, async () => {
        const info = await json(request(origin, { path: `${version}/model/info` }));
        assert.deepEqual(info.metadata, each.metadata);
        assert.deepEqual(info.features.map((/** @type {any} */ { name }) => name), features);
        assert.deepEqual(info.labels, each.labels);
        assert.equal(info.type, each.labels.length > 0 ? "classifier" : "regressor");
      });

      test(`${version}/health is healthy`, async () => {
        const health = await json(request(origin, { path: `${version}/health` }));
        assert.deepEqual(health, { status: "healthy", model_loaded: true });
      });
    }
  });
}

describe("an ONNX file", async () => {
  const iris = fixture("iris-forest");
  const served = await host([iris.onnx]);

  test("is compiled on the way, with the metadata beside it", async () => {
    assert.match(served.printed(), /^compiling .*model\.onnx$/m);
    const answer = await json(post(served.origin, "/predict/batch", { instances: iris.rows }));
    assertAnswers(answer.predictions, iris);
  });
});

describe("a fresh instance for each request, as in Spin,", async () => {
  const iris = fixture("iris-forest");
  const { origin } = await host([await iris.compiled(), "--fresh"]);

  test("gives the same answers, one after the other", async () => {
    for (const [from, row] of iris.rows.entries()) {
      assertAnswers([await json(post(origin, "/predict", { features: row }))], iris, { from });
    }
  });

  test("gives the same answers, all at once", async () => {
    const asked = iris.rows.map((features) => json(post(origin, "/predict", { features })));
    assertAnswers(await Promise.all(asked), iris);
  });
});

describe("200 requests at once", async () => {
  const iris = fixture("iris-forest");
  const { origin } = await host([await iris.compiled()]);

  test("are all answered, each with its own answer and id", async () => {
    const asked = Array.from({ length: 200 }, async (_, index) => {
      const from = index % iris.rows.length;
      const headers = { "x-request-id": `request-${index}` };
      const answer = await post(origin, "/predict", { features: iris.rows[from] }, { headers });
      assert.equal(answer.headers["x-request-id"], `request-${index}`);
      assertAnswers([await json(Promise.resolve(answer))], iris, { from });
    });
    await Promise.all(asked);
  });
});

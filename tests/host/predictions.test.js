// @ts-check
/** Every fixture over HTTP: the host command, the component in it, onnxruntime's answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { assertAnswers, compileAll, fixture, fixtures } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post, request } from "../lib/http.js";

/** Those that are asked under each path, in each form and with many single rows; the others once. */
const THOROUGHLY = ["iris-forest", "iris-forest-zipmap", "digits-mlp", "breast-cancer-logistic", "diabetes-ridge"];

/** The row as an object, its features in reverse. */
const byName = (/** @type {any[]} */ row, /** @type {string[]} */ features) =>
  Object.fromEntries(features.map((name, index) => [name, row[index]]).reverse());

/** @param {Promise<any>} answering */
async function json(answering, status = 200) {
  const answer = await answering;
  assert.equal(answer.status, status, answer.text());
  assert.equal(answer.headers["content-type"], "application/json");
  return answer.json();
}

await compileAll(fixtures);

for (const each of fixtures.filter(({ excluded }) => excluded === undefined)) {
  const { name, rows, features, labels, type, answers } = each;
  const isThorough = THOROUGHLY.includes(name);

  test(name, async (t) => {
    const { origin } = await host([await each.compiled()]);

    for (const version of isThorough ? ["", "/v1"] : [""]) {
      await t.test(`${version}/model/info is what the model's makers say`, async () => {
        const info = await json(request(origin, { path: `${version}/model/info` }));
        assert.equal(info.engine, "edgeinfer");
        assert.deepEqual(info.metadata, each.metadata);
        assert.deepEqual(info.features.map((/** @type {any} */ { name }) => name), features);
        if (features.length > 0) assert.equal(info.type, type);
        if (labels.length > 0 || type !== "classifier") assert.deepEqual(info.labels, labels);
      });

      if (answers.length === 0) {
        await t.test("/predict/batch says that it cannot", async () => {
          const { error } = await json(post(origin, "/predict/batch", { instances: rows }), 501);
          assert.equal(error.code, "unsupported_model");
        });
        continue;
      }

      await t.test(`${version}/predict/batch gives onnxruntime's answers, whatever the form of the rows`, async () => {
        const forms = [
          { instances: rows },
          rows.map((row) => ({ features: byName(row, features) })),
          rows.map((row) => ({ features: row })),
          { instances: rows.map((row) => byName(row, features)) },
          { instances: rows.map((row) => ({ features: row })) },
        ];
        for (const form of isThorough ? forms : forms.slice(0, 2)) {
          const { predictions, count, ...rest } = await json(post(origin, `${version}/predict/batch`, form));
          assert.deepEqual([count, rest], [rows.length, {}]);
          assertAnswers(predictions, each, { count: rows.length });
        }
      });

      await t.test(`${version}/predict gives the same, by position and by name`, async () => {
        for (const [from, row] of rows.slice(0, isThorough ? 12 : 2).entries()) {
          for (const given of [row, byName(row, features)]) {
            assertAnswers([await json(post(origin, `${version}/predict`, { features: given }))], each, { from });
          }
        }
      });

      await t.test(`${version}/health is healthy`, async () => {
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

// @ts-check
/** Every fixture over HTTP: the host command, the component in it, onnxruntime's answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { assertAnswers, compileAll, fixture, fixtures } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post, request } from "../lib/http.js";
import { assertBatches, assertInfo, assertNone, assertRows, isThorough, json } from "../lib/predictions.js";

await compileAll(fixtures);

for (const each of fixtures.filter(({ excluded }) => excluded === undefined)) {
  const { name, answers } = each;

  test(name, async (t) => {
    const { origin } = await host([await each.compiled()]);

    for (const version of isThorough(name) ? ["", "/v1"] : [""]) {
      await t.test(`${version}/model/info is what the model's makers say`, () => assertInfo(origin, `${version}/model/info`, each));
      if (answers.length === 0) {
        await t.test("/predict/batch says that it cannot", () => assertNone(origin, version, each));
        continue;
      }
      await t.test(`${version}/predict/batch gives onnxruntime's answers, whatever the form of the rows`, () => assertBatches(origin, version, each));
      await t.test(`${version}/predict gives the same, by position and by name`, () => assertRows(origin, version, each));
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

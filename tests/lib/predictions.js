// @ts-check
/** Whether a server gives onnxruntime's answers for a fixture. */
import assert from "node:assert/strict";

import { assertAnswers } from "./fixtures.js";
import { post, request } from "./http.js";

/** Those that are asked in each form and with many single rows; the others once. */
const THOROUGHLY = ["iris-forest", "iris-forest-zipmap", "digits-mlp", "breast-cancer-logistic", "diabetes-ridge"];

/** Whether a fixture is one that is asked in each form. @param {string} name */
export const isThorough = (name) => THOROUGHLY.includes(name);

/** The row as an object, its features in reverse. @param {any[]} row @param {string[]} features */
const byName = (row, features) => Object.fromEntries(features.map((name, index) => [name, row[index]]).reverse());

/** @param {Promise<any>} answering */
export async function json(answering, status = 200) {
  const answer = await answering;
  assert.equal(answer.status, status, answer.text());
  assert.equal(answer.headers["content-type"], "application/json");
  return answer.json();
}

/**
 * Asserts that what `path` tells of the fixture is what its makers say.
 * @param {string} origin @param {string} path @param {import("./fixtures.js").Fixture} fixture
 */
export async function assertInfo(origin, path, { metadata, features, labels, type }) {
  const info = await json(request(origin, { path }));
  assert.equal(info.engine, "edgeinfer");
  assert.deepEqual(info.metadata, metadata);
  assert.deepEqual(info.features.map((/** @type {any} */ { name }) => name), features);
  if (features.length > 0) assert.equal(info.type, type);
  if (labels.length > 0 || type !== "classifier") assert.deepEqual(info.labels, labels);
}

/**
 * Asserts that `predict/batch` under `prefix` gives the fixture's answers, whatever the
 * form of the rows.
 * @param {string} origin @param {string} prefix @param {import("./fixtures.js").Fixture} fixture
 */
export async function assertBatches(origin, prefix, fixture) {
  const { name, rows, features } = fixture;
  const forms = [
    { instances: rows },
    rows.map((row) => ({ features: byName(row, features) })),
    rows.map((row) => ({ features: row })),
    { instances: rows.map((row) => byName(row, features)) },
    { instances: rows.map((row) => ({ features: row })) },
  ];
  for (const form of isThorough(name) ? forms : forms.slice(0, 2)) {
    const { predictions, count, ...rest } = await json(post(origin, `${prefix}/predict/batch`, form));
    assert.deepEqual([count, rest], [rows.length, {}]);
    assertAnswers(predictions, fixture, { count: rows.length });
  }
}

/**
 * Asserts that `predict` under `prefix` gives the same, by position and by name.
 * @param {string} origin @param {string} prefix @param {import("./fixtures.js").Fixture} fixture
 */
export async function assertRows(origin, prefix, fixture) {
  const { name, rows, features } = fixture;
  for (const [from, row] of rows.slice(0, isThorough(name) ? 12 : 2).entries()) {
    for (const given of [row, byName(row, features)]) {
      assertAnswers([await json(post(origin, `${prefix}/predict`, { features: given }))], fixture, { from });
    }
  }
}

/**
 * Asserts that `predict/batch` under `prefix` says that the fixture gives no predictions.
 * @param {string} origin @param {string} prefix @param {import("./fixtures.js").Fixture} fixture
 */
export async function assertNone(origin, prefix, { rows }) {
  const { error } = await json(post(origin, `${prefix}/predict/batch`, { instances: rows }), 501);
  assert.equal(error.code, "unsupported_model");
}

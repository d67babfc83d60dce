// @ts-check
/** Each wrong request of tests/bad-requests.json: its status, code, field and message; and that it does no harm. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";

import { repository } from "./dist.js";
import { assertAnswers, fixture } from "./fixtures.js";
import { post, request } from "./http.js";

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {string} [body]
 * @property {string} [body_base64]
 * @property {{ text: string, count: number }} [body_repeat]
 * @property {number} status
 * @property {string} code
 * @property {string} message_contains
 * @property {string} [field]
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Makes a test of each wrong request, sent to what serves the iris forest.
 * @param {string} origin
 */
export function testBadRequests(origin) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  after(() => agent.destroy());
  /** @type {Case[]} */
  const cases = JSON.parse(readFileSync(join(repository, "tests", "bad-requests.json"), "utf8"));
  for (const wrong of cases) {
    test(`${wrong.name}: ${wrong.status} ${wrong.code}`, async () => {
      await assertRefused(origin, wrong);
      const iris = fixture("iris-forest");
      const next = await post(origin, "/predict", { features: iris.rows[0] }, { agent });
      assertAnswers([next.json()], iris);
    });
  }
}

/** @param {string} origin @param {Case} wrong */
async function assertRefused(origin, wrong) {
  const { method, path, headers } = wrong;
  const early = wrong.status === 413;
  const answer = await request(origin, { method, path, headers, body: bodyOf(wrong), early });
  assert.equal(answer.status, wrong.status, answer.text());
  assert.equal(answer.headers["content-type"], "application/json");
  const id = answer.headers["x-request-id"];
  assert.match(String(id), UUID);
  const { error, ...rest } = answer.json();
  assert.deepEqual(rest, {});
  const { message, ...others } = error;
  assert.deepEqual(others, {
    code: wrong.code,
    ...(wrong.field === undefined ? {} : { field: wrong.field }),
    request_id: id,
  });
  assert.ok(message.includes(wrong.message_contains), message);
  assert.equal(answer.headers.allow !== undefined, wrong.status === 405, "the Allow header");
}

/** @param {Case} wrong */
function bodyOf({ body, body_base64, body_repeat }) {
  if (body_base64 !== undefined) return Buffer.from(body_base64, "base64");
  return body_repeat ? body_repeat.text.repeat(body_repeat.count) : body;
}

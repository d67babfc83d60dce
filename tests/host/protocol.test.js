// @ts-check
/** What HTTP asks of the host besides predictions. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as start } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";

import { assertAnswers, fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post, request } from "../lib/http.js";

const iris = fixture("iris-forest");
const { origin } = await host([await iris.compiled()]);
const { hostname, port } = new URL(origin);

const predict = async () => {
  const answer = await post(origin, "/predict", { features: iris.rows[0] });
  assertAnswers([answer.json()], iris);
  return answer;
};

test("a request id is taken over, in the header of an answer and in an error", async () => {
  for (const id of ["abc-123", "x", "!~", "a".repeat(128)]) {
    const headers = { "X-Request-ID": id };
    assert.equal((await request(origin, { path: "/health", headers })).headers["x-request-id"], id);
    const wrong = await post(origin, "/v1/predict", {}, { headers });
    assert.deepEqual([wrong.headers["x-request-id"], wrong.json().error.request_id], [id, id]);
  }
});

test("a request id that is none is replaced", async () => {
  for (const id of ["", "a b", "a".repeat(129), "\u00e9", "a\tb"]) {
    const made = (await request(origin, { path: "/health", headers: { "x-request-id": id } })).headers["x-request-id"];
    assert.match(String(made), /^[0-9a-f-]{36}$/, `for ${JSON.stringify(id)}`);
  }
});

test("request ids that are made are each another", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => request(origin, { path: "/health" })));
  assert.equal(new Set(answers.map(({ headers }) => headers["x-request-id"])).size, 20);
});

test("HEAD is GET without the body", async () => {
  for (const path of ["/health", "/v1/health", "/model/info"]) {
    const [get, head] = await Promise.all(["GET", "HEAD"].map((method) => request(origin, { method, path })));
    assert.deepEqual([head.status, head.body.length], [200, 0]);
    for (const name of ["content-type", "content-length"]) assert.equal(head.headers[name], get.headers[name], name);
  }
  const head = await request(origin, { method: "HEAD", path: "/predict" });
  assert.deepEqual([head.status, head.headers.allow, head.body.length], [405, "POST", 0]);
});

test("an answer says how long it is", async () => {
  const answer = await predict();
  assert.equal(answer.headers["content-length"], String(answer.body.length));
  assert.equal(answer.headers["transfer-encoding"], undefined);
});

test("a body may come in chunks", async () => {
  const sent = start({ hostname, port, method: "POST", path: "/predict", headers: { "content-type": "application/json" } });
  const text = JSON.stringify({ features: iris.rows[0] });
  for (const character of text) sent.write(character);
  sent.end();
  const [response] = await once(sent, "response");
  assertAnswers([JSON.parse((await response.toArray()).join(""))], iris);
});

test("a client that goes away in the middle of its request does no harm", async () => {
  const head = "POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{";
  for (const text of [head, "POST /pre", ""]) {
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    await new Promise((resolve) => socket.write(text, resolve));
    socket.destroy();
    await once(socket, "close");
  }
  await predict();
});

test("what is no HTTP is refused", async () => {
  const socket = connect(Number(port), hostname);
  socket.write("hello\r\n\r\n");
  assert.match((await socket.toArray()).join(""), /^HTTP\/1\.[01] 400 /);
  await predict();
});

test("a client of HTTP/1.0, which names no host, is answered", async () => {
  const socket = connect(Number(port), hostname);
  socket.write("GET /health HTTP/1.0\r\n\r\n");
  const text = (await socket.toArray()).join("");
  assert.match(text, /^HTTP\/1\.0 200 /);
  assert.match(text, /\{"status":"healthy","model_loaded":true\}$/);
});

test("a query is no part of the path", async () => {
  const answer = await post(origin, "/predict?explain=1", { features: iris.rows[0] });
  assertAnswers([answer.json()], iris);
});

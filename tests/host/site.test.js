// @ts-check
/** The static files that the host serves beside the API. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { extname, join, sep } from "node:path";
import { describe, test } from "node:test";

import { dist, temporaryFolder } from "../lib/dist.js";
import { assertAnswers, fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post, request } from "../lib/http.js";

const iris = fixture("iris-forest");
const model = await iris.compiled();

/** What browsers take a file for; `.wasm` must be right for streaming compilation. */
const TYPES = {
  ".css": "text/css",
  ".edge": "application/octet-stream",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".ts": /./,
  ".wasm": "application/wasm",
};

describe("the demo page", async () => {
  const www = dist("www");
  const { origin } = await host([model, "--www", www]);
  const files = readdirSync(www, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(www, name)).isFile());

  test("is at /", async () => {
    const answer = await request(origin, { path: "/" });
    assert.deepEqual([answer.status, answer.headers["content-type"]], [200, "text/html"]);
    assert.deepEqual(answer.body, readFileSync(join(www, "index.html")));
  });

  test("has each of its files under its own path, whole and with its type", async () => {
    for (const extension of [".html", ".js", ".css", ".wasm", ".edge"]) {
      assert.ok(files.some((file) => extname(file) === extension), `no ${extension} in ${www}`);
    }
    for (const file of files) {
      const path = `/${file.split(sep).map(encodeURIComponent).join("/")}`;
      const answer = await request(origin, { path });
      assert.equal(answer.status, 200, path);
      const type = TYPES[extname(file)];
      assert.ok(type, `${file} has an extension without a type in this test`);
      if (typeof type === "string") assert.equal(answer.headers["content-type"], type, path);
      assert.ok(answer.body.equals(readFileSync(join(www, file))), path);
      assert.equal(answer.headers["cache-control"], "no-cache", path);
    }
  });

  test("is not sent again to a browser that has it", async () => {
    const { headers } = await request(origin, { path: "/" });
    const again = await request(origin, { path: "/", headers: { "if-none-match": String(headers.etag) } });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
  });

  test("leaves the API to the component", async () => {
    const health = await request(origin, { path: "/health" });
    assert.deepEqual(health.json(), { status: "healthy", model_loaded: true });
    for (const path of ["/predict", "/v1/predict"]) {
      assertAnswers([(await post(origin, path, { features: iris.rows[0] })).json()], iris);
    }
    for (const [method, path, status, code] of [
      ["GET", "/predict", 405, "method_not_allowed"],
      ["GET", "/nothing.js", 404, "not_found"],
      ["POST", "/", 404, "not_found"],
      ["POST", "/index.html", 404, "not_found"],
      ["DELETE", "/index.html", 404, "not_found"],
    ]) {
      const answer = await request(origin, { method: String(method), path: String(path) });
      assert.deepEqual([answer.status, answer.json().error.code], [status, code], `${method} ${path}`);
    }
  });
});

test("without a folder, / is the component's", async () => {
  const { origin } = await host([model]);
  assert.equal((await request(origin, { path: "/" })).json().error.code, "not_found");
});

describe("a folder", async () => {
  const outer = await temporaryFolder();
  const secret = join(outer, "secret.txt");
  writeFileSync(secret, "SECRET");
  const inner = join(outer, "inner");
  mkdirSync(join(inner, "sub folder"), { recursive: true });
  writeFileSync(join(inner, "index.html"), "INDEX");
  writeFileSync(join(inner, "sub folder", "index.html"), "SUB");
  writeFileSync(join(inner, "caf\u00e9 1.txt"), "CAFE");
  // A neighbour whose path begins as the folder's.
  mkdirSync(`${inner}-other`);
  writeFileSync(join(`${inner}-other`, "secret.txt"), "SECRET");
  const { origin } = await host([model, "--www", inner]);

  test("has an index of its own in each folder below", async () => {
    assert.equal((await request(origin, { path: "/sub%20folder/" })).text(), "SUB");
    const answer = await request(origin, { path: "/sub%20folder" });
    assert.deepEqual([answer.status, answer.headers.location], [307, "/sub%20folder/"]);
  });

  test("may hold any names", async () => {
    assert.equal((await request(origin, { path: "/caf%C3%A9%201.txt?x=1" })).text(), "CAFE");
  });

  test("is served as it is when asked for", async () => {
    assert.equal((await request(origin, { path: "/new.txt" })).status, 404);
    writeFileSync(join(inner, "new.txt"), "1");
    assert.equal((await request(origin, { path: "/new.txt" })).text(), "1");
    writeFileSync(join(inner, "new.txt"), "22");
    assert.equal((await request(origin, { path: "/new.txt" })).text(), "22");
  });

  const escapes = [
    "/../secret.txt",
    "/../../../../../../../../etc/passwd",
    "/sub%20folder/../../secret.txt",
    "/./../secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E/secret.txt",
    "/.%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/%252e%252e%252fsecret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/sub%20folder/%2e%2e/%2e%2e/secret.txt",
    "/..;/secret.txt",
    "/../inner-other/secret.txt",
    "//../secret.txt",
    `/${secret}`,
    `//${secret}`,
    `/${encodeURIComponent(secret)}`,
    `/%2f${secret.slice(1)}`,
    "/%00/../secret.txt",
    "/index.html%00/../../secret.txt",
    "/%c0%ae%c0%ae/secret.txt",
  ];
  for (const path of escapes) {
    test(`does not let out by ${path.replace(outer, "\u2026")}`, async () => {
      const answer = await request(origin, { path });
      assert.doesNotMatch(answer.text(), /SECRET|root:/);
      assert.deepEqual([answer.status, answer.json().error.code], [404, "not_found"]);
    });
  }

  test("does not let out by a whole address as the target", async () => {
    const { hostname, port } = new URL(origin);
    for (const target of [`http://localhost/../secret.txt`, `file://${secret}`]) {
      const socket = connect(Number(port), hostname);
      socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      const text = (await socket.toArray()).join("");
      assert.match(text, /^HTTP\/1\.1 4\d\d /, target);
      assert.doesNotMatch(text, /SECRET/, target);
    }
  });

  test("does not show what is in it", async () => {
    mkdirSync(join(inner, "bare"));
    writeFileSync(join(inner, "bare", "hidden.txt"), "");
    const answer = await request(origin, { path: "/bare/" });
    assert.deepEqual([answer.status, answer.json().error.code], [404, "not_found"]);
    assert.doesNotMatch(answer.text(), /hidden/);
  });

  test("follows links that its owner made", async () => {
    symlinkSync(secret, join(inner, "link.txt"));
    assert.equal((await request(origin, { path: "/link.txt" })).text(), "SECRET");
  });
});

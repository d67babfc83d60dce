// @ts-check
/** Bearer tokens over HTTP, with the true clock: what PyJWT signed opens the service. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { repository, temporaryFolder } from "../lib/dist.js";
import { fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { request } from "../lib/http.js";

const { issuer, audience, jwks, admin, tokens } = JSON.parse(readFileSync(join(repository, "tests", "tokens.json"), "utf8"));
const iris = fixture("iris-forest");

/** A folder with the configuration and, unless they are left out, the keys. */
async function configured(keys = JSON.stringify(jwks)) {
  const folder = await temporaryFolder();
  const settings = `log = true\n[jwt]\njwks_file = "jwks.json"\nissuer = "${issuer}"\naudience = "${audience}"\n`;
  writeFileSync(join(folder, "some.toml"), settings);
  if (keys) writeFileSync(join(folder, "jwks.json"), keys);
  return join(folder, "some.toml");
}

test("each token of the table gets its answer", async () => {
  const served = await host([await iris.compiled(), "--config", await configured()]);
  const ask = (/** @type {string} */ token, path = "/predict") => request(served.origin, {
    method: "POST", path,
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ features: iris.rows[0] }),
  });
  for (const { what, token, status, message } of tokens) {
    const answer = await ask(token);
    assert.equal(answer.status, status, `${what}: ${answer.text()}`);
    if (status === 200) continue;
    assert.ok(answer.json().error.message.includes(message), `${what}: ${answer.text()}`);
    const code = status === 401 ? "invalid_token" : "insufficient_scope";
    assert.ok(answer.headers["www-authenticate"]?.startsWith(`Bearer error="${code}"`), what);
  }
  await served.says(/"key":"alice"/);
  assert.equal((await ask(admin, "/v2/repository/models/iris-forest/load")).status, 200);
  assert.equal((await request(served.origin, { path: "/health" })).status, 200);
  const none = await request(served.origin, { path: "/model/info" });
  assert.deepEqual([none.status, none.headers["www-authenticate"]], [401, "Bearer"]);
});

test("keys that cannot be used are told of at once", async () => {
  await assert.rejects(host(["--config", await configured("")]), /cannot read .*jwks\.json/);
  await assert.rejects(host(["--config", await configured('{"keys":[]}')]), /no key of the JWKS is for HS256/);
});

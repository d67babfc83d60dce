// @ts-check
/** The Spin application: what spin.toml names is there, and runs. */
import assert from "node:assert/strict";
import { accessSync, constants, readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { describe, test } from "node:test";

import { parse } from "smol-toml";

import { interfaces } from "../lib/component.js";
import { dist, repository, run } from "../lib/dist.js";
import { assertAnswers, fixture } from "../lib/fixtures.js";
import { host } from "../lib/host.js";
import { post } from "../lib/http.js";

/** @type {any} */
const manifest = parse(readFileSync(join(repository, "spin.toml"), "utf8"));
const [[name, component]] = /** @type {[string, any][]} */ (Object.entries(manifest.component));
const file = dist("edgeinfer-spin.wasm");

test("spin.toml is a manifest of version 2 with one component behind every route", () => {
  assert.equal(manifest.spin_manifest_version, 2);
  assert.equal(manifest.application.name, "edgeinfer");
  const routes = manifest.trigger.http.map((/** @type {any} */ { route, component }) => [route, component]);
  assert.deepEqual(routes, [["/...", name]]);
  assert.deepEqual(Object.keys(manifest.component), [name]);
});

test("spin.toml has the version of the workspace", () => {
  const cargo = /** @type {any} */ (parse(readFileSync(join(repository, "Cargo.toml"), "utf8")));
  assert.equal(manifest.application.version, cargo.workspace.package.version);
});

test("the component may ask no other host", () => {
  assert.deepEqual(component.allowed_outbound_hosts, []);
});

test("the component may use a store, and gets its variable from the application's", () => {
  assert.deepEqual(component.key_value_stores, ["default"]);
  assert.deepEqual({ ...component.variables }, { edgeinfer_toml: "{{ edgeinfer_toml }}" });
  assert.deepEqual({ ...manifest.variables.edgeinfer_toml }, { default: "", secret: true });
});

test("the source is the component that scripts/build makes", () => {
  assert.equal(join(repository, component.source), file);
});

test("the file mount is one model, where the component looks for it", () => {
  assert.equal(component.files.length, 1);
  const [{ source, destination }] = component.files;
  assert.equal(destination, "/models");
  const models = readdirSync(join(repository, source));
  assert.deepEqual(models.map(extname), [".edge"], `${source} holds ${models}`);
});

test("the build command is a script with that part", async () => {
  const [script, ...parts] = component.build.command.split(" ");
  const path = join(repository, script);
  accessSync(path, constants.X_OK);
  const { stdout } = await run(path, ["--help"]);
  for (const part of parts) assert.match(stdout, new RegExp(`\\b${part}\\b`));
});

test("each path to watch finds a file", async () => {
  for (const pattern of component.build.watch) {
    // git reads such patterns as Spin does, and leaves out what was built.
    const list = ["ls-files", "--cached", "--others", "--exclude-standard", "--", `:(glob)${pattern}`];
    const { stdout } = await run("git", list, { cwd: repository });
    assert.notEqual(stdout, "", pattern);
  }
});

describe("the component", () => {
  const { imports, exports } = interfaces(readFileSync(file));

  test("exports the HTTP handler of WASI 0.2, and nothing else", () => {
    assert.equal(exports.length, 1, exports.join(", "));
    assert.match(exports[0], /^wasi:http\/incoming-handler@0\.2\.\d+$/);
  });

  test("imports interfaces of WASI 0.2, Spin's variables and key-value stores, and nothing else", () => {
    assert.ok(imports.some((name) => name.startsWith("wasi:http/types@")), imports.join(", "));
    const others = imports.filter((name) => !/^wasi:[a-z-]+\/[a-z-]+@0\.2\.\d+$/.test(name));
    assert.deepEqual(others.sort(), [
      "fermyon:spin/variables@2.0.0",
      "wasi:keyvalue/atomics@0.2.0-draft2",
      "wasi:keyvalue/store@0.2.0-draft2",
    ]);
  });

  test("does not import what sends requests", () => {
    assert.deepEqual(imports.filter((name) => /outgoing-handler|sockets/.test(name)), []);
  });
});

test("the application answers, with an instance for each request", async () => {
  const iris = fixture("iris-forest");
  const [{ source }] = component.files;
  const [model] = readdirSync(join(repository, source));
  const { origin } = await host([
    join(repository, source, model),
    "--component",
    join(repository, component.source),
    "--fresh",
  ]);
  for (const version of ["", "/v1"]) {
    const answer = await post(origin, `${version}/predict/batch`, { instances: iris.rows });
    assertAnswers(answer.json().predictions, iris);
  }
});

// @ts-check
/** What the tarball holds, and what the tools that judge packages say of it. */
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { dist, repository, run } from "../lib/dist.js";
import { modules, project } from "../lib/package.js";

const tools = join(repository, "crates", "web", "npm", "node_modules", ".bin");

/** Where there is a wasm with its glue. */
const FOLDERS = ["wasm", "wasm/networks", "onnx/wasm", "server/wasm"];

test("the tarball holds the modules, their types, the wasm, the licences and the README, and nothing else", async () => {
  const { stdout } = await run("tar", ["-tzf", dist("edgeinfer.tgz")]);
  const module = (/** @type {string} */ name) => [`package/dist/${name}.d.ts`, `package/dist/${name}.js`];
  assert.deepEqual(
    stdout.trim().split("\n").sort(),
    [
      "package/LICENSE-APACHE",
      "package/LICENSE-MIT",
      "package/README.md",
      ...["api", "builds", "compiled", "error", "index", "load", "memory", "model", "node", "rows", "runtime"].flatMap(module),
      ...["tensors", "types", "platform/browser", "platform/node"].flatMap(module),
      ...["onnx/any", "onnx/index", "onnx/node"].flatMap(module),
      ...["api", "body", "calls", "handler", "index", "models", "node", "runtime", "services", "settings", "store"].flatMap((name) => module(`server/${name}`)),
      "package/dist/server/module.d.ts",
      ...FOLDERS.flatMap((folder) => [
        ...module(`${folder}/edgeinfer_web`),
        `package/dist/${folder}/edgeinfer_web_bg.wasm`,
        `package/dist/${folder}/edgeinfer_web_bg.wasm.d.ts`,
      ]),
      "package/dist/wasm/networks/relaxed.wasm",
      "package/package.json",
    ].sort(),
  );
});

test("installing runs no script and brings no other package", async () => {
  const manifest = JSON.parse(await readFile(join(await modules(), "..", "package.json"), "utf8"));
  for (const field of ["scripts", "dependencies", "peerDependencies", "optionalDependencies", "bundleDependencies"]) {
    assert.equal(manifest[field], undefined, field);
  }
  const { stdout } = await run("npm", ["ls", "--all", "--parseable"], { cwd: await project() });
  assert.equal(stdout.trim().split("\n").length, 2, stdout);
});

test("no file names a folder of the machine that built it", async () => {
  const wasm = FOLDERS.flatMap((folder) => [`${folder}/edgeinfer_web_bg.wasm`, `${folder}/edgeinfer_web.js`]);
  for (const file of [...wasm, "wasm/networks/relaxed.wasm", "load.js", "load.d.ts", "server/services.js"]) {
    const content = await readFile(join(await modules(), file), "latin1");
    for (const folder of [repository, join(homedir(), ".cargo")]) assert.ok(!content.includes(folder), `${file} holds ${folder}`);
  }
});

test("the runtime for classic models is smaller than that for networks, and that than the one with the compiler", async () => {
  const size = async (/** @type {string} */ folder) => (await stat(join(await modules(), folder, "edgeinfer_web_bg.wasm"))).size;
  assert.ok((await size("wasm")) < (await size("wasm/networks")));
  assert.ok((await size("wasm/networks")) < (await size("onnx/wasm")));
});

test("engines without relaxed SIMD take every wasm but the relaxed one", async () => {
  const opcode = Buffer.of(0xfd, 0x85, 0x02);
  const has = async (/** @type {string} */ file) => (await readFile(join(await modules(), file))).includes(opcode);
  assert.equal(await has("wasm/networks/relaxed.wasm"), true);
  for (const folder of FOLDERS) assert.equal(await has(`${folder}/edgeinfer_web_bg.wasm`), false, folder);
});

test("the licences are those of the repository", async () => {
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    const packed = await readFile(join(await modules(), "..", licence), "utf8");
    assert.equal(packed, await readFile(join(repository, licence), "utf8"));
  }
});

test("publint finds nothing", async () => {
  await run(join(tools, "publint"), ["run", dist("edgeinfer.tgz"), "--strict"]);
});

test("are-the-types-wrong finds nothing", async () => {
  await run(join(tools, "attw"), [dist("edgeinfer.tgz"), "--profile", "esm-only"]);
});

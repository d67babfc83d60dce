// @ts-check
/** Where `load` takes a model from, and what it does when that fails. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { temporaryFolder } from "../lib/dist.js";
import { fixture } from "../lib/fixtures.js";
import { edgeinfer } from "../lib/package.js";
import { files, serve } from "../lib/server.js";

const { load } = await edgeinfer();
const path = await fixture("diabetes-ridge").compiled();
const bytes = new Uint8Array(await readFile(path));
const [row] = fixture("diabetes-ridge").rows;

/** @param {Promise<any>} loading */
async function assertAnswers(loading) {
  const model = await loading;
  const { prediction } = await model.predict(row);
  model.dispose();
  assert.ok(Math.abs(prediction - 241.28778) < 1e-3, String(prediction));
}

/** @param {Promise<any>} loading @param {string} code @param {RegExp} message */
async function assertFails(loading, code, message) {
  const error = await loading.then(
    () => assert.fail("it loaded"),
    (/** @type {any} */ error) => error,
  );
  assert.equal(`${error.name} ${error.code}`, `EdgeInferError ${code}`, error.message);
  assert.match(error.message, message);
  return error;
}

describe("load takes", () => {
  test("the path of a file", async () => {
    await assertAnswers(load(path));
    await assertAnswers(load(relative(process.cwd(), path)));
  });

  test("a file URL, as URL and as string", async () => {
    await assertAnswers(load(pathToFileURL(path)));
    await assertAnswers(load(pathToFileURL(path).href));
  });

  test("bytes", async () => {
    await assertAnswers(load(bytes));
    await assertAnswers(load(Buffer.from(bytes)));
    await assertAnswers(load(bytes.slice().buffer));
  });

  test("a part of a larger buffer", async () => {
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    await assertAnswers(load(larger.subarray(3, 3 + bytes.length)));
  });

  test("a Response", async () => {
    await assertAnswers(load(new Response(bytes)));
  });

  test("an address, as string, URL and Request, and what fetch gave", async () => {
    const url = `${await serve((_, response) => response.end(bytes))}/model.edge`;
    await assertAnswers(load(url));
    await assertAnswers(load(new URL(url)));
    await assertAnswers(load(new Request(url)));
    await assertAnswers(load(await fetch(url)));
  });

  test("bytes that stay the caller's", async () => {
    const own = bytes.slice();
    const model = await load(own);
    own.fill(0);
    assert.equal(typeof (await model.predict(row)).prediction, "number");
    assert.ok(own.buffer.byteLength > 0, "the buffer was transferred");
  });
});

describe("onProgress", () => {
  /** @param {any} source */
  async function progress(source) {
    /** @type {{ loaded: number, total?: number }[]} */
    const steps = [];
    await load(source, { onProgress: (step) => steps.push(step) });
    return steps;
  }

  test("tells the bytes of a download as they come, and their total", async () => {
    const gate = newGate();
    const url = await serve(async (_, response) => {
      response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 500));
      await gate.opened;
      response.end(bytes.subarray(500));
    });
    /** @type {any[]} */
    const steps = [];
    const onProgress = (step) => {
      steps.push(step);
      gate.open();
    };
    await load(url, { onProgress });
    assert.deepEqual(steps[0], { loaded: 500, total: bytes.length });
    assert.deepEqual(steps.at(-1), { loaded: bytes.length, total: bytes.length });
    assert.ok(steps.length >= 2);
  });

  test("has no total where the server does not say the length", async () => {
    const url = await serve((_, response) => response.write(bytes, () => response.end()));
    assert.deepEqual((await progress(url)).at(-1), { loaded: bytes.length, total: undefined });
  });

  test("has no total where the server compresses", async () => {
    const url = await serve((_, response) => {
      const body = gzipSync(bytes);
      response.writeHead(200, { "content-encoding": "gzip", "content-length": body.length }).end(body);
    });
    assert.deepEqual((await progress(url)).at(-1), { loaded: bytes.length, total: undefined });
  });

  test("tells a file at once", async () => {
    assert.deepEqual(await progress(path), [{ loaded: bytes.length, total: bytes.length }]);
  });

  test("that throws ends the load with what it threw", async () => {
    const mine = new Error("mine");
    const onProgress = () => {
      throw mine;
    };
    const url = await serve((_, response) => response.end(bytes));
    for (const source of [url, path]) {
      await assert.rejects(load(source, { onProgress }), (error) => error === mine);
    }
  });
});

describe("an abort", () => {
  const reason = new Error("the user left");

  test("before the start rejects with its reason and asks for nothing", async () => {
    let requests = 0;
    const url = await serve((_, response) => response.end(String(requests++)));
    await assert.rejects(load(url, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    await assert.rejects(load(bytes, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.equal(requests, 0);
  });

  test("without a reason rejects with an AbortError", async () => {
    await assert.rejects(load(path, { signal: AbortSignal.abort() }), { name: "AbortError" });
  });

  test("before the answer comes rejects with its reason and hangs up", async () => {
    const controller = new AbortController();
    const hungUp = newGate();
    const url = await serve((request) => {
      request.on("close", hungUp.open);
      controller.abort(reason);
    });
    await assert.rejects(load(url, { signal: controller.signal }), (error) => error === reason);
    await hungUp.opened;
  });

  test("during a download rejects with its reason and hangs up", async () => {
    for (const prepare of [(url) => url, (url) => new Request(url), (url) => fetch(url)]) {
      const controller = new AbortController();
      const hungUp = newGate();
      const url = await serve((_, response) => {
        response.on("close", hungUp.open);
        response.write(bytes.subarray(0, 100));
      });
      const onProgress = () => controller.abort(reason);
      const loading = load(await prepare(url), { signal: controller.signal, onProgress });
      await assert.rejects(loading, (error) => error === reason);
      await hungUp.opened;
    }
  });

  test("after the end is of no consequence", async () => {
    const controller = new AbortController();
    const model = await load(path, { signal: controller.signal });
    controller.abort(reason);
    assert.equal(typeof (await model.predict(row)).prediction, "number");
  });
});

describe("what cannot be had is model_unavailable:", () => {
  test("a file that is not there", async () => {
    const error = await assertFails(load("no/such.edge"), "model_unavailable", /cannot read no\/such\.edge: ENOENT/);
    assert.equal(error.cause.code, "ENOENT");
  });

  test("a folder", async () => {
    await assertFails(load(await temporaryFolder()), "model_unavailable", /cannot read .*EISDIR/);
  });

  test("an address that answers 404 or 500", async () => {
    const url = await serve(files({}));
    await assertFails(load(`${url}/iris.edge`), "model_unavailable", /\/iris\.edge answered 404/);
    await assertFails(load(new Response("", { status: 500 })), "model_unavailable", /answered 500/);
  });

  test("a host that does not answer", async () => {
    const { createServer } = await import("node:net");
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    await new Promise((resolve) => server.close(resolve));
    const error = await assertFails(load(`http://127.0.0.1:${port}/m.edge`), "model_unavailable", /cannot fetch http/);
    assert.ok(error.cause instanceof Error);
  });

  test("an address that is none", async () => {
    await assertFails(load("https://"), "model_unavailable", /cannot fetch https:/);
  });

  test("a download that breaks off", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 100), () => response.destroy());
    });
    await assertFails(load(url), "model_unavailable", /broke off after \d+ bytes/);
  });

  test("a Response that was read", async () => {
    const response = new Response(bytes);
    await response.arrayBuffer();
    await assertFails(load(response), "model_unavailable", /read already/);
    const locked = new Response(bytes);
    locked.body?.getReader();
    await assertFails(load(locked), "model_unavailable", /read already/);
  });
});

describe("what is no compiled model is invalid_model:", async () => {
  const encode = (/** @type {string} */ text) => new TextEncoder().encode(text);
  /** @type {Record<string, [Uint8Array, RegExp]>} */
  const cases = {
    "nothing": [new Uint8Array(), /the file is empty/],
    "an ONNX model": [await readFile(fixture("diabetes-ridge").onnx), /looks like ONNX.*edgeinfer compile/],
    "a page of a server that has no model": [encode("<!doctype html><title>404</title>"), /looks like HTML/],
    "a Git LFS pointer": [encode("version https://git-lfs.github.com/spec/v1\n"), /git lfs pull/],
    "text": [encode("hello"), /does not begin as one/],
    "a header alone": [bytes.subarray(0, 20), /cut short/],
  };
  for (const [name, [content, message]] of Object.entries(cases)) {
    test(name, () => assertFails(load(content), "invalid_model", message));
  }

  test("a model that is cut off at any length", async () => {
    for (let length = 0; length < bytes.length; length++) {
      await assertFails(load(bytes.subarray(0, length)), "invalid_model", /empty|does not begin|cut short|not as long/);
    }
  });

  test("a model with one bit flipped, wherever it is", async () => {
    for (let position = 0; position < bytes.length; position++) {
      const damaged = bytes.slice();
      damaged[position] ^= 1 << position % 8;
      const isVersion = position >= 4 && position < 8;
      await assertFails(load(damaged), isVersion ? "unsupported_version" : "invalid_model", /./);
    }
  });

  test("of a newer format it says so, as unsupported_version", async () => {
    const newer = bytes.slice();
    new DataView(newer.buffer).setUint32(4, 7, true);
    await assertFails(load(newer), "unsupported_version", /format version 7, newer than version 4/);
  });
});

/** A promise and what fulfils it. */
function newGate() {
  /** @type {() => void} */
  let open = () => {};
  /** @type {Promise<void>} */
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}

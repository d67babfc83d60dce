// @ts-check
/** The types, as a strict TypeScript project sees them. */
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { repository, run, temporaryFolder } from "../lib/dist.js";
import { project } from "../lib/package.js";

const npm = join(repository, "crates", "web", "npm", "node_modules");

const CONSUMER = `
import { EdgeInferError, load, Model } from "edgeinfer";
import type { ErrorCode, Health, LoadOptions, ModelInfo, Prediction, Progress, Row, SequenceOutput, Source, TensorOutput } from "edgeinfer";
import { load as loadAny } from "edgeinfer/onnx";
import type { OnnxLoadOptions } from "edgeinfer/onnx";
import { createHandler } from "edgeinfer/server";
import type { Handler, HandlerOptions, ModelSource, Store } from "edgeinfer/server";
import module from "edgeinfer/server.wasm";

const sources: Source[] = ["iris.edge", new URL("file:///iris.edge"), new Uint8Array(8), new ArrayBuffer(8), new Response(""), new Request("https://example.com")];
const options: LoadOptions = { signal: AbortSignal.timeout(1000), onProgress: ({ loaded, total }: Progress) => console.log(loaded, total?.toFixed()) };

export async function answers(rows: readonly Row[]): Promise<string[]> {
  using model: Model = await load(sources[0]!, options);
  const first: Prediction = await model.predict([5.1, 3.5, 1.4, 0.2]);
  await model.predict(new Float32Array(4));
  await model.predict({ "sepal length (cm)": 5.1, count: 3n, name: "x", known: true, other: null });
  const info: ModelInfo = model.info();
  const health: Health = model.health();
  const outputs: Record<string, TensorOutput> = await model.run({ X: { data: new Float32Array(4), shape: [1, 4] } });
  const all = await model.predictBatch(rows);
  console.log(first.probabilities?.[0]?.toFixed(2), info.labels, health.reason, outputs["label"]?.data);
  return all.map(({ label = "" }) => label);
}

export async function onDevice(bytes: Uint8Array): Promise<Model> {
  const options: OnnxLoadOptions = { metadata: { labels: ["a", "b"] }, signal: AbortSignal.timeout(1000) };
  const model: Model = await loadAny(bytes, options);
  const { words } = await model.run<{ words: SequenceOutput }>({ x: new Map([["a", 1]]), y: { data: ["b"], shape: [1] } });
  console.log(words.values[0]?.shape);
  return model;
}

interface Env { STATE: Store; MODE: string }

export function served(env: Env, kept: Map<string, string>): Handler[] {
  const store: Store = {
    get: async (key) => kept.get(key),
    put: async (key, value, { expirationTtl = Infinity }) => void kept.set(key, value + expirationTtl),
    delete: async (key) => kept.delete(key),
  };
  const source: ModelSource = async () => fetch("https://example.com/iris.edge");
  const options: HandlerOptions = { models: { iris: new ArrayBuffer(8), digits: { 1: "digits.edge", 2: source } }, module, env, store };
  const worker: (request: Request, env: Env, context: unknown) => Promise<Response> = createHandler(options);
  const first: Handler<[address: string | undefined]> = createHandler({
    model: "iris.edge",
    config: { limits: { batch_rows: 10 } },
    peer: (_, address: string | undefined) => address,
  });
  console.log(first, worker);
  return [createHandler({ models: {}, store: env.STATE, log: (line) => console.log(line.length), config: "log = true" })];
}

export function code(error: unknown): ErrorCode | undefined {
  return error instanceof EdgeInferError && error.field !== "features" ? error.code : undefined;
}

export async function wrong(model: Model): Promise<void> {
  // @ts-expect-error a row is no string
  await model.predict("5.1");
  // @ts-expect-error a tensor has a shape
  await model.run({ X: { data: new Float32Array(4) } });
  // @ts-expect-error a source is no number
  await load(7);
  // @ts-expect-error only the entry for ONNX takes metadata
  await load("iris.edge", { metadata: {} });
  // @ts-expect-error a store has all three
  createHandler({ model: "iris.edge", store: { get: async () => null } });
  // @ts-expect-error a handler has models by name, not in a list
  createHandler({ models: ["iris.edge"], log: true });
  // @ts-expect-error there is no such code
  const code: ErrorCode = "nonsense";
  console.log(code);
}
`;

const STRICT = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};
const PROJECTS = {
  "in Node": { module: "nodenext", target: "es2022", lib: ["es2022"], types: ["node"] },
  "with a bundler, for browsers": { module: "esnext", moduleResolution: "bundler", target: "es2022", lib: ["es2022", "dom"], types: [] },
  "with a bundler and all of TypeScript's library": { module: "preserve", target: "esnext", types: [] },
};

for (const [name, options] of Object.entries(PROJECTS)) {
  test(`a strict project ${name} compiles`, async () => {
    const folder = await temporaryFolder();
    await symlink(join(await project(), "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    await writeFile(join(folder, "consumer.ts"), CONSUMER);
    const compilerOptions = { ...STRICT, typeRoots: [join(npm, "@types")], ...options };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    await run(join(npm, ".bin", "tsc"), ["--project", folder]);
  });
}

// The two runtimes under one interface.
import { readFile } from "node:fs/promises";

const PACKAGE = new URL("../target/dist/www/pkg/edgeinfer/", import.meta.url);
const ORT = new URL("node_modules/onnxruntime-web/dist/", import.meta.url);

/**
 * @typedef {object} Engine
 * @property {URL} wasm The runtime's wasm file.
 * @property {URL} networks That which runs networks.
 * @property {(model: import("./cases.js").Case) => URL} file What it loads of a model.
 * @property {(bytes: Uint8Array) => Promise<Session>} load
 * @typedef {object} Session
 * @property {(inputs: import("./cases.js").Input[]) => Promise<unknown>} run
 * @property {(inputs: import("./cases.js").Input[]) => Promise<unknown>} runLabel Gives the first output at least.
 * @property {() => unknown} end
 */

/** @type {Record<string, Engine>} */
export const engines = {
  edgeinfer: {
    wasm: new URL("wasm/edgeinfer_web_bg.wasm", PACKAGE),
    networks: new URL("wasm/networks/edgeinfer_web_bg.wasm", PACKAGE),
    file: ({ edge }) => edge,
    async load(bytes) {
      const { load } = await import(new URL("node.js", PACKAGE).href);
      const model = await load(bytes);
      const run = (inputs) => model.run(byName(inputs, ({ data, shape }) => ({ data, shape })));
      return { run, runLabel: run, end: () => model.dispose() };
    },
  },
  "onnxruntime-web": {
    wasm: new URL("ort-wasm-simd-threaded.wasm", ORT),
    networks: new URL("ort-wasm-simd-threaded.wasm", ORT),
    file: ({ onnx }) => onnx,
    async load(bytes) {
      const ort = await import("onnxruntime-web/wasm");
      ort.env.wasm.numThreads = 1;
      ort.env.logLevel = "fatal";
      const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
      const feeds = (inputs) => byName(inputs, ({ type, data, shape }) => new ort.Tensor(type, data, shape));
      const label = session.outputNames.slice(0, 1);
      return {
        run: (inputs) => session.run(feeds(inputs)),
        runLabel: (inputs) => session.run(feeds(inputs), label),
        end: () => session.release(),
      };
    },
  },
};

/** The bytes that the engine loads of a model. */
export function bytesOf(engine, model) {
  return readFile(engine.file(model));
}

function byName(inputs, tensor) {
  const feeds = {};
  for (const input of inputs) feeds[input.name] = tensor(input);
  return feeds;
}

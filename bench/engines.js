// The two runtimes under one interface: run one float32 input, give the outputs' numbers.
import { readFile } from "node:fs/promises";

const PACKAGE = new URL("../target/dist/www/pkg/edgeinfer/", import.meta.url);
const ORT = new URL("node_modules/onnxruntime-web/dist/", import.meta.url);

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {URL} wasm The runtime's wasm file.
 * @property {(model: Case) => Promise<Session>} load
 * @typedef {{ name: string, edge: URL, onnx: URL, input: { name: string, shape: number[], data: number[] } }} Case
 * @typedef {(rows: Float32Array, shape: number[]) => Promise<unknown>} Session
 */

/** @type {Record<string, Engine>} */
export const engines = {
  edgeinfer: {
    name: "edgeinfer",
    wasm: new URL("wasm/edgeinfer_web_bg.wasm", PACKAGE),
    async load(model) {
      const { load } = await import(new URL("node.js", PACKAGE).href);
      const loaded = await load(model.edge);
      return (data, shape) => loaded.run({ [model.input.name]: { data, shape } });
    },
  },
  "onnxruntime-web": {
    name: "onnxruntime-web",
    wasm: new URL("ort-wasm-simd-threaded.wasm", ORT),
    async load(model) {
      const ort = await import("onnxruntime-web/wasm");
      ort.env.wasm.numThreads = 1;
      const session = await ort.InferenceSession.create(await readFile(model.onnx));
      return (data, shape) => session.run({ [model.input.name]: new ort.Tensor("float32", data, shape) });
    },
  },
};

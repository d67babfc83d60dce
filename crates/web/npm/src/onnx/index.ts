/**
 * Run any model in the browser: compiled ones and ONNX models.
 *
 * ```js
 * import { load } from "edgeinfer/onnx";
 *
 * const model = await load("iris.onnx", { metadata: { labels: ["setosa", "versicolor", "virginica"] } });
 * const { label } = await model.predict([5.1, 3.5, 1.4, 0.2]); // "setosa"
 * ```
 *
 * Its runtime has the compiler in it: a larger download than that of `edgeinfer`.
 *
 * @packageDocumentation
 */
import type { Source } from "../load.js";
import type { Model } from "../model.js";
import { browser } from "../platform/browser.js";
import { loadAny } from "./any.js";
import type { OnnxLoadOptions } from "./any.js";

export * from "../api.js";
export type { OnnxLoadOptions } from "./any.js";

/**
 * Loads a compiled model, or an ONNX model, which is compiled on the way.
 *
 * The runtime's wasm is fetched by the first call, from beside this module.
 *
 * @param source - Where the model is, or its bytes. A string is an address,
 *   relative to the page; in Node, one without a scheme is a file's path.
 * @throws {@link EdgeInferError} as `load` of `edgeinfer`, `invalid_model` when
 *   it is neither, and `invalid_request` when `metadata` does not fit the model.
 */
export function load(source: Source, options?: OnnxLoadOptions): Promise<Model> {
  return loadAny(browser, source, options);
}

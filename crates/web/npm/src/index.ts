/**
 * Run a compiled model in the browser.
 *
 * ```js
 * import { load } from "edgeinfer";
 *
 * const model = await load("iris.edge");
 * const { label } = await model.predict([5.1, 3.5, 1.4, 0.2]); // "setosa"
 * ```
 *
 * @packageDocumentation
 */
import { loadCompiled } from "./compiled.js";
import type { LoadOptions, Source } from "./load.js";
import type { Model } from "./model.js";
import { browser } from "./platform/browser.js";

export * from "./api.js";

/**
 * Loads a compiled model, a `.edge` file as `edgeinfer compile` writes it.
 *
 * The runtime's wasm is fetched by the first call, from beside this module.
 *
 * @param source - Where the model is, or its bytes. A string is an address,
 *   relative to the page; in Node, one without a scheme is a file's path.
 * @throws {@link EdgeInferError} `model_unavailable` when it cannot be fetched,
 *   `invalid_model` when it is not a compiled model or damaged,
 *   `unsupported_version` when a newer edgeinfer compiled it,
 *   `unsupported_model` when this runtime cannot run it. When `signal` is
 *   aborted, its reason.
 */
export function load(source: Source, options?: LoadOptions): Promise<Model> {
  return loadCompiled(browser, source, options);
}

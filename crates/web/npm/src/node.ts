import { readFile } from "node:fs/promises";

import type { LoadOptions, Source } from "./load.js";
import { loadModel } from "./load.js";
import type { Model } from "./model.js";

export { EdgeInferError } from "./error.js";
export { Model } from "./model.js";

/** As in `index.ts`; Node's `fetch` does not read files, so they are read here. */
export function load(source: Source, options?: LoadOptions): Promise<Model> {
  return loadModel({ wasm: (url) => readFile(url), readFile: (path, signal) => readFile(path, { signal }) }, source, options);
}

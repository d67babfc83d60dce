import { loadCompiled } from "./compiled.js";
import type { LoadOptions, Source } from "./load.js";
import type { Model } from "./model.js";
import { node } from "./platform/node.js";

export * from "./api.js";

/** As in `index.ts`. */
export function load(source: Source, options?: LoadOptions): Promise<Model> {
  return loadCompiled(node, source, options);
}

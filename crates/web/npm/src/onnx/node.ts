import type { Source } from "../load.js";
import type { Model } from "../model.js";
import { node } from "../platform/node.js";
import { loadAny } from "./any.js";
import type { OnnxLoadOptions } from "./any.js";

export * from "../api.js";

/** As in `index.ts`. */
export function load(source: Source, options?: OnnxLoadOptions): Promise<Model> {
  return loadAny(node, source, options);
}

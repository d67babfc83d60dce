/** The entry `edgeinfer`: compiled models alone. */
import { buildFor } from "./builds.js";
import { loadModel } from "./load.js";
import type { LoadOptions, Source } from "./load.js";
import type { Model } from "./model.js";
import type { Platform } from "./runtime.js";

/** @internal */
export function loadCompiled(platform: Platform, source: Source, options?: LoadOptions): Promise<Model> {
  return loadModel(buildFor, platform, ({ Model }, bytes) => new Model(bytes), source, options);
}

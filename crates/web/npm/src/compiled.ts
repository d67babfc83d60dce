/** The entry `edgeinfer`: compiled models alone. */
import { loadModel } from "./load.js";
import type { LoadOptions, Source } from "./load.js";
import type { Model } from "./model.js";
import { Runtime } from "./runtime.js";
import type { Platform } from "./runtime.js";
import * as glue from "./wasm/edgeinfer_web.js";

const runtime = new Runtime(glue, () => new URL("./wasm/edgeinfer_web_bg.wasm", import.meta.url));

/** @internal */
export function loadCompiled(platform: Platform, source: Source, options?: LoadOptions): Promise<Model> {
  return loadModel(runtime, platform, ({ Model }, bytes) => new Model(bytes), source, options);
}

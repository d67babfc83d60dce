import { EdgeInferError } from "../error.js";
import type { Platform } from "../runtime.js";
import instantiate, { initSync } from "./wasm/edgeinfer_web.js";

let started: Promise<unknown> | undefined;

/** Starts the runtime's wasm, once for all handlers; a failed attempt can be repeated. */
export async function start(platform: Platform, module: object | undefined): Promise<void> {
  started ??= begin(platform, module);
  try {
    await started;
  } catch (cause) {
    started = undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = module === undefined ? "; where compiling is forbidden, give `module`" : "";
    throw new EdgeInferError("internal", `the runtime's wasm cannot be loaded: ${reason}${hint}`, { cause });
  }
}

async function begin(platform: Platform, module: object | undefined): Promise<unknown> {
  if (module !== undefined) return initSync({ module: module as WebAssembly.Module });
  return instantiate({ module_or_path: platform.wasm(new URL("./wasm/edgeinfer_web_bg.wasm", import.meta.url)) });
}

import { EdgeInferError } from "./error.js";
import * as glue from "./wasm/edgeinfer_web.js";

/** What differs between the places where the package runs. */
export interface Platform {
  /** The runtime's wasm at `url`, as the instantiation takes it. */
  wasm: (url: URL) => URL | Promise<Uint8Array<ArrayBuffer>>;
  /** Reads a file, where there are files. */
  readFile?: (path: string | URL, signal: AbortSignal | undefined) => Promise<Uint8Array>;
}

let started: Promise<unknown> | undefined;

/** The runtime, instantiated once; a failed attempt can be repeated. */
export async function runtime(platform: Platform): Promise<typeof glue> {
  started ??= glue.default({ module_or_path: platform.wasm(new URL("./wasm/edgeinfer_web_bg.wasm", import.meta.url)) });
  try {
    await started;
    return glue;
  } catch (cause) {
    started = undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdgeInferError("internal", `the runtime's wasm cannot be loaded: ${reason}`, { cause });
  }
}

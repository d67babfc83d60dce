import type { Store } from "./store.js";

/** How a service behaves. */
export interface Settings {
  /** The text of an `edgeinfer.toml`, or an object of the same settings. */
  config?: string | Readonly<Record<string, unknown>> | undefined;
  /** Variables that come before `config`, such as `EDGEINFER_SERVE_LOG`; what is no text is passed over. */
  env?: object | undefined;
  /**
   * Where what is counted across requests is kept; the memory of this instance unless it is
   * given.
   */
  store?: Store | undefined;
  /** Takes the lines of the log, which the configuration turns on; `console.log` unless it is given. */
  log?: ((line: string) => void) | undefined;
  /**
   * The runtime, where a platform forbids compiling one: what `edgeinfer/server.wasm` is
   * imported as. Without it the wasm is fetched from beside this module.
   */
  module?: object | undefined;
}

import { EdgeInferError } from "./error.js";
import { Memory } from "./memory.js";
import type { Model } from "./wasm/edgeinfer_web.js";

/** What differs between the places where the package runs. */
export interface Platform {
  /** A runtime's wasm at `url`, as the instantiation takes it. */
  wasm: (url: URL) => URL | Promise<Uint8Array<ArrayBuffer>>;
  /** Reads a file, where there are files. */
  readFile?: (path: string | URL, signal: AbortSignal | undefined) => Promise<Uint8Array>;
}

/** What every runtime's JavaScript glue has. */
export interface AnyGlue {
  default(options: { module_or_path: ReturnType<Platform["wasm"]> }): Promise<{ memory: WebAssembly.Memory }>;
  Model: typeof Model;
  numbers(length: number): number;
  text(length: number): number;
}

/** A wasm with its glue, instantiated once and on demand. */
export class Runtime<G extends AnyGlue> {
  readonly #glue: G;
  readonly #url: () => URL;
  #started: Promise<Memory> | undefined;

  /** @param url - Where the wasm is, beside the module that says so: bundlers read that. */
  constructor(glue: G, url: () => URL) {
    this.#glue = glue;
    this.#url = url;
  }

  /** The runtime, running; a failed attempt can be repeated. */
  async start(platform: Platform): Promise<{ glue: G; memory: Memory }> {
    this.#started ??= this.#instantiate(platform);
    try {
      return { glue: this.#glue, memory: await this.#started };
    } catch (cause) {
      this.#started = undefined;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EdgeInferError("internal", `the runtime's wasm cannot be loaded: ${reason}`, { cause });
    }
  }

  async #instantiate(platform: Platform): Promise<Memory> {
    const { memory } = await this.#glue.default({ module_or_path: platform.wasm(this.#url()) });
    return new Memory(memory, this.#glue);
  }
}

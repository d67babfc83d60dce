import { read } from "../load.js";
import type { Platform } from "../runtime.js";
import type { Listed } from "./models.js";
import { start } from "./runtime.js";
import type { Settings } from "./settings.js";
import { Bridge } from "./store.js";
import { Models, Service } from "./wasm/edgeinfer_web.js";

/** How long a model that could not be read is left alone, in milliseconds. */
const PAUSE = 10_000;
/**
 * How long the first request's work may take before another request begins anew: a
 * worker may drop what it did for a request whose client went away.
 */
const PATIENCE = 30_000;

/** A service, and the bridge to its store. */
export interface Running {
  service: Service;
  bridge: Bridge | undefined;
}

/** The service, made when it is first needed, and again where a model could not be read. */
export class Services {
  readonly #platform: Platform;
  readonly #settings: Settings;
  readonly #config: string;
  /** The models that were not read yet. */
  #missing: readonly Listed[];
  #files: Models | undefined;
  #running: Running | undefined;
  #making: Promise<Running> | undefined;
  #began = 0;

  constructor(platform: Platform, models: readonly Listed[], settings: Settings) {
    this.#platform = platform;
    this.#missing = models;
    this.#settings = settings;
    const { config = "" } = settings;
    this.#config = typeof config === "string" ? config : JSON.stringify(config);
  }

  get(): Running | Promise<Running> {
    if (this.#making === undefined || this.#isDue()) {
      this.#began = Date.now();
      this.#making = this.#make();
      return this.#making;
    }
    return this.#running ?? this.#making;
  }

  /** The next request begins anew, where `running` is still what requests find. */
  forget(running: Running): void {
    if (this.#running === running) this.#running = this.#making = undefined;
  }

  #isDue(): boolean {
    const time = Date.now() - this.#began;
    if (this.#running === undefined) return time > PATIENCE;
    return this.#missing.length > 0 && time > PAUSE;
  }

  async #make(): Promise<Running> {
    try {
      await start(this.#platform, this.#settings.module);
      this.#files = await this.#read(this.#files);
    } catch (error) {
      this.#making = undefined;
      throw error;
    }
    const { config, env = {}, log = (line: string) => console.log(line), store } = this.#settings;
    const texts = Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    const bridge = store && new Bridge(store);
    const service = new Service(this.#files, this.#config, typeof config === "object", texts.flat(), log, bridge);
    this.#running = { service, bridge };
    return this.#running;
  }

  /** Reads what is missing into `files`; what cannot be read stays missing. */
  async #read(files: Models | undefined): Promise<Models> {
    const read = files ?? new Models();
    // In their order, whichever is there first.
    if (files === undefined) {
      for (const { name, version } of this.#missing) read.addUnavailable(name, version, "it is being read");
    }
    const tried = this.#missing.map(async (model) => ((await this.#readOne(model, read)) ? [] : [model]));
    this.#missing = (await Promise.all(tried)).flat();
    return read;
  }

  async #readOne({ name, version, source }: Listed, files: Models): Promise<boolean> {
    try {
      const given = typeof source === "function" ? await source() : source;
      files.add(name, version, await read(this.#platform, given));
      return true;
    } catch (error) {
      files.addUnavailable(name, version, error instanceof Error ? error.message : String(error));
      return false;
    }
  }
}

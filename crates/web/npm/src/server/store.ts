/**
 * Where a handler keeps what it counts across requests, shared by all its instances: rates,
 * metrics, which models were unloaded. It has the shape of a Cloudflare KV namespace, so
 * that a binding to one is a store as it is.
 */
export interface Store {
  /** The value of `key`; nothing where there is none. */
  get(key: string): PromiseLike<string | null | undefined>;
  /** Makes `value`, which is ASCII, that of `key`, to be forgotten after so many seconds, 60 or more. */
  put(key: string, value: string, options: { expirationTtl?: number }): PromiseLike<unknown>;
  /** Forgets the value of `key`. */
  delete(key: string): PromiseLike<unknown>;
  /**
   * As `put`, where the value of `key` is `before` (`null` for none), and gives whether it
   * was. A store that has it loses no change; without it, changes at the same time may be lost.
   */
  compareAndSet?(
    key: string,
    before: string | null,
    value: string,
    options: { expirationTtl?: number },
  ): PromiseLike<boolean>;
  /** What `/health?full` calls it; `javascript` unless it says so. */
  readonly name?: string;
  /** False where it is one instance's alone. */
  readonly global?: boolean;
  /**
   * How many seconds pass at least between writes of one key, as far as those can wait; 1, as
   * KV namespaces ask for, unless it says so.
   */
  readonly interval?: number;
}

/** What the wasm asked of a store. */
interface Asked {
  isSettled: boolean;
  error: string | undefined;
  value: Uint8Array | undefined;
  isDone: boolean;
}

/** The least age that KV namespaces take, in seconds. */
const LEAST_AGE = 60;

/**
 * A store as the wasm sees it: bytes, and no promises. Its fields are those that the wasm reads.
 *
 * @internal
 */
export class Bridge {
  readonly name: string;
  readonly isGlobal: boolean;
  readonly isExact: boolean;
  readonly interval: number;
  readonly #store: Store;
  #asked: Promise<void>[] = [];

  constructor(store: Store) {
    this.#store = store;
    // A binding may give something for every name.
    this.name = typeof store.name === "string" ? store.name : "javascript";
    this.isGlobal = store.global !== false;
    this.isExact = typeof store.compareAndSet === "function";
    this.interval = typeof store.interval === "number" ? store.interval : 1;
  }

  /** Waits for what was asked since this was called last; where that is nothing, lets others go on. */
  async settled(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    await (asked.length > 0 ? Promise.all(asked) : new Promise((resolve) => setTimeout(resolve)));
  }

  get(key: string): Asked {
    return this.#ask(async (asked) => {
      asked.value = decoded(await this.#store.get(key));
    });
  }

  put(key: string, value: Uint8Array, seconds: number): Asked {
    // Now, as the bytes are the wasm's.
    const text = encoded(value);
    return this.#ask(() => this.#store.put(key, text, options(seconds)));
  }

  delete(key: string): Asked {
    return this.#ask(() => this.#store.delete(key));
  }

  swap(key: string, before: Uint8Array | undefined, after: Uint8Array, seconds: number): Asked {
    const [was, text] = [before === undefined ? null : encoded(before), encoded(after)];
    return this.#ask(async (asked) => {
      asked.isDone = (await this.#store.compareAndSet?.(key, was, text, options(seconds))) === true;
    });
  }

  #ask(work: (asked: Asked) => PromiseLike<unknown>): Asked {
    const asked: Asked = { isSettled: false, error: undefined, value: undefined, isDone: false };
    const settle = async () => {
      try {
        await work(asked);
      } catch (error) {
        asked.error = error instanceof Error ? error.message : String(error);
      }
      asked.isSettled = true;
    };
    this.#asked.push(settle());
    return asked;
  }
}

function options(seconds: number): { expirationTtl?: number } {
  return Number.isFinite(seconds) ? { expirationTtl: Math.max(LEAST_AGE, Math.ceil(seconds)) } : {};
}

/** Bytes as Base64, which every store keeps as it is. */
function encoded(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x2000) text += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(text);
}

/** The bytes of `text`; what someone else wrote is no value. */
function decoded(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

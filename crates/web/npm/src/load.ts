import { EdgeInferError, entering } from "./error.js";
import { Model } from "./model.js";
import type { AnyGlue, Platform, Runtime } from "./runtime.js";
import type { Model as WasmModel } from "./wasm/edgeinfer_web.js";

/** Where a model is, or its bytes. */
export type Source = string | URL | Request | Response | ArrayBuffer | Uint8Array;

/** How far the download of a model is, in bytes. */
export interface Progress {
  loaded: number;
  /** Not known where the server does not say, or compresses. */
  total: number | undefined;
}

/** How to load a model. */
export interface LoadOptions {
  /** Ends the download when it is aborted. */
  signal?: AbortSignal | undefined;
  /** Called as the model's bytes arrive. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** How many bytes of a model tell which build of the runtime it needs. */
const HEAD = 64;

/**
 * The model at `source`, made by `open` of its bytes on the runtime that `pick` gives
 * for its first ones. The runtime starts as soon as these are there.
 *
 * @internal
 */
export async function loadModel<G extends AnyGlue>(
  pick: (head: Uint8Array) => Runtime<G>,
  platform: Platform,
  open: (glue: G, bytes: Uint8Array) => WasmModel,
  source: Source,
  options: LoadOptions = {},
): Promise<Model> {
  options.signal?.throwIfAborted();
  let started: ReturnType<Runtime<G>["start"]> | undefined;
  const begin = (head: Uint8Array) => {
    started ??= pick(head).start(platform);
    // Whoever awaits it learns of a failure; here nobody may, if the download fails first.
    started.catch(() => undefined);
    return started;
  };
  const work = read(platform, source, options, begin).then(async (bytes) => ({ bytes, ...(await begin(bytes)) }));
  const { bytes, glue, memory } = await orAborted(work, options);
  return new Model(
    entering(() => open(glue, bytes)),
    memory,
  );
}

/** What `work` gives; the signal's reason as soon as it is aborted. */
function orAborted<T>(work: Promise<T>, { signal }: LoadOptions): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Called with the first bytes of a download, at least {@link HEAD} where there are so many. */
type OnHead = (head: Uint8Array) => void;

/**
 * The bytes of the model at `source`.
 *
 * @internal
 */
export async function read(
  platform: Platform,
  source: Source,
  options: LoadOptions = {},
  onHead: OnHead = () => undefined,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Response) return body(source, options, onHead);
  const path = platform.readFile && filePath(source);
  if (path !== undefined) return file(platform, path, options);
  return body(await fetchModel(source, options), options, onHead);
}

/** The file that `source` names, where it names one. */
function filePath(source: string | URL | Request): string | URL | undefined {
  if (source instanceof URL) return source.protocol === "file:" ? source : undefined;
  if (typeof source !== "string") return undefined;
  // A scheme has at least two letters, so that C:\ is a path.
  if (!/^[a-z][a-z0-9+.-]+:/i.test(source)) return source;
  return source.startsWith("file:") ? new URL(source) : undefined;
}

async function file(platform: Platform, path: string | URL, { signal, onProgress }: LoadOptions): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = (await platform.readFile?.(path, signal)) ?? new Uint8Array();
  } catch (cause) {
    throw unavailable(`cannot read ${String(path)}`, cause);
  }
  onProgress?.({ loaded: bytes.length, total: bytes.length });
  return bytes;
}

async function fetchModel(source: string | URL | Request, { signal }: LoadOptions): Promise<Response> {
  try {
    return await fetch(source, signal ? { signal } : undefined);
  } catch (cause) {
    throw unavailable(`cannot fetch ${source instanceof Request ? source.url : String(source)}`, cause);
  }
}

/** The bytes of `response`, reported as they arrive. */
async function body(response: Response, { signal, onProgress }: LoadOptions, onHead: OnHead): Promise<Uint8Array> {
  if (!response.ok) {
    throw new EdgeInferError("model_unavailable", `${response.url || "the server"} answered ${response.status}`);
  }
  if (response.bodyUsed || response.body?.locked) {
    throw new EdgeInferError("model_unavailable", "the response was read already; give a fresh one, or its bytes");
  }
  if (response.body === null) return new Uint8Array();
  const total = contentLength(response.headers);
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined);
  // What was fetched elsewhere does not know the signal.
  signal?.addEventListener("abort", cancel);
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw unavailable(`the download of ${response.url || "the model"} broke off after ${loaded} bytes`, cause);
      });
      if (done) return concatenate(chunks, loaded);
      chunks.push(value);
      loaded += value.length;
      if (loaded >= HEAD && loaded - value.length < HEAD) onHead(concatenate(chunks, loaded));
      onProgress?.({ loaded, total });
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
    cancel();
  }
}

/** The length of what will be read; that of a compressed body says nothing of it. */
function contentLength(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}

/** @internal */
export function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function unavailable(what: string, cause: unknown): EdgeInferError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EdgeInferError("model_unavailable", `${what}: ${reason}`, { cause });
}

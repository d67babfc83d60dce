/** The entry `edgeinfer/onnx`: compiled models and ONNX models. */
import { EdgeInferError } from "../error.js";
import { loadModel } from "../load.js";
import type { LoadOptions, Source } from "../load.js";
import type { Model } from "../model.js";
import { Runtime } from "../runtime.js";
import type { Platform } from "../runtime.js";
import * as glue from "./wasm/edgeinfer_web.js";

/** How to load a model that may be an ONNX model. */
export interface OnnxLoadOptions extends LoadOptions {
  /**
   * What is known of an ONNX model, as `model_metadata.json` has it: the names
   * of its features and its labels above all. A compiled model has its own.
   */
  metadata?: Readonly<Record<string, unknown>> | undefined;
}

const runtime = new Runtime(glue, () => new URL("./wasm/edgeinfer_web_bg.wasm", import.meta.url));

/** @internal */
export async function loadAny(platform: Platform, source: Source, options?: OnnxLoadOptions): Promise<Model> {
  const metadata = json(options?.metadata);
  // It needs no look at the model.
  runtime.start(platform).catch(() => undefined);
  return loadModel(() => runtime, platform, ({ Model }, bytes) => Model.open(bytes, metadata), source, options);
}

function json(metadata: OnnxLoadOptions["metadata"]): string | undefined {
  try {
    return metadata === undefined ? undefined : JSON.stringify(metadata);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdgeInferError("invalid_request", `it has no form as JSON: ${reason}`, { field: "metadata", cause });
  }
}

/// <reference lib="esnext.disposable" preserve="true" />
import { EdgeInferError, entering } from "./error.js";
import type { Health, ModelInfo, Prediction, Row, TensorInput, TensorOutput } from "./types.js";
import type { Model as WasmModel } from "./wasm/edgeinfer_web.js";

/**
 * A loaded model. Made by `load`.
 *
 * Its memory is the runtime's, of which the garbage collector sees nothing and
 * which it frees late: call {@link Model.dispose}, or declare it with `using`.
 */
export class Model {
  #wasm: WasmModel | undefined;

  /** @internal */
  constructor(wasm: WasmModel) {
    this.#wasm = wasm;
  }

  /**
   * The answer for one row of features: an array in the model's order, or an
   * object by feature name.
   *
   * Rejects with {@link EdgeInferError} `missing_feature`, `unknown_feature`,
   *   `feature_count`, `feature_type` or `not_finite`, with the feature as
   *   `field`; `unsupported_model` when the model does not take rows.
   */
  async predict(features: Row): Promise<Prediction> {
    return entering(() => this.#loaded().predict(features)) as Prediction;
  }

  /**
   * The answer for each row, in order. One wrong row fails the batch.
   *
   * Rejects with {@link EdgeInferError} as {@link Model.predict}, with a `field` such
   *   as `rows[3].features[2]`; `empty_batch` without rows.
   */
  async predictBatch(rows: readonly Row[]): Promise<Prediction[]> {
    return entering(() => this.#loaded().predictBatch(rows)) as Prediction[];
  }

  /**
   * Runs the model on named tensors.
   *
   * Rejects with {@link EdgeInferError} `invalid_tensor` when an input is missing,
   *   unknown, or not of the model's element type and shape.
   */
  async run(inputs: Record<string, TensorInput>): Promise<Record<string, TensorOutput>> {
    return entering(() => this.#loaded().run(inputs)) as Record<string, TensorOutput>;
  }

  /** What the model says about itself. */
  info(): ModelInfo {
    return entering(() => this.#loaded().info()) as ModelInfo;
  }

  /** Whether the model answers; never throws. */
  health(): Health {
    if (this.#wasm === undefined) {
      return { status: "unhealthy", model_loaded: false, reason: DISPOSED };
    }
    return this.#wasm.health() as Health;
  }

  /** Frees the model. What is called after that throws `model_unavailable`. */
  dispose(): void {
    const wasm = this.#wasm;
    this.#wasm = undefined;
    try {
      wasm?.free();
    } catch {
      // A call that broke off within the runtime still holds it: it stays.
    }
  }

  /** As {@link Model.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #loaded(): WasmModel {
    if (this.#wasm === undefined) throw new EdgeInferError("model_unavailable", DISPOSED);
    return this.#wasm;
  }
}

const DISPOSED = "the model was disposed of; load it again";

/// <reference lib="esnext.disposable" preserve="true" />
import { EdgeInferError, entering } from "./error.js";
import type { Memory } from "./memory.js";
import { Rows } from "./rows.js";
import { Tensors } from "./tensors.js";
import type { Signature } from "./tensors.js";
import type { Health, Input, ModelInfo, Output, Prediction, Row, TensorOutput } from "./types.js";
import type { Model as WasmModel } from "./wasm/edgeinfer_web.js";

/**
 * A loaded model. Made by `load`.
 *
 * Its memory is the runtime's, of which the garbage collector sees nothing and
 * which it frees late: call {@link Model.dispose}, or declare it with `using`.
 */
export class Model {
  #wasm: WasmModel | undefined;
  readonly #memory: Memory;
  #direct: { rows: Rows; tensors: Tensors } | undefined;

  /** @internal */
  constructor(wasm: WasmModel, memory: Memory) {
    this.#wasm = wasm;
    this.#memory = memory;
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
    return entering(() => {
      const wasm = this.#loaded();
      return this.#through(wasm).rows.predict(features) ?? (wasm.predict(features) as Prediction);
    });
  }

  /**
   * The answer for each row, in order. One wrong row fails the batch.
   *
   * Rejects with {@link EdgeInferError} as {@link Model.predict}, with a `field` such
   *   as `rows[3].features[2]`; `empty_batch` without rows.
   */
  async predictBatch(rows: readonly Row[]): Promise<Prediction[]> {
    return entering(() => {
      const wasm = this.#loaded();
      return this.#through(wasm).rows.predictBatch(rows) ?? (wasm.predictBatch(rows) as Prediction[]);
    });
  }

  /**
   * Runs the model on named tensors, or maps and sequences where it takes such. What it gives
   * are tensors too, but for models of sequences and of values that may be absent, whose type says so.
   *
   * Rejects with {@link EdgeInferError} `invalid_tensor` when an input is missing,
   *   unknown, or not of the model's element type and shape.
   */
  async run<Outputs extends Record<string, Output> = Record<string, TensorOutput>>(
    inputs: Readonly<Record<string, Input>>,
  ): Promise<Outputs> {
    return entering(() => this.#through(this.#loaded()).tensors.run(inputs)) as Outputs;
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
    this.#direct = undefined;
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

  /** The ways in through memory, made when they are first taken. */
  #through(wasm: WasmModel): { rows: Rows; tensors: Tensors } {
    if (this.#direct === undefined) {
      const signature = wasm.signature() as Signature;
      this.#direct = {
        rows: new Rows(wasm, this.#memory, signature),
        tensors: new Tensors(wasm, this.#memory, signature),
      };
    }
    return this.#direct;
  }
}

const DISPOSED = "the model was disposed of; load it again";

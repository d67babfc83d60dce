import type { Memory } from "./memory.js";
import type { Prediction, Row } from "./types.js";
import type { Model as WasmModel } from "./wasm/edgeinfer_web.js";

/** What the answers are, as in the wasm's `answers.rs`. */
const VALUES = 0;
const CLASS = 1;

/**
 * Predictions for rows of nothing but numbers: through memory, which takes a
 * fraction of the time that values take which cross one by one.
 */
export class Rows {
  readonly #wasm: WasmModel;
  readonly #memory: Memory;
  readonly #width: number;
  readonly #labels: readonly string[];
  /** Absent where the model is no classifier. */
  readonly #classes: readonly (number | string)[] | undefined;

  constructor(wasm: WasmModel, memory: Memory, { features, labels }: { features: number; labels: readonly string[] }) {
    this.#wasm = wasm;
    this.#memory = memory;
    this.#width = features;
    this.#labels = labels;
    this.#classes = labels.length > 0 ? (wasm.classes() as readonly (number | string)[]) : undefined;
  }

  /** The answer for `row`; `undefined` where there is something to convert or to refuse. */
  predict(row: Row): Prediction | undefined {
    const width = this.#width;
    if (width === 0 || !isList(row, width)) return undefined;
    if (!fill(this.#memory.numbers(width), 0, row)) return undefined;
    const address = this.#wasm.predictNumbers(width);
    return address === 0 ? undefined : this.#answer(address / 8, 0);
  }

  /** As {@link Rows.predict} for each of `rows`. */
  predictBatch(rows: readonly Row[]): Prediction[] | undefined {
    const width = this.#width;
    if (width === 0 || !Array.isArray(rows) || rows.length === 0) return undefined;
    const length = rows.length * width;
    const numbers = this.#memory.numbers(length);
    for (let i = 0; i < rows.length; i++) {
      const row: unknown = rows[i];
      if (!isList(row, width) || !fill(numbers, i * width, row)) return undefined;
    }
    const address = this.#wasm.predictNumbers(length);
    if (address === 0) return undefined;
    return Array.from(rows, (_, index) => this.#answer(address / 8, index));
  }

  /** Answer `index` of those at `start`, counted in float64. */
  #answer(start: number, index: number): Prediction {
    const answers = this.#memory.doubles();
    const form = answers[start];
    const width = answers[start + 1] as number;
    if (form === VALUES) {
      const at = start + 2 + index * width;
      return { prediction: width === 1 ? (answers[at] as number) : list(answers, at, width) };
    }
    const at = start + 2 + index * (form === CLASS ? 1 : width + 2);
    const number = answers[at] as number;
    const prediction = this.#classes?.[number] as number | string;
    const label = this.#labels[number] as string;
    if (form === CLASS) return { prediction, label };
    return { prediction, label, probabilities: list(answers, at + 2, width), confidence: answers[at + 1] as number };
  }
}

/** Whether `row` is an array or a typed array of `width` values. */
function isList(row: unknown, width: number): row is ArrayLike<unknown> {
  return (Array.isArray(row) || ArrayBuffer.isView(row)) && (row as unknown as ArrayLike<unknown>).length === width;
}

/** Writes `row` to `numbers` from `start` on; false where it has anything but numbers. */
function fill(numbers: Float64Array, start: number, row: ArrayLike<unknown>): boolean {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value !== "number") return false;
    numbers[start + i] = value;
  }
  return true;
}

/** `length` of `numbers` from `start` on, as an array. */
function list(numbers: Float64Array, start: number, length: number): number[] {
  const values: number[] = [];
  for (let i = start; i < start + length; i++) values.push(numbers[i] as number);
  return values;
}

/** The value of one feature. */
export type FeatureValue = number | bigint | string | boolean | null;

/** The features of one row: in the model's order, or by name. */
export type Row = readonly FeatureValue[] | Float32Array | Float64Array | Readonly<Record<string, FeatureValue>>;

/** The answer for one row. */
export interface Prediction {
  /** A classifier's class, or its classes where a row has several; a regressor's value or values. */
  prediction: number | string | number[] | string[];
  /** What the predicted class is called. Classifiers only. */
  label?: string;
  /** The probability of each class, in the order of `info().labels`. */
  probabilities?: number[];
  /** The probability of the predicted class. */
  confidence?: number;
}

/** The type of a tensor's elements, by its NumPy name. */
export type ElementType =
  | "float32"
  | "float64"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool"
  | "string"
  | "float16"
  | "bfloat16"
  | "float8_e4m3fn"
  | "float8_e4m3fnuz"
  | "float8_e5m2"
  | "float8_e5m2fnuz"
  | "float8_e8m0fnu"
  | "float4_e2m1fn"
  | "int4"
  | "uint4"
  | "int2"
  | "uint2";

/**
 * The elements of a tensor, row-major; strings as an array. Numbers of 16 bits are
 * their bits in a `Uint16Array`, smaller ones in a `Uint8Array`, one to a byte;
 * int4 and int2 are in an `Int8Array`.
 */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

/** A platform's `Float16Array`. */
export interface HalfArray {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly length: number;
  readonly [Symbol.toStringTag]: "Float16Array";
}

/** A tensor to run a model on. The type of `data` is the element type, unless `type` says otherwise. */
export interface TensorInput {
  data: TensorData | HalfArray;
  /** The size of each dimension, outermost first. */
  shape: readonly number[];
  /**
   * `"bool"` makes a `Uint8Array` a tensor of truth values: 0 is false. `"float16"`
   * and `"bfloat16"` make a `Uint16Array` one of such numbers, the names of smaller
   * types a `Uint8Array` or an `Int8Array`.
   */
  type?: ElementType;
}

/** A map to run a model on that takes one: by name, or by number. */
export type MapInput = ReadonlyMap<string | number | bigint, string | number | bigint>;

/** A tensor that a model gave, or the table of a sequence of maps. */
export interface TensorOutput {
  /** `map_sequence`: row i of `data` is a map from `keys` to its numbers. */
  type: ElementType | "map_sequence";
  data: TensorData;
  shape: number[];
  /** The keys of every map of a `map_sequence`. */
  keys?: number[] | string[];
}

/** A sequence of tensors that a model gave. */
export interface SequenceOutput {
  type: "sequence";
  values: TensorOutput[];
}

/** What a model takes: `null` for an optional value that is not there. */
export type Input = TensorInput | MapInput | readonly TensorInput[] | null;

/** What a model gives: `null` for an optional value that is not there. */
export type Output = TensorOutput | SequenceOutput | null;

/** What an optional value is where it is there. */
export type ValueType = Omit<ValueSpec, "name">;

/** An input or output of the graph. */
export interface ValueSpec {
  name: string;
  type: "tensor" | "map_sequence" | "map" | "sequence" | "optional";
  /** The type of the elements of a tensor, or of the tensors of a sequence. */
  element?: ElementType;
  /** Free dimensions of a tensor are named. */
  shape?: (number | string)[];
  /** The keys of every map of a sequence. */
  keys?: number[] | string[];
  /** The type of a map's keys. */
  key?: ElementType;
  /** The type of a map's values. */
  value?: ElementType;
  /** What an optional value is where it is there. */
  of?: ValueType;
}

/** What a model says about itself. */
export interface ModelInfo {
  name?: string;
  description?: string;
  type: "classifier" | "regressor" | "tensors";
  /**
   * The features of a row, in order: `missing` where null may stand for a value,
   * `range` where the metadata's `feature_ranges` says what the model was trained on.
   */
  features: { name: string; type: ElementType; missing?: boolean; range?: [number, number] }[];
  /** What the classes are called, in the order of the probabilities. */
  labels: string[];
  inputs: ValueSpec[];
  outputs: ValueSpec[];
  /** The content of `model_metadata.json`. */
  metadata: Record<string, unknown>;
  /** What runs the model. */
  engine: string;
  /** The size of the compiled model. */
  size_bytes: number;
}

/** The health of a model. */
export interface Health {
  status: "healthy" | "unhealthy";
  model_loaded: boolean;
  /** Why it does not answer. */
  reason?: string;
}

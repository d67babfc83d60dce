import type { ElementType } from "./types.js";

/** The arrays that lie in a wasm's memory. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

export type NumberArrayConstructor = new (buffer: ArrayBufferLike, start?: number, length?: number) => NumberArray;

/** The element types, by the numbers that they have in the wasm. */
export const ELEMENTS: readonly ElementType[] = [
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
  "string",
];

/** The array of each element type but strings, in the order of {@link ELEMENTS}. */
export const ARRAYS = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  BigInt64Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  BigUint64Array,
  Uint8Array,
] as const satisfies readonly NumberArrayConstructor[];

/**
 * A wasm's memory. When it grows its views lose their content and their length,
 * which is how one knows that they have to be made again.
 */
export class Memory {
  readonly #memory: WebAssembly.Memory;
  readonly #room: (length: number) => number;
  #views: NumberArray[] = [];
  #words = new Uint32Array();
  #doubles = new Float64Array();
  #numbers = new Float64Array();

  /** @param room - Makes room for as many numbers, and gives the address. */
  constructor(memory: WebAssembly.Memory, room: (length: number) => number) {
    this.#memory = memory;
    this.#room = room;
  }

  /** All of the memory as words of 32 bits. */
  words(): Uint32Array {
    if (this.#words.length === 0) this.#words = new Uint32Array(this.#memory.buffer);
    return this.#words;
  }

  /** All of the memory as float64. */
  doubles(): Float64Array {
    if (this.#doubles.length === 0) this.#doubles = new Float64Array(this.#memory.buffer);
    return this.#doubles;
  }

  /** `length` elements at `address`, where they lie. */
  at(array: NumberArrayConstructor, address: number, length: number): NumberArray {
    return new array(this.#memory.buffer, address, length);
  }

  /** A copy of `length` elements at `address`; `element` is their type's number. */
  copy(element: number, address: number, length: number): NumberArray {
    let all = this.#views[element];
    if (all === undefined || all.length === 0) {
      all = new (ARRAYS[element] ?? Uint8Array)(this.#memory.buffer);
      this.#views[element] = all;
    }
    const start = address / all.BYTES_PER_ELEMENT;
    return all.slice(start, start + length);
  }

  /** Room for `length` numbers or more, which the wasm reads. */
  numbers(length: number): Float64Array {
    if (this.#numbers.length < length) {
      const address = this.#room(length);
      this.#numbers = new Float64Array(this.#memory.buffer, address, length);
    }
    return this.#numbers;
  }
}

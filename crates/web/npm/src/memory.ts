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
  "float16",
  "bfloat16",
  "float8_e4m3fn",
  "float8_e4m3fnuz",
  "float8_e5m2",
  "float8_e5m2fnuz",
  "float8_e8m0fnu",
  "float4_e2m1fn",
  "int4",
  "uint4",
  "int2",
  "uint2",
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
  undefined,
  Uint16Array,
  Uint16Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Int8Array,
  Uint8Array,
  Int8Array,
  Uint8Array,
] as const satisfies readonly (NumberArrayConstructor | undefined)[];

/** Makes room for as many items, and gives its address. */
type Room = (length: number) => number;

/**
 * A wasm's memory. When it grows its views lose their content and their length,
 * which is how one knows that they have to be made again.
 */
export class Memory {
  readonly #memory: WebAssembly.Memory;
  readonly #room: { numbers: Room; text: Room };
  readonly #views: NumberArray[] = [];
  #words = new Uint32Array();
  #doubles = new Float64Array();
  #numbers = new Float64Array();
  #text = new Uint8Array();

  constructor(memory: WebAssembly.Memory, room: { numbers: Room; text: Room }) {
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
      const address = this.#room.numbers(length);
      this.#numbers = new Float64Array(this.#memory.buffer, address, length);
    }
    return this.#numbers;
  }

  /** Writes `strings`, and where each ends to the numbers, for the wasm to read. */
  write(strings: readonly string[]): void {
    let units = 0;
    for (const string of strings) units += string.length;
    // No unit of UTF-16 takes more than three bytes of UTF-8. The text's room is
    // looked at again once there is room for the numbers, which may grow the memory.
    this.#textOf(3 * units);
    const ends = this.numbers(strings.length);
    const text = this.#textOf(3 * units);
    let end = 0;
    for (let i = 0; i < strings.length; i++) {
      end = encode(strings[i] as string, text, end);
      ends[i] = end;
    }
  }

  #textOf(length: number): Uint8Array {
    if (this.#text.length < length) {
      const address = this.#room.text(length);
      this.#text = new Uint8Array(this.#memory.buffer, address, length);
    }
    return this.#text;
  }
}

const encoder = new TextEncoder();

/** From this length on the encoder is faster than a loop. */
const LONG = 48;

/** Writes `string` to `bytes` from `start` on, as UTF-8; gives its end. */
function encode(string: string, bytes: Uint8Array, start: number): number {
  const length = string.length;
  let i = 0;
  if (length < LONG) {
    for (; i < length; i++) {
      const unit = string.charCodeAt(i);
      if (unit > 0x7f) break;
      bytes[start + i] = unit;
    }
  }
  if (i === length) return start + length;
  return start + encoder.encodeInto(string, bytes.subarray(start)).written;
}

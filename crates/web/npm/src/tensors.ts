import { ARRAYS, ELEMENTS } from "./memory.js";
import type { Memory, NumberArray, NumberArrayConstructor } from "./memory.js";
import type { ElementType, HalfArray, Input, Output, TensorInput, TensorOutput } from "./types.js";
import type { Model as WasmModel } from "./wasm/edgeinfer_web.js";

/** What is added to an output's element type, as in the wasm's `values.rs`. */
const MAPS = 32;
const MAPS_OF_OTHER_KEYS = 64;
const SEQUENCE = 96;
const ABSENT = 128;

/** What a model takes and gives, as the wasm says it. */
export interface Signature {
  inputs: { name: string; element: ElementType | null }[];
  outputs: string[];
  features: number;
  labels: string[];
}

/** Where an input lies in the wasm's memory. */
interface Place {
  name: string;
  element: ElementType;
  /** Its array; absent for strings. */
  array: NumberArrayConstructor | undefined;
  address: number;
  shape: readonly number[];
  length: number;
  view: NumberArray;
}

type Inputs = Readonly<Record<string, Input>>;

/** Runs a model on tensors that lie in memory, with one copy in and one out. */
export class Tensors {
  readonly #wasm: WasmModel;
  readonly #memory: Memory;
  readonly #outputs: readonly string[];
  /** Absent where the model takes what does not lie in memory as it is in an array. */
  readonly #places: readonly Place[] | undefined;
  /** The keys of each output that is a sequence of maps, once seen. */
  readonly #keys: (number[] | string[])[] = [];

  constructor(wasm: WasmModel, memory: Memory, { inputs, outputs }: Signature) {
    this.#wasm = wasm;
    this.#memory = memory;
    this.#outputs = outputs;
    const places = inputs.map(({ name, element }) => place(name, element));
    this.#places = places.every((place) => place !== undefined) ? places : undefined;
  }

  run(given: Inputs): Record<string, Output> {
    const inputs = withBits(given);
    const placed = this.#write(inputs) ? this.#wasm.runPlaced() : 0;
    return this.#read(placed === 0 ? this.#wasm.run(inputs) : placed);
  }

  /** Writes `inputs` to their places; false where there is something to convert or to refuse. */
  #write(inputs: Inputs): boolean {
    const places = this.#places;
    if (places === undefined || !hasKeys(inputs, places.length)) return false;
    const given: TensorInput["data"][] = [];
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as Place;
      const tensor = inputs[place.name];
      if (typeof tensor !== "object" || tensor === null) return false;
      const { data, shape, type } = tensor as TensorInput;
      const isRight = place.array === undefined ? areStrings(data) : data instanceof place.array && isOf(place, type);
      if (!isRight || !Array.isArray(shape)) return false;
      const fits = data.length === place.length && isSame(shape, place.shape);
      if (!fits && !this.#resize(place, index, data.length, shape)) return false;
      given.push(data as TensorInput["data"]);
    }
    // Only now, as nobody else has a say from here on.
    for (let index = 0; index < places.length; index++) {
      if (!this.#fill(places[index] as Place, index, given[index] as TensorInput["data"])) return false;
    }
    return true;
  }

  #resize(place: Place, index: number, length: number, shape: readonly unknown[]): boolean {
    if (!shape.every(isSize)) return false;
    const address = this.#wasm.place(index, Uint32Array.from(shape), length);
    if (address === 0) return false;
    place.address = address;
    place.shape = [...shape];
    place.length = length;
    if (place.array !== undefined) place.view = this.#memory.at(place.array, address, length);
    return true;
  }

  #fill(place: Place, index: number, data: TensorInput["data"]): boolean {
    if (place.array === undefined) {
      this.#memory.write(data as string[]);
      const isFilled = this.#wasm.fill(index);
      if (!isFilled) place.length = -1;
      return isFilled;
    }
    if (place.view.length !== place.length) place.view = this.#memory.at(place.array, place.address, place.length);
    place.view.set(data as never);
    return true;
  }

  /** The outputs, of which there is a description at `address`. */
  #read(address: number): Record<string, Output> {
    const outputs: Record<string, Output> = {};
    const at = { word: address / 4, tensor: 0 };
    for (let index = 0; index < this.#outputs.length; index++) {
      outputs[this.#outputs[index] as string] = this.#output(at, index);
    }
    return outputs;
  }

  /** Output `index`, described where `at` is; moves that past it. */
  #output(at: { word: number; tensor: number }, index: number): Output {
    // Each time, as reading an output may grow the memory.
    const words = this.#memory.words();
    const kind = words[at.word] as number;
    const address = words[at.word + 1] as number;
    const length = words[at.word + 2] as number;
    const next = at.word + 4 + (words[at.word + 3] as number);
    const shape: number[] = [];
    for (let i = at.word + 4; i < next; i++) shape.push(words[i] as number);
    at.word = next;
    if (kind === SEQUENCE) {
      return { type: "sequence", values: Array.from({ length }, () => this.#output(at, index) as TensorOutput) };
    }
    if (kind === ABSENT) return null;
    const element = kind % MAPS;
    const type = ELEMENTS[element] as ElementType;
    const data = type === "string" ? this.#wasm.strings(at.tensor) : this.#memory.copy(element, address, length);
    at.tensor += 1;
    if (kind < MAPS) return { type, shape, data };
    return { type: "map_sequence", shape, data, keys: this.#keysOf(index, kind >= MAPS_OF_OTHER_KEYS) };
  }

  #keysOf(index: number, areOther: boolean): number[] | string[] {
    if (areOther) return this.#wasm.keys(index) as number[] | string[];
    this.#keys[index] ??= this.#wasm.keys(index) as number[] | string[];
    return this.#keys[index].slice() as number[] | string[];
  }
}

/** The place of an input, empty; `undefined` for maps, and where not all that fits into an element is one. */
function place(name: string, element: ElementType | null): Place | undefined {
  if (element === null || element === "bool") return undefined;
  const index = ELEMENTS.indexOf(element);
  if (index < 0 || index > ELEMENTS.indexOf("bfloat16")) return undefined;
  const array = ARRAYS[index];
  return { name, element, array, address: 0, shape: [], length: -1, view: new Uint8Array() };
}

/** Whether an array for `place`, given with `type`, holds its elements: those of 16 bits need the type. */
function isOf(place: Place, type: ElementType | undefined): boolean {
  if (type !== undefined) return type === place.element;
  return place.element !== "float16" && place.element !== "bfloat16";
}

/** `inputs` with the bits of each `Float16Array` in its stead. */
function withBits(inputs: Inputs): Inputs {
  if (!("Float16Array" in globalThis) || typeof inputs !== "object" || inputs === null) return inputs;
  let changed: Record<string, Input> | undefined;
  for (const [name, input] of Object.entries(inputs)) {
    const data = (input as TensorInput | null)?.data as Partial<HalfArray> | undefined;
    if (data?.[Symbol.toStringTag] !== "Float16Array") continue;
    const { buffer, byteOffset, length } = data as HalfArray;
    changed ??= { ...inputs };
    changed[name] = { ...(input as TensorInput), data: new Uint16Array(buffer, byteOffset, length), type: "float16" };
  }
  return changed ?? inputs;
}

/** Whether `inputs` is an object of `count` keys. */
function hasKeys(inputs: unknown, count: number): boolean {
  return typeof inputs === "object" && inputs !== null && Object.keys(inputs).length === count;
}

function areStrings(data: unknown): data is string[] {
  if (!Array.isArray(data)) return false;
  for (const value of data) {
    if (typeof value !== "string") return false;
  }
  return true;
}

function isSame(shape: readonly unknown[], other: readonly number[]): boolean {
  if (shape.length !== other.length) return false;
  for (let i = 0; i < other.length; i++) {
    if (shape[i] !== other[i]) return false;
  }
  return true;
}

/** Whether `size` is one of a dimension. */
function isSize(size: unknown): size is number {
  return typeof size === "number" && size >>> 0 === size;
}

import { ARRAYS, ELEMENTS } from "./memory.js";
import type { Memory, NumberArray, NumberArrayConstructor } from "./memory.js";
import type { ElementType, TensorInput, TensorOutput } from "./types.js";
import type { Model as WasmModel } from "./wasm/edgeinfer_web.js";

/** What is added to an output's element type, as in the wasm's `values.rs`. */
const MAPS = 16;
const MAPS_OF_OTHER_KEYS = 32;

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
  array: NumberArrayConstructor;
  address: number;
  shape: readonly number[];
  length: number;
  view: NumberArray;
}

/** Runs a model on tensors that lie in memory, with one copy in and one out. */
export class Tensors {
  readonly #wasm: WasmModel;
  readonly #memory: Memory;
  readonly #outputs: readonly string[];
  /** Absent where an input has elements that do not lie in memory as they are in an array. */
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

  run(inputs: Record<string, TensorInput>): Record<string, TensorOutput> {
    const placed = this.#write(inputs) ? this.#wasm.runPlaced() : 0;
    return this.#read(placed === 0 ? this.#wasm.run(inputs) : placed);
  }

  /** Writes `inputs` to their places; false where there is something to convert or to refuse. */
  #write(inputs: Record<string, TensorInput>): boolean {
    const places = this.#places;
    if (places === undefined || !hasKeys(inputs, places.length)) return false;
    const given: NumberArray[] = [];
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as Place;
      const tensor = inputs[place.name];
      if (typeof tensor !== "object" || tensor === null) return false;
      const { data, shape, type } = tensor;
      if (!(data instanceof place.array) || type === "bool" || !Array.isArray(shape)) return false;
      const fits = data.length === place.length && isSame(shape, place.shape);
      if (!fits && !this.#resize(place, index, data.length, shape)) return false;
      given.push(data as NumberArray);
    }
    // Only now, as nobody else has a say from here on.
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as Place;
      if (place.view.length !== place.length) place.view = this.#memory.at(place.array, place.address, place.length);
      place.view.set(given[index] as never);
    }
    return true;
  }

  #resize(place: Place, index: number, length: number, shape: readonly unknown[]): boolean {
    if (!shape.every(isSize)) return false;
    const address = this.#wasm.place(index, Uint32Array.from(shape), length);
    if (address === 0) return false;
    Object.assign(place, { address, length, shape: [...shape], view: this.#memory.at(place.array, address, length) });
    return true;
  }

  /** The outputs, of which there is a description at `address`. */
  #read(address: number): Record<string, TensorOutput> {
    const outputs: Record<string, TensorOutput> = {};
    let at = address / 4;
    for (let index = 0; index < this.#outputs.length; index++) {
      // Each time, as reading an output may grow the memory.
      const words = this.#memory.words();
      const next = at + 4 + (words[at + 3] as number);
      const shape: number[] = [];
      for (let i = at + 4; i < next; i++) shape.push(words[i] as number);
      const [kind, start, length] = [words[at] as number, words[at + 1] as number, words[at + 2] as number];
      outputs[this.#outputs[index] as string] = this.#output(index, kind, start, length, shape);
      at = next;
    }
    return outputs;
  }

  #output(index: number, kind: number, address: number, length: number, shape: number[]): TensorOutput {
    const number = kind % MAPS;
    const type = ELEMENTS[number] as ElementType;
    const data = type === "string" ? this.#wasm.strings(index) : this.#memory.copy(number, address, length);
    if (kind < MAPS) return { type, shape, data };
    return { type: "map_sequence", shape, data, keys: this.#keysOf(index, kind >= MAPS_OF_OTHER_KEYS) };
  }

  #keysOf(index: number, areOther: boolean): number[] | string[] {
    if (areOther) return this.#wasm.keys(index) as number[] | string[];
    this.#keys[index] ??= this.#wasm.keys(index) as number[] | string[];
    return this.#keys[index].slice() as number[] | string[];
  }
}

/** The place of an input, empty; `undefined` for strings, and for truth values, which have to be 0 or 1. */
function place(name: string, element: ElementType | null): Place | undefined {
  const array = element === null || element === "bool" ? undefined : ARRAYS[ELEMENTS.indexOf(element)];
  if (array === undefined) return undefined;
  return { name, array, address: 0, shape: [], length: -1, view: new array(new ArrayBuffer(0)) };
}

/** Whether `inputs` is an object of `count` keys. */
function hasKeys(inputs: unknown, count: number): boolean {
  return typeof inputs === "object" && inputs !== null && Object.keys(inputs).length === count;
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

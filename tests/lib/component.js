// @ts-check
/**
 * What a WebAssembly component says of itself, read from its sections.
 *
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
import assert from "node:assert/strict";

/** Magic, version 0x0d and layer 1: a component, where a core module has version 1 and layer 0. */
const PREAMBLE = Buffer.from("\0asm\x0d\0\x01\0", "latin1");
const IMPORTS = 10;
const EXPORTS = 11;

/**
 * The names of what the component `bytes` imports and exports.
 * @param {Buffer} bytes
 */
export function interfaces(bytes) {
  assert.ok(bytes.subarray(0, PREAMBLE.length).equals(PREAMBLE), "it is no component: its preamble is not one's");
  /** @type {{ imports: string[], exports: string[] }} */
  const found = { imports: [], exports: [] };
  const section = new Reader(bytes.subarray(PREAMBLE.length));
  while (!section.isAtEnd()) {
    const id = section.byte();
    const content = new Reader(section.take(section.number()));
    if (id === IMPORTS) found.imports.push(...content.list(() => importOf(content)));
    if (id === EXPORTS) found.exports.push(...content.list(() => exportOf(content)));
  }
  return found;
}

/** @param {Reader} reader */
function importOf(reader) {
  const name = nameOf(reader);
  skipType(reader);
  return name;
}

/** @param {Reader} reader */
function exportOf(reader) {
  const name = nameOf(reader);
  // What is exported: core items have a sort of two bytes.
  if (reader.byte() === 0x00) reader.byte();
  reader.number();
  if (reader.byte() !== 0x00) skipType(reader);
  return name;
}

/** @param {Reader} reader */
function nameOf(reader) {
  const form = reader.byte();
  assert.ok(form <= 0x01, `a name of the form ${form}, which this reader does not know`);
  return reader.take(reader.number()).toString();
}

/** Skips an `externdesc`. @param {Reader} reader */
function skipType(reader) {
  const sort = reader.byte();
  if (sort === 0x00) reader.byte();
  // A type is bound to be equal to another, or a new resource, which has no index.
  if (sort === 0x03 && reader.byte() === 0x01) return;
  assert.notEqual(sort, 0x02, "a value, which this reader does not know");
  reader.number();
}

class Reader {
  #at = 0;
  #bytes;

  constructor(/** @type {Buffer} */ bytes) {
    this.#bytes = bytes;
  }

  isAtEnd() {
    return this.#at === this.#bytes.length;
  }

  byte() {
    assert.ok(!this.isAtEnd(), "a section ends too early");
    return this.#bytes[this.#at++];
  }

  take(/** @type {number} */ length) {
    assert.ok(this.#at + length <= this.#bytes.length, "a section ends too early");
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }

  /** An unsigned LEB128. */
  number() {
    let number = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      number += (byte & 0x7f) * factor;
      if (byte < 0x80) return number;
    }
  }

  /** @template T @param {() => T} item @returns {T[]} */
  list(item) {
    const items = Array.from({ length: this.number() }, item);
    assert.ok(this.isAtEnd(), "a section is longer than its list");
    return items;
  }
}

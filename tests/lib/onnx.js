// @ts-check
/** A model of operators that nobody has. */

/** An ONNX model of two nodes, `Unheard` and `Unseen`, from `X` to `Y`, both `[1, 1]`. */
export function unsupported() {
  const first = [text(1, "X"), text(2, "Z"), text(3, "first"), text(4, "Unheard")];
  const second = [text(1, "Z"), text(2, "Y"), text(3, "second"), text(4, "Unseen")];
  const graph = [message(1, first), message(1, second), message(11, tensor("X", [1, 1])), message(12, tensor("Y", [1, 1]))];
  return Buffer.concat([number(1, 8), message(7, graph), message(8, [text(1, ""), number(2, 13)])]);
}

/** A ValueInfoProto of a float32 tensor. @param {string} name @param {number[]} shape */
function tensor(name, shape) {
  const dims = shape.map((size) => message(1, [number(1, size)]));
  return [text(1, name), message(2, [message(1, [number(1, 1), message(2, dims)])])];
}

/** A field of protobuf that is a number below 128. @param {number} field @param {number} value */
function number(field, value) {
  return Buffer.of(field << 3, value);
}

/** @param {number} field @param {string} value */
function text(field, value) {
  return message(field, [Buffer.from(value)]);
}

/** A field of fewer than 128 bytes, or of more. @param {number} field @param {Buffer[]} parts */
function message(field, parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.of((field << 3) | 2, ...size), content]);
}

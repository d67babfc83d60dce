import { readFileSync } from "node:fs";

/** The models that are measured, by fixture. */
const NAMES = ["iris-forest", "digits-mlp"];

/** @returns {import("./engines.js").Case[]} */
export function cases() {
  return NAMES.map((name) => {
    const folder = new URL(`../tests/fixtures/${name}/`, import.meta.url);
    const [input] = JSON.parse(readFileSync(new URL("cases.json", folder), "utf8")).inputs;
    return {
      name,
      edge: new URL(`../target/dist/models/${name}.edge`, import.meta.url),
      onnx: new URL("model.onnx", folder),
      input,
    };
  });
}

/** The first `count` rows of a case's input, repeated where it has fewer. */
export function rows({ input }, count) {
  const width = input.data.length / input.shape[0];
  const data = Float32Array.from({ length: count * width }, (_, i) => input.data[i % input.data.length]);
  return { data, shape: [count, width] };
}

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { value } from "../tests/lib/values.js";

/** The models that are measured, by fixture: what classic machine learning puts on a table. */
const NAMES = [
  "iris-forest",
  "digits-forest-500",
  "breast-boosting",
  "breast-lightgbm",
  "breast-xgboost",
  "breast-cancer-logistic",
  "diabetes-ridge",
  "digits-mlp",
  "breast-svc-rbf",
  "breast-knn",
  "flats-logistic",
  "topic-tfidf-logistic",
];

const root = (path) => new URL(`../${path}`, import.meta.url);

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {URL} edge
 * @property {URL} onnx
 * @property {Input[]} inputs
 * @typedef {{ name: string, type: string, shape: number[], data: any }} Input
 */

/** The names of those whose fixture is there, and of those whose is not. */
export function names() {
  const isThere = (name) => existsSync(root(`tests/fixtures/${name}/model.onnx`));
  return { there: NAMES.filter(isThere), missing: NAMES.filter((name) => !isThere(name)) };
}

/** @returns {Case} the case of that name; its model is compiled where that was not done */
export function open(name) {
  const folder = root(`tests/fixtures/${name}/`);
  const { inputs } = JSON.parse(readFileSync(new URL("cases.json", folder), "utf8"));
  const onnx = new URL("model.onnx", folder);
  return { name, onnx, edge: compiled(name, onnx), inputs: inputs.map((input) => ({ name: input.name, ...value(input) })) };
}

function compiled(name, onnx) {
  const command = root("target/dist/edgeinfer");
  const edge = root(`target/bench/${name}.edge`);
  const changed = (file) => statSync(file).mtimeMs;
  if (!existsSync(edge) || [command, onnx].some((source) => changed(source) > changed(edge))) {
    mkdirSync(root("target/bench"), { recursive: true });
    execFileSync(fileURLToPath(command), ["compile", fileURLToPath(onnx), "-o", fileURLToPath(edge)], { stdio: "pipe" });
  }
  return edge;
}

/**
 * The first `count` rows of a case's inputs, repeated where it has fewer.
 * @returns {Input[]}
 */
export function rows({ inputs }, count) {
  return inputs.map(({ name, type, shape: [given, ...row], data }) => {
    const length = row.reduce((product, size) => product * size, count);
    const from = Array.isArray(data) ? Array : data.constructor;
    const width = data.length / given;
    return { name, type, shape: [count, ...row], data: from.from({ length }, (_, i) => data[i % (given * width)]) };
  });
}

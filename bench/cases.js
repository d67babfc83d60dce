import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { value } from "../tests/lib/values.js";
import { NETWORKS } from "./networks.js";

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
 * @property {{ what: string, inputs: Input[] }[]} variants What is measured; the first is the smallest.
 * @typedef {{ name: string, type: string, shape: number[], data: any }} Input
 */

/**
 * The names of the models of a suite: those whose fixture is there, and of those
 * whose is not. Networks are made, so that none is missing.
 * @param {boolean} [networks]
 */
export function names(networks = false) {
  if (networks) return { there: Object.keys(NETWORKS), missing: [] };
  const isThere = (name) => existsSync(root(`tests/fixtures/${name}/model.onnx`));
  return { there: NAMES.filter(isThere), missing: NAMES.filter((name) => !isThere(name)) };
}

/** @returns {Case} the case of that name; its model is made and compiled where that was not done */
export function open(name) {
  if (NETWORKS[name]) return network(name, NETWORKS[name]);
  const folder = root(`tests/fixtures/${name}/`);
  const { inputs } = JSON.parse(readFileSync(new URL("cases.json", folder), "utf8"));
  const onnx = new URL("model.onnx", folder);
  const given = inputs.map((input) => ({ name: input.name, ...value(input) }));
  const variant = (count) => ({ what: `${count} row${count === 1 ? "" : "s"}`, inputs: rows(given, count) });
  return { name, onnx, edge: compiled(name, onnx), variants: [variant(1), variant(1000)] };
}

/** @param {string} name @param {import("./networks.js").Network} network */
function network(name, { model, variants }) {
  const onnx = root(`target/bench/${name}.onnx`);
  const sources = ["networks.js", "onnx.js"].map((source) => new URL(source, import.meta.url));
  if (isOlder(onnx, sources)) {
    mkdirSync(root("target/bench"), { recursive: true });
    writeFileSync(onnx, model());
  }
  return { name, onnx, edge: compiled(name, onnx), variants: variants.map(({ what, inputs }) => ({ what, inputs: inputs() })) };
}

function compiled(name, onnx) {
  const command = root("target/dist/edgeinfer");
  const edge = root(`target/bench/${name}.edge`);
  if (isOlder(edge, [command, onnx])) {
    mkdirSync(root("target/bench"), { recursive: true });
    execFileSync(fileURLToPath(command), ["compile", fileURLToPath(onnx), "-o", fileURLToPath(edge)], { stdio: "pipe" });
  }
  return edge;
}

/** Whether a file is not there, or older than one of its sources. */
function isOlder(file, sources) {
  const changed = (each) => statSync(each).mtimeMs;
  return !existsSync(file) || sources.some((source) => changed(source) > changed(file));
}

/**
 * The first `count` rows of `inputs`, repeated where there are fewer.
 * @param {Input[]} inputs
 * @returns {Input[]}
 */
function rows(inputs, count) {
  return inputs.map(({ name, type, shape: [given, ...row], data }) => {
    const length = row.reduce((product, size) => product * size, count);
    const from = Array.isArray(data) ? Array : data.constructor;
    const width = data.length / given;
    return { name, type, shape: [count, ...row], data: from.from({ length }, (_, i) => data[i % (given * width)]) };
  });
}

// @ts-check
/** What `predict` has to answer, worked out from what onnxruntime gave for the rows. */
import { number } from "./values.js";

/**
 * @typedef {import("./values.js").Json} Json
 * @typedef {(number | string | boolean | null)[]} Row
 * @typedef {object} Answer
 * @property {number | string | number[] | string[]} prediction
 * @property {string} [label]
 * @property {number[]} [probabilities]
 * @property {number} [confidence]
 *
 * @typedef {{ type: "classifier" | "regressor" | "tensors", answers: Answer[] }} Expected
 */

/** @type {Expected} */
const NONE = { type: "tensors", answers: [] };

/**
 * The kind of the model, and the answer to each row: what the first output has for
 * it, and of a classifier the probabilities in the second.
 * @param {{ inputs: Json[], outputs: Json[] }} cases
 * @param {{ features?: string[], labels?: string[] }} metadata
 * @returns {Expected}
 */
export function expected({ inputs, outputs: [first, second] }, { features, labels }) {
  if (!features) return NONE;
  const count = inputs[0].shape[0];
  const rows = chunks(first.data, count);
  if (first.type.startsWith("float")) {
    // skl2onnx's perceptron of two targets gives them as two rows.
    if (first.shape[0] !== count) return NONE;
    return { type: "regressor", answers: rows.map((row) => ({ prediction: single(row.map(number)) })) };
  }
  const table = second && second.type !== "sequence(float32)" ? chunks(second.data.map(number), count) : undefined;
  const [{ length: width }] = rows;
  if (width === 1) {
    const classes = second?.keys ?? labels?.map((_, index) => index);
    return { type: "classifier", answers: rows.map(([row], i) => ofClass(row, classes, labels, table?.[i])) };
  }
  if (!second) return NONE;
  const probabilities = table?.[0].length === width ? table : undefined;
  const answers = rows.map((prediction, i) => ({ prediction, ...given({ probabilities: probabilities?.[i] }) }));
  return { type: "classifier", answers };
}

/**
 * @param {number | string} prediction
 * @param {(number | string)[] | undefined} classes
 * @param {string[] | undefined} labels
 * @param {number[] | undefined} scores
 * @returns {Answer}
 */
function ofClass(prediction, classes, labels, scores) {
  const at = classes?.indexOf(prediction) ?? -1;
  const label = labels?.[at] ?? String(prediction);
  const probabilities = scores && classes && ofClasses(scores, classes.length);
  return { prediction, label, ...given({ probabilities, confidence: probabilities?.[at] }) };
}

/** One of two classes may have the only column: the second. @param {number[]} scores @param {number} classes */
function ofClasses(scores, classes) {
  const [second] = scores;
  return scores.length === 1 && classes === 2 ? [1 - second, second] : scores;
}

/**
 * The rows of features: the columns of all inputs, as a caller writes them.
 * @param {Json[]} inputs
 * @returns {Row[]}
 */
export function rowsOf(inputs) {
  const count = inputs[0].shape[0];
  const columns = inputs.map(({ data }) => chunks(data, count));
  return Array.from({ length: count }, (_, row) => columns.flatMap((each) => each[row]));
}

/** `data` in `count` parts of one length. @template T @param {T[]} data @param {number} count */
function chunks(data, count) {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size));
}

const single = (/** @type {number[]} */ values) => (values.length === 1 ? values[0] : values);

/** The fields that are defined. @param {Partial<Answer>} fields @returns {Partial<Answer>} */
function given(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

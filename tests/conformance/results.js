// @ts-check
/** RESULTS.md: what passes, by suite, by engine and by operator. */
import { id } from "./cases.js";
import { reason } from "./exclusions.js";

/** @typedef {import("./cases.js").Outcome} Outcome */
/** @typedef {Outcome & { wasm: string | undefined }} Result with why it fails in wasm */

/**
 * The text of RESULTS.md.
 * @param {Result[]} results
 */
export function text(results) {
  const parts = [HEAD, bySuite(results), OPERATORS, byOperator(results)];
  const failing = results.filter(({ failure, wasm }) => failure || wasm);
  if (failing.length > 0) parts.push("## What does not pass\n", notPassing(failing));
  return parts.join("\n");
}

const HEAD = `# ONNX's own backend tests

Of the data in onnx's wheel (\`wheel.txt\` says which), each case compiled, loaded, run
and compared within the tests' own tolerance: by the runtime of edgeinfer alone,
natively and as the wasm of the npm package in Node. \`scripts/test\` writes this file,
and fails where that changes it.
`;

const OPERATORS = `
## By operator

Of the suite node: the operator that a case is about. The operators that have only
cases that pass, with their number, then the others.
`;

/** @param {Result[]} results */
function bySuite(results) {
  const suites = groups(results, ({ suite }) => suite);
  const rows = [...suites].map(([suite, cases]) => row([suite, ...counts(cases)]));
  return [row(["suite", "cases", "native", "wasm"]), row(["---", "--:", "--:", "--:"]), ...rows].join("\n");
}

/** @param {Result[]} results */
function byOperator(results) {
  const byName = groups(results.filter(({ suite }) => suite === "node"), operatorOf(results));
  const operators = [...byName].sort(([a], [b]) => (a < b ? -1 : 1));
  const whole = operators.filter(([, cases]) => cases.every(({ failure, wasm }) => !failure && !wasm));
  const rest = operators.filter((each) => !whole.includes(each));
  const list = whole.map(([operator, cases]) => `${operator} ${cases.length}`).join(", ");
  if (rest.length === 0) return `${list}\n`;
  const rows = rest.map(([operator, cases]) => row([operator, ...counts(cases)]));
  return [`${list}\n`, row(["operator", "cases", "native", "wasm"]), row(["---", "--:", "--:", "--:"]), ...rows, ""].join("\n");
}

/** @param {Result[]} failing */
function notPassing(failing) {
  const byReason = groups(failing, (result) => reason(id(result)) ?? "Without a reason, which fails the run");
  const lines = [...byReason].map(([why, cases]) => `- ${why}: ${cases.map((each) => `\`${id(each)}\``).join(", ")}.`);
  return `${lines.join("\n")}\n`;
}

/**
 * The operator that a case of the suite node is about. One whose operator is
 * written out as a function's body is about that of the case without.
 * @param {Result[]} results
 */
function operatorOf(results) {
  const byName = new Map(results.map((result) => [result.name, result.operators]));
  return (/** @type {Result} */ { name, operators }) => {
    const plain = byName.get(name.replace(/_expanded.*$/, "")) ?? operators;
    return plain.length === 1 ? plain[0] : "several";
  };
}

/** How many there are, and pass. @param {Result[]} cases */
function counts(cases) {
  return [cases.length, cases.filter(({ failure }) => !failure).length, cases.filter(({ wasm }) => !wasm).length];
}

/** @param {(string | number)[]} cells */
const row = (cells) => `| ${cells.join(" | ")} |`;

/**
 * @template T
 * @param {T[]} values
 * @param {(value: T) => string} key
 * @returns {Map<string, T[]>} in order of first occurrence
 */
function groups(values, key) {
  const found = new Map();
  for (const value of values) {
    const name = key(value);
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

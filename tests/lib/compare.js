// @ts-check
/** Whether answers and outputs are right. */
import assert from "node:assert/strict";

/** @typedef {import("./answers.js").Answer} Answer */
/** @typedef {import("./values.js").Value} Value */

/**
 * Asserts that numbers are close, and all else the same: `tolerance` is absolute
 * up to 1 and relative above.
 * @param {ArrayLike<number | bigint | string>} actual
 * @param {ArrayLike<number | bigint | string>} expected
 * @param {number} tolerance
 * @param {string} what
 */
export function assertClose(actual, expected, tolerance, what) {
  assert.equal(actual.length, expected.length, `the length of ${what}`);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    const close =
      typeof a === "number" && typeof e === "number" ? isClose(a, e, tolerance) : Object.is(a, e);
    if (!close) assert.fail(`${what}[${i}]: expected ${e} within ${tolerance}, got ${a}`);
  }
}

/** @param {number} a @param {number} e @param {number} tolerance */
function isClose(a, e, tolerance) {
  return Object.is(a, e) || Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e));
}

/**
 * Asserts that `actual` are the answers of `fixture`, of its rows from `from`.
 * @param {any[]} actual
 * @param {{ name: string, type: string, answers: Answer[], tolerance: number }} fixture
 * @param {{ from?: number, count?: number }} [options] how many there are to be: one for each given, unless it is said
 */
export function assertAnswers(actual, { name, type, answers, tolerance }, { from = 0, count = actual.length } = {}) {
  assert.equal(actual.length, count, `${name}: the number of answers`);
  actual.forEach((answer, i) => {
    const row = from + i;
    const expected = answers[row];
    const what = `${name}: row ${row}`;
    assert.deepEqual(Object.keys(answer), Object.keys(expected), `${what}: the fields`);
    assert.equal(Array.isArray(answer.prediction), Array.isArray(expected.prediction), `${what}: prediction`);
    assertClose([answer.prediction].flat(), [expected.prediction].flat(), type === "regressor" ? tolerance : 0, `${what}: prediction`);
    assert.equal(answer.label, expected.label, `${what}: label`);
    assertClose(answer.probabilities ?? [], expected.probabilities ?? [], tolerance, `${what}: probabilities`);
    assertClose([answer.confidence ?? NaN], [expected.confidence ?? NaN], tolerance, `${what}: confidence`);
  });
}

/**
 * Asserts that `actual`, named values, are the outputs of `fixture`.
 * @param {Record<string, any>} actual
 * @param {{ name: string, outputs: Record<string, Value>, tolerance: number }} fixture
 */
export function assertOutputs(actual, { name, outputs, tolerance }) {
  assert.deepEqual(Object.keys(actual), Object.keys(outputs), `${name}: the outputs`);
  for (const [output, expected] of Object.entries(outputs)) {
    assertValue(actual[output], expected, tolerance, `${name}: ${output}`);
  }
}

/** @param {any} actual @param {Value} expected @param {number} tolerance @param {string} what */
function assertValue(actual, expected, tolerance, what) {
  if ("values" in expected) {
    const { values, ...rest } = actual;
    assert.deepEqual([rest, values.length], [{ type: "sequence" }, expected.values.length], what);
    expected.values.forEach((value, i) => assertValue(values[i], value, tolerance, `${what}[${i}]`));
    return;
  }
  const { data, ...rest } = expected;
  const { data: got, ...others } = actual;
  assert.deepEqual(others, rest, what);
  assert.equal(got.constructor.name, data.constructor.name, `${what}: the array type`);
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  assertClose(got, data, isFloat ? tolerance : 0, what);
}

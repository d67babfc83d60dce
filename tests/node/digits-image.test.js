// @ts-check
/** The demo page's pictures: from strokes to what the digits network takes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";

import { dist } from "../lib/dist.js";
import { edgeinfer } from "../lib/package.js";

// By its text: no package.json beside it says that it is a module.
const source = await readFile(dist("www", "digits-image.js"));
const { GRID, SIDE, bitmap, blockCounts, cellStrokes, dots, features, fit, shear } = await import(
  `data:text/javascript;base64,${source.toString("base64")}`
);

const columns = (/** @type {number[][]} */ points) => points.map(([x]) => x);
const rows = (/** @type {number[][]} */ points) => points.map(([, y]) => y);
const span = (/** @type {number[]} */ values) => Math.max(...values) - Math.min(...values);

describe("dots", () => {
  test("are nothing without strokes", () => {
    assert.deepEqual(dots([]), []);
    assert.deepEqual(dots([[]]), []);
  });

  test("lie on the lines, the ends among them, in steps of a 48th of the drawing", () => {
    const points = dots([[[0, 0], [3, 0], [3, 4]]]);
    assert.deepEqual(points[0], [0, 0]);
    assert.deepEqual(points.at(-1), [3, 4]);
    for (const [i, [x, y]] of points.entries()) {
      assert.ok(y === 0 || x === 3, `${x}, ${y}`);
      if (i > 0) assert.ok(Math.hypot(x - points[i - 1][0], y - points[i - 1][1]) <= 4 / 48 + 1e-9);
    }
  });

  test("keep a stroke of one point, however often it is given", () => {
    assert.deepEqual(dots([[[2, 3]]]), [[2, 3]]);
    assert.deepEqual(new Set(dots([[[2, 3], [2, 3]]]).map(String)), new Set(["2,3"]));
  });

  test("do not join strokes", () => {
    assert.ok(dots([[[0, 0], [0, 1]], [[1, 0], [1, 1]]]).every(([x]) => x === 0 || x === 1));
  });
});

describe("shear", () => {
  test("straightens a slanted line for the most part, and leaves the rows", () => {
    const slanted = dots([[[0.3, 0], [0, 1]]]);
    const straight = shear(slanted);
    assert.ok(span(columns(straight)) < 0.3 * span(columns(slanted)), String(span(columns(straight))));
    assert.deepEqual(rows(straight), rows(slanted));
  });

  test("leaves an upright line and a flat one", () => {
    for (const line of [dots([[[1, 0], [1, 5]]]), dots([[[0, 2], [5, 2]]])]) assert.deepEqual(shear(line), line);
  });
});

describe("fit", () => {
  const box = dots([[[10, 10], [14, 10], [14, 18], [10, 18], [10, 10]]]);

  test("does not depend on size or place", () => {
    const moved = box.map(([x, y]) => [7 * x - 100, 7 * y + 30]);
    fit(moved).forEach(([x, y], i) => {
      const [expectedX, expectedY] = fit(box)[i];
      assert.ok(Math.hypot(x - expectedX, y - expectedY) < 1e-9);
    });
  });

  test("fills the height and centres the drawing within the bitmap", () => {
    for (const drawing of [box, dots([[[0, 0], [9, 1], [3, 4]]]), dots([[[0, 0], [0, 1]]])]) {
      const [x, y] = [columns(fit(drawing)), rows(fit(drawing))];
      assert.ok(Math.abs(Math.min(...y) + Math.max(...y) - SIDE) < 1e-9);
      assert.ok(Math.abs(Math.min(...x) + Math.max(...x) - SIDE) < 1e-9);
      assert.ok(Math.abs(span(y) - 27) < 1e-9, `${span(y)} rows`);
      assert.ok(Math.min(...x) >= 0 && Math.max(...x) <= SIDE);
    }
  });

  test("does not blow up a dash, nor a dot", () => {
    assert.equal(span(rows(fit(dots([[[0, 5], [8, 5]]])))), 0);
    assert.deepEqual(fit([[3, 3]]), [[SIDE / 2, SIDE / 2]]);
  });
});

describe("bitmap", () => {
  test("inks about the same amount for a short line and a long one", () => {
    const ink = (points) => bitmap(fit(points)).reduce((sum, pixel) => sum + pixel, 0);
    const eight = dots([[[1, 0], [0, 1], [1, 2], [0, 3], [1, 4], [2, 3], [1, 2], [2, 1], [1, 0]]]);
    assert.ok(ink(eight) >= 250 && ink(eight) <= 420, `${ink(eight)} pixels of an eight`);
    const one = dots([[[0, 0], [0, 1]]]);
    assert.ok(ink(one) >= 150 && ink(one) <= 320, `${ink(one)} pixels of a one`);
  });

  test("inks around the points alone", () => {
    const pixels = bitmap([[8, 8]]);
    const inked = [...pixels.keys()].filter((i) => pixels[i]);
    assert.ok(inked.length > 0);
    for (const i of inked) assert.ok(Math.hypot((i % SIDE) + 0.5 - 8, Math.floor(i / SIDE) + 0.5 - 8) <= 4);
  });
});

describe("blockCounts", () => {
  test("counts the ink of each block, row by row", () => {
    const pixels = new Uint8Array(SIDE * SIDE);
    assert.deepEqual(blockCounts(pixels), new Array(GRID * GRID).fill(0));
    pixels[0] = pixels[1] = pixels[SIDE] = 1; // the first block
    pixels[4] = 1; // the second
    pixels[4 * SIDE] = 1; // the first of the second row
    pixels[SIDE * SIDE - 1] = 1; // the last
    const counts = blockCounts(pixels);
    assert.deepEqual([counts[0], counts[1], counts[GRID], counts.at(-1)], [3, 1, 1, 1]);
    assert.equal(counts.reduce((sum, count) => sum + count), 6);
    assert.deepEqual(blockCounts(pixels.fill(1)), new Array(GRID * GRID).fill(16));
  });
});

describe("cellStrokes", () => {
  const lines = (cells, size) => cellStrokes(new Set(cells), size).filter((stroke) => stroke.length === 2);

  test("are a dot for a single cell, at its centre", () => {
    assert.deepEqual(cellStrokes(new Set([0])), [[[1 / 16, 1 / 16]]]);
    assert.deepEqual(cellStrokes(new Set()), []);
  });

  test("join neighbours beside and below each other", () => {
    assert.deepEqual(lines([0, 1], 8), [[[1 / 16, 1 / 16], [3 / 16, 1 / 16]]]);
    assert.deepEqual(lines([0, 8], 8), [[[1 / 16, 1 / 16], [1 / 16, 3 / 16]]]);
  });

  test("join diagonal neighbours, but not around a corner that is painted", () => {
    assert.equal(lines([0, 9], 8).length, 1);
    assert.equal(lines([1, 8], 8).length, 1);
    assert.equal(lines([0, 1, 9], 8).length, 2);
  });

  test("do not join the ends of two rows", () => {
    assert.deepEqual(lines([7, 8], 8), []);
  });
});

describe("features", () => {
  test("are none without ink", () => {
    assert.equal(features([]), null);
    assert.equal(features([[]]), null);
  });

  test("are 64 counts from 0 to 16, for anything that is drawn", () => {
    const scribble = Array.from({ length: 400 }, (_, i) => [0.5 + 0.4 * Math.cos(i / 9), 0.5 + 0.4 * Math.sin(i / 7)]);
    for (const strokes of [[[[0.5, 0.5]]], [[[0, 0], [1, 1]]], [[[0.2, 0.5], [0.8, 0.5]]], [scribble]]) {
      const counts = features(strokes);
      assert.equal(counts.length, 64);
      assert.ok(counts.every((count) => Number.isInteger(count) && count >= 0 && count <= 16), String(counts));
    }
  });

  test("of ten drawings are recognised by the digits network", async () => {
    const drawings = JSON.parse(await readFile(new URL("../browser/strokes.json", import.meta.url), "utf8"));
    const { load } = await edgeinfer();
    const model = await load(dist("models", "digits-mlp.edge"));
    const answers = await model.predictBatch(drawings.map(({ strokes }) => features(strokes)));
    assert.deepEqual(answers.map(({ label }) => Number(label)), drawings.map(({ digit }) => digit));
  });
});

/** Drawing by keyboard: a cursor on a grid of cells, shown while the canvas has keyboard focus. */
import { announce } from "./announce.js";
import { GRID } from "./digits-image.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} on
 * @param {() => void} on.paint after each change of what is seen
 * @param {() => void} on.change after each change of the cells
 * @param {() => void} on.clear
 */
export function connectKeys(canvas, on) {
  /** @type {Set<number>} */
  const cells = new Set();
  let row = 0;
  let column = Math.floor(GRID / 2) - 1;
  let shown = false;

  const show = (/** @type {boolean} */ visible) => {
    if (visible === shown) return;
    shown = visible;
    on.paint();
  };

  function move([down, right], /** @type {boolean} */ drawing) {
    if (drawing) cells.add(row * GRID + column);
    row = Math.min(Math.max(row + down, 0), GRID - 1);
    column = Math.min(Math.max(column + right, 0), GRID - 1);
    if (drawing) cells.add(row * GRID + column);
  }

  function toggle() {
    const cell = row * GRID + column;
    if (!cells.delete(cell)) cells.add(cell);
  }

  canvas.addEventListener("focus", () => show(canvas.matches(":focus-visible")));
  canvas.addEventListener("blur", () => show(false));
  canvas.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const drawing = event.shiftKey || event.key === " ";
    if (event.key in MOVES) move(MOVES[event.key], drawing);
    else if (event.key === " ") toggle();
    else if (event.key === "Delete" || event.key === "Backspace") on.clear();
    else return;
    event.preventDefault();
    show(true);
    if (drawing) on.change();
    else on.paint();
    const painted = cells.has(row * GRID + column) ? "painted" : "empty";
    announce(`Row ${row + 1}, column ${column + 1}, ${painted}`, "actions");
  });

  return { cells, cursor: () => ({ row, column }), shown: () => shown, hide: () => show(false) };
}

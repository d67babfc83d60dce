/** A square to draw on, with a pointer as strokes or with the keyboard as cells. */
import { connectKeys } from "./digit-keys.js";
import { GRID, cellStrokes } from "./digits-image.js";

/** Of the drawing area's side. */
const PEN = 0.065;
const MIN_STEP = 0.004;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(strokes: import("./digits-image.js").Stroke[]) => void} onChange in units of the side, 0..1
 */
export function createPad(canvas, onChange) {
  /** @type {import("./digits-image.js").Stroke[]} */
  let strokes = [];
  /** @type {number | undefined} */
  let pointer;

  function changed() {
    paint();
    onChange([...strokes, ...cellStrokes(keys.cells)]);
  }

  const keys = connectKeys(canvas, { paint, change: changed, clear });

  function clear() {
    strokes = [];
    pointer = undefined;
    keys.cells.clear();
    changed();
  }

  function extend(/** @type {PointerEvent} */ event) {
    const box = canvas.getBoundingClientRect();
    const stroke = strokes.at(-1);
    const x = (event.clientX - box.left) / box.width;
    const y = (event.clientY - box.top) / box.height;
    const [lastX, lastY] = stroke.at(-1) ?? [Infinity, Infinity];
    if (Math.hypot(x - lastX, y - lastY) >= MIN_STEP) stroke.push([x, y]);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== undefined || event.button !== 0) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    keys.hide();
    strokes.push([]);
    extend(event);
    changed();
  });

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    (events.length > 0 ? events : [event]).forEach(extend);
    changed();
  });

  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId === pointer) pointer = undefined;
    });
  }

  function paint() {
    const side = canvas.clientWidth;
    if (side === 0) return;
    const scale = side * devicePixelRatio;
    canvas.width = canvas.height = Math.round(scale);
    const context = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    context.scale(scale, scale);
    context.strokeStyle = context.fillStyle = style.color;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = PEN;
    for (const stroke of strokes) {
      context.beginPath();
      // A line to itself makes a dot of a single point.
      [stroke[0], ...stroke].forEach(([x, y]) => context.lineTo(x, y));
      context.stroke();
    }
    for (const cell of keys.cells) {
      context.fillRect((cell % GRID) / GRID, Math.floor(cell / GRID) / GRID, 1 / GRID, 1 / GRID);
    }
    if (keys.shown()) {
      paintGrid(context, keys.cursor(), {
        line: style.getPropertyValue("--rule"),
        accent: style.getPropertyValue("--accent"),
        pixel: 1 / side,
      });
    }
  }

  new ResizeObserver(paint).observe(canvas);
  return { clear, paint };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ row: number, column: number }} cursor
 * @param {{ line: string, accent: string, pixel: number }} look
 */
function paintGrid(context, { row, column }, { line, accent, pixel }) {
  context.strokeStyle = line;
  context.lineWidth = pixel;
  for (let i = 1; i < GRID; i++) {
    context.strokeRect(i / GRID, -1, 2, 3);
    context.strokeRect(-1, i / GRID, 3, 2);
  }
  context.strokeStyle = accent;
  context.lineWidth = 3 * pixel;
  context.lineJoin = "miter";
  context.strokeRect(column / GRID + pixel, row / GRID + pixel, 1 / GRID - 2 * pixel, 1 / GRID - 2 * pixel);
}

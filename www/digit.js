/** The digit tab: a drawing in, ten probabilities out, and the picture between them. */
import { announce } from "./announce.js";
import { createBars } from "./bars.js";
import { createDemo } from "./demo.js";
import { GRID, features } from "./digits-image.js";
import { createPad } from "./digit-pad.js";

const DIGITS = Array.from({ length: 10 }, (_, i) => String(i));

/**
 * @param {HTMLElement} panel
 * @param {() => void} onStatus
 */
export function createDigitDemo(panel, onStatus) {
  const seen = panel.querySelector(".seen");
  const bars = createBars(panel.querySelector(".bars"), "digit-bar", DIGITS);

  const demo = createDemo({
    panel,
    model: "digits-mlp.edge",
    onStatus,
    onReady: (info) => bars.rename(info?.labels ?? DIGITS),
    onResult: (result) => bars.update(result.probabilities),
  });

  /** @type {number[] | null} */
  let picture = null;
  let frame = 0;
  const pad = createPad(panel.querySelector(".pad"), (strokes) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      picture = features(strokes);
      drawSeen(seen, picture);
      if (picture) return demo.predict(picture);
      demo.clear();
      bars.update(undefined);
    });
  });

  panel.querySelector("#digit-clear").addEventListener("click", () => {
    pad.clear();
    announce("Cleared", "actions");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    pad.paint();
    drawSeen(seen, picture);
  });

  bars.update(undefined);
  drawSeen(seen, picture);
  return demo;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number[] | null} picture 64 values 0..16
 */
function drawSeen(canvas, picture) {
  const cell = 16;
  canvas.width = canvas.height = GRID * cell;
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(canvas).color;
  picture?.forEach((value, i) => {
    context.globalAlpha = value / 16;
    context.fillRect((i % GRID) * cell, Math.floor(i / GRID) * cell, cell, cell);
  });
  canvas.setAttribute("aria-label", picture ? "Your digit in 8 by 8 greys" : "Nothing drawn yet");
}

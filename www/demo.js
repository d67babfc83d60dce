/** What both demos share: a model that is loaded on first sight, and its predictions on show. */
import { announce } from "./announce.js";
import { duration, percent } from "./format.js";
import { createLoader } from "./loader.js";
import { createPredictor } from "./predictor.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.panel
 * @param {string} options.model file below `models/`
 * @param {() => void} options.onStatus after each change of `status()`
 * @param {(info: any) => void} options.onReady
 * @param {(result: any, input: number[]) => void} options.onResult
 */
export function createDemo({ panel, model: file, onStatus, onReady, onResult }) {
  const view = panel.querySelector(".loader");
  const outcome = panel.querySelector(".result");
  const answer = panel.querySelector(".answer");
  const timing = panel.querySelector(".timing");
  const status = { state: "idle", text: "waiting", info: undefined, loaded: undefined };
  /** @type {any} */
  let model;

  const say = (/** @type {string | undefined} */ text) => {
    answer.textContent = text ?? "–";
    answer.classList.toggle("blank", text === undefined);
  };

  const predictor = createPredictor({
    onResult(result, input) {
      say(result.label ?? String(result.prediction));
      announce(`${answer.textContent}, ${percent(result.confidence ?? 0)}`, "results");
      onResult(result, input);
    },
    onTiming({ ms, runs }) {
      timing.textContent = `${duration(ms)} per prediction${runs > 1 ? `, mean of ${runs}` : ""}`;
    },
    onError(error) {
      say(undefined);
      timing.textContent = `${error.code ?? error.name}: ${error.message}`;
      announce(timing.textContent, "results");
    },
  });

  const loader = createLoader({
    url: new URL(`models/${file}`, document.baseURI),
    view,
    onState(state, text) {
      Object.assign(status, { state, text });
      outcome.hidden = state !== "ready";
      if (state === "ready") announce("Model ready", "results");
      onStatus();
    },
    onReady(ready, loaded) {
      model = ready;
      Object.assign(status, { info: model.info(), loaded });
      onReady(status.info);
      predictor.use(model);
    },
  });

  return {
    status: () => status,
    open: () => loader.start(),
    predict: (/** @type {number[]} */ input) => predictor.predict(input),
    /** Back to before the first prediction. */
    clear() {
      predictor.cancel();
      say(undefined);
      timing.textContent = "";
    },
    close() {
      loader.stop();
      predictor.cancel();
      model?.dispose();
    },
  };
}

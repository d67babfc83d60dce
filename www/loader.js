/** Loads a compiled model once it is needed, with progress, and retry on failure. */
import { load } from "edgeinfer";
import { byteCount } from "./format.js";

/**
 * @typedef {{ bytes?: number, ms: number }} Loaded
 * @typedef {"idle" | "loading" | "ready" | "failed"} State
 *
 * @param {object} options
 * @param {URL} options.url of the compiled model
 * @param {HTMLElement} options.view where progress and failure are shown
 * @param {(state: State, text: string) => void} options.onState
 * @param {(model: any, loaded: Loaded) => void} options.onReady
 */
export function createLoader({ url, view, onState, onReady }) {
  const text = Object.assign(document.createElement("p"), { className: "loader-text" });
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", "Loading the model");

  let begun = false;
  /** @type {AbortController | undefined} while one is under way */
  let attempt;

  function showProgress(/** @type {{loaded: number, total?: number}} */ { loaded, total }) {
    const share = total ? Math.min(1, loaded / total) : undefined;
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share;
    const of = total ? ` of ${byteCount(total)}` : "";
    text.textContent = `Loading the model: ${byteCount(loaded)}${of}`;
    onState("loading", share === undefined ? "loading" : `loading ${Math.floor(share * 100)} %`);
  }

  async function start() {
    begun = true;
    attempt = new AbortController();
    const { signal } = attempt;
    const began = performance.now();
    let bytes;
    view.replaceChildren(text, bar);
    view.hidden = false;
    text.textContent = "Loading the model";
    bar.removeAttribute("value");
    onState("loading", "loading");
    try {
      const model = await load(url, {
        signal,
        onProgress(progress) {
          bytes = progress.loaded;
          if (!signal.aborted) showProgress(progress);
        },
      });
      if (signal.aborted) return model.dispose();
      view.hidden = true;
      onReady(model, { bytes, ms: performance.now() - began });
      onState("ready", "ready");
    } catch (error) {
      if (signal.aborted) return;
      view.replaceChildren(failure("The model could not be loaded", error, start));
      onState("failed", "not loaded");
    } finally {
      attempt = undefined;
    }
  }

  return {
    /** Loads, unless it has begun to. */
    start: () => void (begun || start()),
    stop: () => attempt?.abort(),
  };
}

/**
 * @param {string} title
 * @param {any} error with `code` and `message`, both possibly missing
 * @param {() => void} retry
 */
function failure(title, error, retry) {
  const make = (/** @type {string} */ tag, /** @type {object} */ props) =>
    Object.assign(document.createElement(tag), props);
  const panel = make("div", { className: "notice", role: "alert" });
  const reason = make("p", {});
  reason.append(
    make("code", { textContent: error?.code ?? error?.name ?? "error" }),
    ` ${error?.message ?? error}`,
  );
  const button = make("button", { type: "button", className: "button", textContent: "Try again" });
  button.dataset.testid = "retry";
  button.addEventListener("click", () => {
    // The button goes; without this the keyboard would start over at the top.
    panel.closest("[role=tabpanel]").focus();
    retry();
  });
  panel.append(make("p", { className: "notice-title", textContent: title }), reason, button);
  return panel;
}

/** What `model.info()` tells, in the header. Every field may be missing. */
import { byteCount, duration, percent } from "./format.js";

/**
 * @param {HTMLElement} list a `dl` whose `dd` name their fact in `data-fact`
 * @param {any} info undefined until the model is loaded
 * @param {import("./loader.js").Loaded | undefined} loaded
 */
export function showFacts(list, info, loaded) {
  const { features, labels, metadata = {} } = info ?? {};
  const values = {
    name: join(" ", info?.name, metadata?.model_version),
    engine: join(" ", info?.engine),
    shape: join(" → ", count(features, "feature"), count(labels, "class", "classes")),
    accuracy: typeof metadata?.accuracy === "number" && percent(metadata.accuracy),
    trained: join(", ", day(metadata?.training_date), metadata?.framework),
    loaded: loaded && join(" in ", loaded.bytes && byteCount(loaded.bytes), duration(loaded.ms)),
  };
  for (const cell of list.querySelectorAll("dd")) {
    cell.textContent = values[cell.dataset.fact] || "–";
  }
}

const join = (/** @type {string} */ by, /** @type {any[]} */ ...parts) =>
  parts.filter((part) => typeof part === "string" && part).join(by);

const count = (/** @type {unknown} */ list, one = "", many = `${one}s`) =>
  Array.isArray(list) && list.length > 0 && `${list.length} ${list.length === 1 ? one : many}`;


/** An ISO date without its time. */
const day = (/** @type {unknown} */ date) => typeof date === "string" && date.split("T")[0];

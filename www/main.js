/** Joins the tabs to their demos, and the open demo to status and facts. */
import { createDigitDemo } from "./digit.js";
import { showFacts } from "./facts.js";
import { createIrisDemo } from "./iris.js";
import { connectCopyButtons } from "./snippets.js";
import { createTabs } from "./tabs.js";

const status = document.getElementById("status");
const facts = document.getElementById("facts");

/** @type {string} */
let open;
const show = () => {
  const { state, text, info, loaded } = demos[open].status();
  status.dataset.state = state;
  status.querySelector("[data-testid=status]").textContent = text;
  showFacts(facts, info, loaded);
};

const demos = {
  iris: createIrisDemo(document.getElementById("panel-iris"), show),
  digit: createDigitDemo(document.getElementById("panel-digit"), show),
};

connectCopyButtons(document);
createTabs(document.querySelector("[role=tablist]"), (name) => {
  open = name;
  demos[name].open();
  show();
});

// A page that may come back from the browser's cache keeps its models.
addEventListener("pagehide", (event) => {
  if (!event.persisted) Object.values(demos).forEach((demo) => demo.close());
});

/** The iris tab: four sliders in, three probabilities out. */
import { createBars } from "./bars.js";
import { createDemo } from "./demo.js";
import { drawFlower } from "./iris-flower.js";
import { showSnippets } from "./snippets.js";

const SPECIES = ["setosa", "versicolor", "virginica"];

/**
 * @param {HTMLElement} panel
 * @param {() => void} onStatus
 */
export function createIrisDemo(panel, onStatus) {
  /** @type {HTMLInputElement[]} */
  const sliders = [...panel.querySelectorAll("input[type=range]")];
  const flower = panel.querySelector(".flower");
  const bars = createBars(panel.querySelector(".bars"), "iris-bar", SPECIES);
  const features = () => sliders.map((slider) => slider.valueAsNumber);

  const demo = createDemo({
    panel,
    model: "iris-forest.edge",
    onStatus,
    onReady: (info) => bars.rename(info?.labels ?? SPECIES),
    onResult(result, input) {
      bars.update(result.probabilities);
      showSnippets(panel, input, result);
    },
  });

  function changed() {
    for (const slider of sliders) {
      const reading = `${slider.valueAsNumber.toFixed(1)} cm`;
      slider.setAttribute("aria-valuetext", reading);
      slider.parentElement.querySelector(".reading").textContent = reading;
      const share = (slider.valueAsNumber - +slider.min) / (+slider.max - +slider.min);
      slider.style.setProperty("--share", String(share));
    }
    drawFlower(flower, features());
    showSnippets(panel, features());
    demo.predict(features());
  }

  panel.querySelector(".sliders").addEventListener("input", changed);
  panel.querySelector(".presets").addEventListener("click", (event) => {
    const { values } = event.target.dataset;
    if (!values) return;
    values.split(" ").forEach((/** @type {string} */ value, /** @type {number} */ i) => {
      sliders[i].value = value;
    });
    changed();
  });

  bars.update(undefined);
  changed();
  return demo;
}

/** A list of horizontal bars, one per class. */
import { percent } from "./format.js";

/**
 * @param {HTMLElement} list
 * @param {string} prefix of each bar's `data-testid`
 * @param {string[]} labels
 */
export function createBars(list, prefix, labels) {
  const bars = labels.map((label, i) => {
    const row = document.createElement("li");
    row.className = "bar";
    row.dataset.testid = `${prefix}-${i}`;
    const [name, track, value] = ["bar-label", "bar-track", "bar-value"].map((className) =>
      row.appendChild(Object.assign(document.createElement("span"), { className })),
    );
    const fill = track.appendChild(document.createElement("span"));
    fill.className = "bar-fill";
    name.textContent = label;
    return { row, name, fill, value };
  });
  list.replaceChildren(...bars.map(({ row }) => row));

  return {
    rename(/** @type {string[]} */ names) {
      bars.forEach(({ name }, i) => (name.textContent = names[i] ?? name.textContent));
    },
    /** @param {ArrayLike<number> | undefined} probabilities undefined empties the bars */
    update(probabilities) {
      const highest = probabilities ? Math.max(...Array.from(probabilities)) : undefined;
      bars.forEach(({ row, fill, value }, i) => {
        const share = probabilities?.[i] ?? 0;
        row.dataset.value = String(share);
        row.classList.toggle("leading", share === highest);
        fill.style.setProperty("--share", String(share));
        value.textContent = probabilities ? percent(share) : "";
      });
    },
  };
}

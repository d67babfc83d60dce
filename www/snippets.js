/** The calls that give the same answer elsewhere, and buttons that copy them. */
import { announce } from "./announce.js";

/**
 * @param {HTMLElement} panel
 * @param {number[]} features
 * @param {any} [result] undefined while it is not known
 */
export function showSnippets(panel, features, result) {
  panel.querySelector("#iris-js").textContent = [
    `import { load } from "edgeinfer";`,
    ``,
    `const model = await load(`,
    `  new URL("models/iris-forest.edge", document.baseURI),`,
    `);`,
    `await model.predict([${features.join(", ")}]);`,
    result ? `// ${summary(result)}` : `//`,
  ].join("\n");
  panel.querySelector("#iris-curl").textContent = [
    `curl -s ${location.origin}/predict \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '{"features":[${features.join(",")}]}'`,
  ].join("\n");
}

const summary = (/** @type {any} */ { label, confidence }) =>
  `{ label: ${JSON.stringify(label)}, confidence: ${+Number(confidence).toFixed(3)}, … }`;

/** @param {ParentNode} root whose buttons name in `data-copy` what they copy */
export function connectCopyButtons(root) {
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = root.querySelectorAll("[data-copy]");
  for (const button of buttons) {
    const source = document.getElementById(button.dataset.copy);
    button.addEventListener("click", async () => {
      const done = await copy(source);
      button.textContent = done ? "Copied" : "Selected";
      announce(done ? "Copied" : "Selected, ready to copy", "actions");
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
  }
}

/** Without a secure context there is no clipboard: then the text is selected. */
async function copy(/** @type {HTMLElement} */ source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    return false;
  }
}

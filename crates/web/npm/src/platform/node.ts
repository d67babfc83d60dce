import { readFile } from "node:fs/promises";

import type { Platform } from "../runtime.js";

/** Node, whose `fetch` does not read files. */
export const node: Platform = {
  wasm: (url) => readFile(url),
  readFile: (path, signal) => readFile(path, { signal }),
};

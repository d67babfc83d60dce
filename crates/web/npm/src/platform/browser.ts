import type { Platform } from "../runtime.js";

/** Browsers and workers: everything is fetched. */
export const browser: Platform = { wasm: (url) => url };

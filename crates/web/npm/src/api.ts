/** What every entry exports beside its `load`. */
export { EdgeInferError } from "./error.js";
export type { ErrorCode } from "./error.js";
export type { LoadOptions, Progress, Source } from "./load.js";
export { Model } from "./model.js";
export type * from "./types.js";

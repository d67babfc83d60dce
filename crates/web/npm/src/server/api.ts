/** What every entry of the server exports beside its `createHandler`. */
export { EdgeInferError } from "../error.js";
export type { ErrorCode } from "../error.js";
export type { Source } from "../load.js";
export type { Handler, HandlerOptions } from "./handler.js";
export type { ModelSource, Versions } from "./models.js";
export type { Store } from "./store.js";

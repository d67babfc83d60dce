import { node } from "../platform/node.js";
import { handlerOn } from "./handler.js";
import type { Handler, HandlerOptions } from "./handler.js";

export * from "./api.js";

/** As in `index.ts`. */
export function createHandler<Context extends unknown[] = unknown[]>(
  options: HandlerOptions<Context>,
): Handler<Context> {
  return handlerOn(node, options);
}

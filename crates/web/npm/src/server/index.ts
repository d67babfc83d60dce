/**
 * Serve compiled models: the HTTP API as a function from `Request` to `Response`.
 *
 * ```js
 * import { createHandler } from "edgeinfer/server";
 *
 * const handler = createHandler({ models: { iris: new URL("https://example.com/iris.edge") } });
 * export default { fetch: handler };
 * ```
 *
 * @packageDocumentation
 */
import { browser } from "../platform/browser.js";
import { handlerOn } from "./handler.js";
import type { Handler, HandlerOptions } from "./handler.js";

export * from "./api.js";

/**
 * Makes the HTTP API over compiled models. Nothing happens before the first request,
 * which starts the runtime and reads the models.
 *
 * The handler rejects with an {@link EdgeInferError}: `internal` where the runtime cannot
 * be started, or fails; `invalid_request` where the request's body was read before;
 * `timeout` where the store does not answer. Whatever else is wrong, with a request, a model or the
 * configuration, is an answer with its reason; a model that could not be read is
 * tried again after some seconds.
 *
 * @throws {@link EdgeInferError} `invalid_request` when the options are not of their form.
 */
export function createHandler<Context extends unknown[] = unknown[]>(
  options: HandlerOptions<Context>,
): Handler<Context> {
  return handlerOn(browser, options);
}

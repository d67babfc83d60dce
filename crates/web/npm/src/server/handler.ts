import { EdgeInferError } from "../error.js";
import type { Platform } from "../runtime.js";
import { read } from "./body.js";
import { Calls } from "./calls.js";
import { listed } from "./models.js";
import type { Given } from "./models.js";
import { Services } from "./services.js";
import type { Settings } from "./settings.js";
import type { Call } from "./wasm/edgeinfer_web.js";

/** What a handler answers from, and how. */
export interface HandlerOptions<Context extends unknown[] = unknown[]> extends Given, Settings {
  /**
   * The client's address, as the platform tells it: it gets what the handler is
   * called with. Without it rates are one for all, and `/metrics` and what loads and
   * unloads models need keys of their own.
   */
  peer?: ((request: Request, ...context: Context) => string | null | undefined) | undefined;
}

/** The HTTP API. What comes after the request is for `peer`. */
export type Handler<Context extends unknown[] = unknown[]> = (
  request: Request,
  ...context: Context
) => Promise<Response>;

/** @internal */
export function handlerOn<Context extends unknown[]>(
  platform: Platform,
  options: HandlerOptions<Context>,
): Handler<Context> {
  const services = new Services(platform, listed(options), options);
  const calls = new Calls();
  return async (request, ...context) => {
    const running = await services.get();
    const { service, bridge } = running;
    const body = await read(request, service.bodyBytes());
    const peer = options.peer?.(request, ...context) ?? undefined;
    try {
      const call = service.handle(request.method, request.url, lines(request.headers), body, peer);
      await calls.answer(call, bridge);
      return response(call);
    } catch (cause) {
      if (cause instanceof EdgeInferError) throw cause;
      // What it was doing may be half done for ever.
      services.forget(running);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EdgeInferError("internal", `the runtime failed (${reason}); please report this`, { cause });
    }
  };
}

/** A line for each name and one for its value. */
function lines(headers: Headers): string {
  let text = "";
  headers.forEach((value, name) => {
    text += `${name}\n${value}\n`;
  });
  return text;
}

/** The answer of `call`, which ends with that. */
function response(call: Call): Response {
  const headers = new Headers();
  const lines = call.headers().split("\n");
  for (let i = 0; i + 1 < lines.length; i += 2) headers.append(lines[i] as string, lines[i + 1] as string);
  const body = call.body() as Uint8Array<ArrayBuffer>;
  const status = call.status();
  call.free();
  // Some statuses may have no body, not even an empty one.
  return new Response(body.length === 0 ? null : body, { status, headers });
}

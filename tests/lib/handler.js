// @ts-check
/** `edgeinfer/server` behind a server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { edgeinfer, modules } from "./package.js";
import { serve } from "./server.js";

/**
 * Serves what `createHandler` makes of `options` with Node's server, as the README does.
 * @param {Record<string, any>} options
 */
export async function serving(options) {
  const { createHandler } = await edgeinfer("edgeinfer/server");
  const handler = createHandler({ peer: (/** @type {Request} */ _, /** @type {string} */ address) => address, ...options });
  return serve(async (incoming, outgoing) => {
    const { method, headers, url, socket } = incoming;
    const hasBody = method !== "GET" && method !== "HEAD";
    const body = hasBody ? incoming.iterator({ destroyOnReturn: false }) : null;
    const parts = /** @type {any} */ ({ method, headers, body, duplex: "half" });
    const response = await handler(new Request(`http://${headers.host}${url}`, parts), socket.remoteAddress);
    if (!incoming.complete) outgoing.setHeader("connection", "close");
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(new Uint8Array(await response.arrayBuffer()));
  });
}

/** The code blocks of the package's README in the language that are `pattern`. @param {string} language @param {RegExp} pattern */
export async function readmeBlock(language, pattern) {
  const readme = readFileSync(join(await modules(), "..", "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```(\w+)\n(.*?)```/gs)];
  const found = blocks.find(([, of, code]) => of === language && pattern.test(code));
  if (!found) throw new Error(`the README has no ${language} that is ${pattern}`);
  return found[2];
}

// @ts-check
/** HTTP servers on a free port of loopback. */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { after } from "node:test";

/** @typedef {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => unknown} Handler */

/**
 * Starts a server that ends with the tests of the file.
 * @param {Handler} handler
 * @returns {Promise<string>} its origin
 */
export async function serve(handler) {
  const server = createServer(async (request, response) => {
    try {
      await handler(request, response);
    } catch (error) {
      response.destroy(/** @type {Error} */ (error));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}

const TYPES = {
  ".css": "text/css",
  ".edge": "application/octet-stream",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * A handler that serves files: those of a folder under each path, and those
 * given as text. A path without an extension is a page.
 * @param {Record<string, string>} folders by the path that they are under, such as `/pkg/`
 * @param {{ texts?: Record<string, string>, headers?: Record<string, string> }} [options]
 * @returns {Handler}
 */
export function files(folders, { texts = {}, headers = {} } = {}) {
  return async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const body = texts[path] ?? (await readBelow(folders, path));
    if (body === undefined) return response.writeHead(404).end();
    const type = TYPES[extname(path) || ".html"] ?? "application/octet-stream";
    response.writeHead(200, { ...headers, "content-type": type }).end(body);
  };
}

/** @param {Record<string, string>} folders @param {string} path */
async function readBelow(folders, path) {
  for (const [prefix, folder] of Object.entries(folders)) {
    if (!path.startsWith(prefix)) continue;
    // Normalised as an absolute path, so that it stays within the folder.
    const below = normalize(`/${path.slice(prefix.length)}`);
    const body = await readFile(join(folder, below.endsWith("/") ? `${below}index.html` : below)).catch(() => undefined);
    if (body) return body;
  }
  return undefined;
}

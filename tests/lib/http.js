// @ts-check
/** Raw HTTP: what is sent is what is given, with no header of the client's own choice. */
import { request as start } from "node:http";

/**
 * @typedef {object} Request
 * @property {string} [method]
 * @property {string} [path] sent as it is
 * @property {Record<string, string>} [headers]
 * @property {string | Buffer} [body]
 * @property {import("node:http").Agent} [agent] a connection of its own without one
 */

/**
 * Sends a request and reads the whole answer.
 *
 * A server may answer before it has read the whole body: what becomes of the
 * rest is no failure then.
 * @param {string} origin
 * @param {Request} [request]
 */
export function request(origin, { method = "GET", path = "/", headers = {}, body, agent } = {}) {
  const { hostname, port } = new URL(origin);
  return new Promise((/** @type {(answer: ReturnType<typeof answer>) => void} */ resolve, reject) => {
    const sent = start({ hostname, port, method, path, headers, agent: agent ?? false });
    sent.on("response", (response) => {
      response.toArray().then((chunks) => resolve(answer(response, Buffer.concat(chunks))), reject);
    });
    // After the response this has no effect.
    sent.on("error", reject);
    sent.end(body);
  });
}

/** @param {import("node:http").IncomingMessage} response @param {Buffer} body */
function answer({ statusCode: status, headers }, body) {
  return { status, headers, body, text: () => body.toString(), json: () => JSON.parse(body.toString()) };
}

/**
 * @param {string} origin @param {string} path
 * @param {unknown} value the body, as JSON
 * @param {Omit<Request, "body">} [options]
 */
export function post(origin, path, value, { headers, ...options } = {}) {
  return request(origin, {
    method: "POST",
    path,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
    ...options,
  });
}

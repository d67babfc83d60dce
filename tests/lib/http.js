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
 * @property {boolean} [early] the server may answer and close before it has read the whole body
 */

/** How often a request is sent whose answer is lost. */
const ATTEMPTS = 5;

/**
 * Sends a request and reads the whole answer.
 * @param {string} origin
 * @param {Request} [request]
 */
export async function request(origin, request = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(origin, request);
    } catch (error) {
      // Who still writes when the server closes may lose the answer that came
      // before (RFC 9112, section 9.6): only sending again tells.
      const isLost = ["EPIPE", "ECONNRESET"].includes(/** @type {any} */ (error).code);
      if (!(request.early && isLost && attempt < ATTEMPTS)) throw error;
    }
  }
}

/** @param {string} origin @param {Request} request */
function send(origin, { method = "GET", path = "/", headers = {}, body, agent }) {
  const { hostname, port } = new URL(origin);
  return new Promise((/** @type {(answer: ReturnType<typeof answerOf>) => void} */ resolve, reject) => {
    const sent = start({ hostname, port, method, path, headers, agent: agent ?? false });
    sent.on("error", reject);
    sent.on("response", (response) => {
      // What becomes of the rest of the body is no failure from now on.
      sent.off("error", reject).on("error", () => {});
      response.toArray().then((chunks) => resolve(answerOf(response, Buffer.concat(chunks))), reject);
    });
    sent.end(body);
  });
}

/** @param {import("node:http").IncomingMessage} response @param {Buffer} body */
function answerOf({ statusCode: status, headers }, body) {
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

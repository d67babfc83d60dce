// A client of HTTP/1.1 with one connection that costs next to nothing itself.
import { connect } from "node:net";

/** Connects to `origin`; `send` sends the same request again, and gives the answer. */
export async function client(origin, path, body) {
  const { hostname, port, host } = new URL(origin);
  const head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const request = Buffer.from(head + body);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let received = Buffer.alloc(0);
  let arrived = () => {};
  socket.on("data", (chunk) => {
    received = received.length ? Buffer.concat([received, chunk]) : chunk;
    const answer = complete(received);
    if (!answer) return;
    received = received.subarray(answer.length);
    arrived(answer);
  });
  const send = () =>
    new Promise((resolve) => {
      arrived = resolve;
      socket.write(request);
    });
  return { send, end: () => socket.destroy() };
}

/** The answer that begins `bytes`, where all of it is there. */
function complete(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const length = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error(`an answer without its length:\n${head}`);
  if (bytes.length < length) return undefined;
  return { head, length, body: bytes.toString("utf8", end + 4, length) };
}

import { EdgeInferError } from "../error.js";
import { concatenate } from "../load.js";

/**
 * The body of `request`. Of one that is longer than `limit` bytes, no more is read than
 * shows that. Rejects as the body does where it breaks off.
 */
export async function read(request: Request, limit: number): Promise<Uint8Array> {
  const { body } = request;
  if (request.bodyUsed || body?.locked) {
    throw new EdgeInferError("invalid_request", "the request's body was read already; give the handler a clone of it");
  }
  if (body === null) return new Uint8Array();
  // Servers see to it that a body is as long as it says, and reading it at once is faster.
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) <= limit) return new Uint8Array(await request.arrayBuffer());
  return upTo(body.getReader(), limit);
}

async function upTo(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatenate(chunks, length);
    chunks.push(value);
    length += value.length;
    if (length > limit) {
      reader.cancel().catch(() => undefined);
      return concatenate(chunks, length);
    }
  }
}

import { EdgeInferError } from "../error.js";
import type { Bridge } from "./store.js";
import type { Call } from "./wasm/edgeinfer_web.js";

/**
 * How long a call may wait for a store, in milliseconds. A worker may drop what it did for
 * a request whose client went away, and would never come back to its call.
 */
const PATIENCE = 30_000;

/** The calls that wait for a store, and since when, the longest first. */
export class Calls {
  readonly #waiting = new Map<Call, number>();

  /** Goes on with `call` until its answer is there. */
  async answer(call: Call, bridge: Bridge | undefined): Promise<void> {
    if (call.poll()) return;
    if (bridge === undefined) throw new Error("it waits, and there is no store");
    this.#leave();
    this.#waiting.set(call, Date.now());
    do {
      await bridge.settled();
      if (!this.#waiting.has(call)) throw new EdgeInferError("timeout", `the store took longer than ${PATIENCE} ms`);
    } while (!call.poll());
    this.#waiting.delete(call);
  }

  /** Ends the calls that have waited for too long. */
  #leave(): void {
    for (const [call, since] of this.#waiting) {
      if (Date.now() - since <= PATIENCE) return;
      this.#waiting.delete(call);
      call.free();
    }
  }
}

/** Which build of the runtime a compiled model needs, told by the first bytes of its file. */
import { Runtime } from "./runtime.js";
import * as classicGlue from "./wasm/edgeinfer_web.js";
import * as networksGlue from "./wasm/networks/edgeinfer_web.js";

/** Where a file says what it needs, little-endian; bit 0 stands for the operators of networks. */
const NEEDS = 40;
const NETWORKS = 1;

/** A module of one function, which multiplies and adds as relaxed SIMD does. */
const RELAXED = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11],
);

/** Operators of classic models. */
const classic = new Runtime(classicGlue, () => new URL("./wasm/edgeinfer_web_bg.wasm", import.meta.url));

/** All operators; an engine without relaxed SIMD refuses a module that has it. */
const networks: typeof classic = new Runtime(networksGlue, () =>
  WebAssembly.validate(RELAXED)
    ? new URL("./wasm/networks/relaxed.wasm", import.meta.url)
    : new URL("./wasm/networks/edgeinfer_web_bg.wasm", import.meta.url),
);

/** The build for a file that begins with `head`. What is no model has none: any build says so. */
export function buildFor(head: Uint8Array): typeof classic {
  return ((head[NEEDS] ?? 0) & NETWORKS) === 0 ? classic : networks;
}

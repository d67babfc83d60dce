/** The runtime of `edgeinfer/server`, for platforms on which a wasm is imported. */
declare const module: object;
export default module;

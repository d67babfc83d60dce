/**
 * What went wrong, as a stable name.
 *
 * The list is the runtime's; the HTTP API gives the same names.
 */
export type ErrorCode =
  | "malformed_request"
  | "not_found"
  | "method_not_allowed"
  | "payload_too_large"
  | "unsupported_media_type"
  | "not_acceptable"
  | "unauthorized"
  | "forbidden"
  | "rate_limited"
  | "invalid_request"
  | "missing_feature"
  | "unknown_feature"
  | "feature_count"
  | "feature_type"
  | "not_finite"
  | "empty_batch"
  | "invalid_tensor"
  | "invalid_model"
  | "unsupported_version"
  | "unsupported_model"
  | "model_unavailable"
  | "inference_failed"
  | "timeout"
  | "internal";

/** Every failure of this package but an abort, which throws the signal's reason. */
export class EdgeInferError extends Error {
  override readonly name = "EdgeInferError";
  /** What went wrong. */
  readonly code: ErrorCode;
  /** The feature, row, input or node at fault, for example `features[2]`. */
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { field?: string | undefined } = {}) {
    super(options.field === undefined ? message : `${options.field}: ${message}`, options);
    this.code = code;
    this.field = options.field;
  }
}

/** What the wasm throws. */
interface Thrown {
  code: ErrorCode;
  message: string;
  field: string | null;
}

/** Runs `call`, which enters the wasm, with its failures as {@link EdgeInferError}. */
export function entering<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw fromWasm(cause);
  }
}

function fromWasm(cause: unknown): EdgeInferError {
  if (isThrown(cause)) {
    return new EdgeInferError(cause.code, cause.message, { field: cause.field ?? undefined });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new EdgeInferError("internal", `the runtime failed (${message}); load the model again, and please report this`, {
    cause,
  });
}

function isThrown(value: unknown): value is Thrown {
  return typeof value === "object" && value !== null && "code" in value && "message" in value && "field" in value;
}

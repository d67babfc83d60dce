import { EdgeInferError } from "../error.js";
import type { Source } from "../load.js";

/** Where a model is, its bytes, or what gives either when it is needed. */
export type ModelSource = Source | (() => Source | Promise<Source>);

/** Versions of one model, by what they are called. */
export type Versions = Readonly<Record<string, ModelSource>>;

/** The models of a handler: one of the two. */
export interface Given {
  /** The one model, which is called `model`. */
  model?: ModelSource | undefined;
  /** The models by name; the first is the one that is meant where none is named. */
  models?: Readonly<Record<string, ModelSource | Versions>> | undefined;
}

/** One version of one model. */
export interface Listed {
  name: string;
  version: string;
  source: ModelSource;
}

/** The version of a model that has one alone. */
const FIRST_VERSION = "1";

const SOURCE = "an address, a Request, a Response, bytes, or a function that gives one of them";

/**
 * The models that are given.
 *
 * @throws {@link EdgeInferError} `invalid_request` for what is no source.
 */
export function listed({ model, models }: Given): Listed[] {
  if ((model === undefined) === (models === undefined)) {
    throw new EdgeInferError("invalid_request", "expected one of `model` and `models`", { field: "models" });
  }
  if (model !== undefined) return [one("model", FIRST_VERSION, model, "model")];
  return entries(models, "models").flatMap(([name, given]) => {
    const field = `models.${name}`;
    if (isSource(given)) return [one(name, FIRST_VERSION, given, field)];
    return entries(given, field).map(([version, source]) => one(name, version, source, `${field}.${version}`));
  });
}

/** What an object holds by name. */
function entries<T>(object: Readonly<Record<string, T>> | undefined, field: string): [string, T][] {
  if (typeof object === "object" && object !== null && !Array.isArray(object)) return Object.entries(object);
  throw new EdgeInferError("invalid_request", `expected ${SOURCE}, or an object of them by name`, { field });
}

function one(name: string, version: string, source: ModelSource, field: string): Listed {
  if (isSource(source)) return { name, version, source };
  throw new EdgeInferError("invalid_request", `expected ${SOURCE}`, { field });
}

function isSource(given: ModelSource | Versions): given is ModelSource {
  if (typeof given === "string" || typeof given === "function") return true;
  return [URL, Request, Response, ArrayBuffer, Uint8Array].some((kind) => given instanceof kind);
}

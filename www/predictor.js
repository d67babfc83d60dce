/**
 * Predicts the newest input, one at a time: of what comes while a prediction
 * runs, only the last is predicted. Once inputs rest, the last prediction is
 * timed.
 * @param {object} options
 * @param {(result: any, input: number[]) => void} options.onResult
 * @param {(timing: Timing) => void} options.onTiming
 * @param {(error: any) => void} options.onError
 *
 * @typedef {{ ms: number, runs: number }} Timing mean of so many runs
 */
export function createPredictor({ onResult, onTiming, onError }) {
  /** @type {any} */
  let model;
  /** @type {number[] | undefined} */
  let next;
  let busy = false;
  let cancelled = false;
  let rest = 0;

  async function drain() {
    if (busy || !model) return;
    busy = true;
    while (next) {
      const input = next;
      next = undefined;
      try {
        const result = await model.predict(input);
        if (!cancelled) onResult(result, input);
      } catch (error) {
        if (!cancelled) onError(error);
      }
      clearTimeout(rest);
      if (!cancelled) rest = setTimeout(time, REST_MS, input);
    }
    busy = false;
  }

  async function time(/** @type {number[]} */ input) {
    const stale = () => cancelled || busy;
    const timing = await measure(model, input, stale).catch(() => undefined);
    if (timing && !stale()) onTiming(timing);
  }

  return {
    /** From now on this model answers; an input that waits is predicted. */
    use(/** @type {any} */ loaded) {
      model = loaded;
      drain();
    },
    predict(/** @type {number[]} */ input) {
      cancelled = false;
      clearTimeout(rest);
      next = input;
      drain();
    },
    /** Nothing is reported any more until the next input. */
    cancel() {
      cancelled = true;
      clearTimeout(rest);
      next = undefined;
    },
  };
}

const REST_MS = 200;
const BUDGET_MS = 10;
const MAX_RUNS = 200;

/**
 * Browsers round their clock, often to 100 µs: a short prediction is repeated
 * until enough time has passed to divide it.
 * @param {any} model
 * @param {number[]} input
 * @param {() => boolean} stale
 * @returns {Promise<Timing | undefined>}
 */
async function measure(model, input, stale) {
  const began = performance.now();
  let ms = 0;
  let runs = 0;
  while (ms < BUDGET_MS && runs < MAX_RUNS) {
    if (stale()) return undefined;
    await model.predict(input);
    runs += 1;
    ms = performance.now() - began;
  }
  return { ms: ms / runs, runs };
}

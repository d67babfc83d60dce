/**
 * Speaks to screen readers in two voices: `results` change with every move of
 * a slider or pen and are spoken once they rest; `actions` answer one key or
 * button and are spoken almost at once.
 */

const REST_MS = { results: 800, actions: 100 };
/** @type {Record<string, number>} */
const timers = {};

/**
 * A later message replaces an earlier one of its voice that was not spoken yet.
 * @param {string} text
 * @param {"results" | "actions"} voice
 */
export function announce(text, voice) {
  clearTimeout(timers[voice]);
  timers[voice] = setTimeout(() => {
    document.getElementById(`live-${voice}`).textContent = text;
  }, REST_MS[voice]);
}

/** Numbers as people read them. */

/** @param {number} share 0..1 */
export const percent = (share) => `${(share * 100).toFixed(1)}\u00a0%`;

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1) return `${significant(ms * 1000)} µs`;
  return ms < 1000 ? `${significant(ms)} ms` : `${significant(ms / 1000)} s`;
}

/** @param {number} bytes */
export function byteCount(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${significant(bytes / 1e3)} kB` : `${significant(bytes / 1e6)} MB`;
}

/** Two digits at least, no false ones. @param {number} value */
const significant = (value) => (value < 10 ? value.toFixed(1) : Math.round(value).toString());

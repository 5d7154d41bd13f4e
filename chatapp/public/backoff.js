/**
 * How long to wait before trying again: exponential, with full jitter, so that ten
 * thousand pages that lost one server do not all come back in the same second.
 *
 * Source: Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
 */

const FIRST = 1_000;
const CAP = 15_000;
/** Even the luckiest draw leaves the server this long, and the reader time to see it. */
const FLOOR = 400;
const LONGEST = 60_000;

/**
 * @param {number} failures in a row, 1 or more
 * @param {number} [atLeast] milliseconds that the server asked for; a minute at most is granted
 * @returns {number} milliseconds
 */
export function backoff(failures, atLeast = 0) {
  const ceiling = Math.min(CAP, FIRST * 2 ** (failures - 1));
  return Math.max(FLOOR, Math.min(LONGEST, atLeast)) + Math.random() * (ceiling - FLOOR);
}

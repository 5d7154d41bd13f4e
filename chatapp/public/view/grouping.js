/**
 * Where a message stands: whether a day begins with it, and whether its sender goes on speaking.
 *
 * @typedef {import("../pull.js").Message & { removes?: number }} Message
 */

/** A sender who speaks again within this many microseconds gets no second byline. */
const BREATH = 5 * 60 * 1_000_000;

/**
 * @param {Message} message
 * @returns {Date} when the room took it
 */
export function dateOf(message) {
  return new Date(message.time / 1_000);
}

/**
 * @param {Date} date
 * @returns {string} the day of the reader's calendar, as `2026-11-21`
 */
export function dayOf(date) {
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day}`;
}

/**
 * @param {Message | null} before what stands above it
 * @param {Message} message
 * @returns {{ newDay: boolean, again: boolean }}
 */
export function placeOf(before, message) {
  const newDay = !before || dayOf(dateOf(before)) !== dayOf(dateOf(message));
  const again =
    !newDay &&
    said(before) &&
    said(message) &&
    before.sender === message.sender &&
    message.time - before.time < BREATH;
  return { newDay, again };
}

/**
 * @param {Message} message
 * @returns {boolean} whether somebody says or said it; else it is a line of its own
 */
export function said({ kind }) {
  return kind === "say" || kind === "removed";
}

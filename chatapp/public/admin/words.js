/** Times, spans and numbers as people read them, and what is said to them. */

import { byId, make } from "../dom.js";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dated = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const whole = new Intl.NumberFormat();

/** Milliseconds for which something said can be read. */
const READ = 8_000;

/** Seconds. @type {[number, string][]} */
const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

let cleared = 0;

/** @param {string} text is shown, and read out, without taking the focus */
export function say(text) {
  const place = byId("said", HTMLElement);
  place.textContent = text;
  clearTimeout(cleared);
  cleared = setTimeout(() => (place.textContent = ""), READ);
}

/** @param {number} number */
export const count = (number) => whole.format(number);

/**
 * @param {number} number
 * @param {string} one
 * @param {string} [several]
 */
export const counted = (number, one, several = `${one}s`) => `${count(number)} ${number === 1 ? one : several}`;

/** @returns {string} this moment */
export const now = () => clock.format(Date.now());

/**
 * @param {number} micros since 1970
 * @returns {string} ISO 8601 in UTC, to the microsecond
 */
function exactly(micros) {
  const rest = String(micros % 1_000_000).padStart(6, "0");
  return `${new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, -5)}.${rest}Z`;
}

/**
 * @param {number} micros since 1970
 * @returns {HTMLTimeElement} in the reader's zone
 */
export function moment(micros) {
  const element = make("time", "", dated.format(micros / 1000));
  element.dateTime = element.title = exactly(micros);
  return element;
}

/**
 * @param {number} seconds
 * @returns {string} its two greatest units
 */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const at = UNITS.findIndex(([size]) => s >= size);
  if (at < 0) return "0 s";
  const [[size, name], [smaller, less] = [1, ""]] = UNITS.slice(at);
  const rest = Math.floor((s % size) / smaller);
  return `${Math.floor(s / size)} ${name}${rest ? ` ${rest} ${less}` : ""}`;
}

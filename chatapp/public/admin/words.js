/** Times, spans and numbers as people read them, and what is said to them. */

import { byId, make } from "../dom.js";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dated = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const whole = new Intl.NumberFormat();

/** Milliseconds for which something said can be read. */
const READ = 8_000;

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
export function exactly(micros) {
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
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86_400)} d ${two(Math.floor((s % 86_400) / 3600))} h`;
}

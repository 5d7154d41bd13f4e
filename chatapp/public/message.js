/** One message, notice or day as it stands in the log. */

import { make } from "./dom.js";

/** @typedef {import("./pull.js").Message} Message */

const HUES = 10;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat("en-GB", { dateStyle: "full" });
const letters = new Intl.Segmenter();

/**
 * @param {Message} message
 * @returns {Date} when the room took it
 */
export function dateOf(message) {
  return new Date(message.time / 1_000);
}

/**
 * @param {Message} message
 * @param {{ own: boolean, again: boolean }} how `again`: the sender goes on speaking, and
 *   only a screen reader is told once more who and when
 * @returns {HTMLElement}
 */
export function messageElement(message, { own, again }) {
  const { sender, text } = message;
  const name = make("bdi", "sender", sender);
  const byline = make("p", "byline", name, own ? " (you) " : " ", timeElement(dateOf(message)));
  if (again) byline.classList.add("visually-hidden");
  const words = make("p", "text", text);
  words.dir = "auto";

  const element = make("div", "message", byline, words);
  element.classList.toggle("own", own);
  element.classList.toggle("again", again);
  element.dataset.hue = String(hueOf(sender));
  if (!own && !again) element.prepend(avatar(sender));
  return element;
}

/**
 * @param {string} text
 * @param {string} kind
 * @returns {HTMLElement} a line of its own
 */
export function noticeElement(text, kind) {
  const element = make("p", "notice", text);
  if (/^[a-z]+$/.test(kind)) element.classList.add(kind);
  element.dir = "auto";
  return element;
}

/**
 * @param {Date} date
 * @returns {HTMLElement} stands where a new day begins
 */
export function dayElement(date) {
  const time = make("time", "", calendar.format(date));
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0"));
  time.dateTime = `${date.getFullYear()}-${month}-${day}`;
  return make("p", "day", time);
}

/** @param {Date} date */
function timeElement(date) {
  const time = make("time", "", clock.format(date));
  time.dateTime = date.toISOString();
  time.title = moment.format(date);
  return time;
}

/** @param {string} sender */
function avatar(sender) {
  const [first] = letters.segment(sender);
  const element = make("span", "avatar", first?.segment.toUpperCase() ?? "");
  element.setAttribute("aria-hidden", "true");
  return element;
}

/**
 * @param {string} sender
 * @returns {number} the same colour for the same name, in every browser
 */
function hueOf(sender) {
  let hash = 0;
  for (const letter of sender) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash % HUES;
}

/** One message or day as it stands in the log. */

import { make } from "./dom.js";
import { dateOf, dayOf } from "./view/grouping.js";
import { wordsElement } from "./view/words.js";

/** @typedef {import("./view/grouping.js").Message} Message */

const HUES = 10;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat("en-GB", { dateStyle: "full" });
const letters = new Intl.Segmenter();

/**
 * @param {Message} message
 * @param {{ own: boolean, again: boolean }} how `again`: the sender goes on speaking, and
 *   only a screen reader is told once more who and when
 * @returns {HTMLElement}
 */
export function messageElement(message, { own, again }) {
  const { sender, kind, text } = message;
  const name = make("bdi", "sender", sender);
  const byline = make("p", "byline", name, own ? " (you) " : " ", timeElement(dateOf(message)));
  if (again) byline.classList.add("visually-hidden");

  const element = make("div", "message", byline, kind === "removed" ? removedElement() : wordsElement(text));
  element.classList.toggle("own", own);
  element.classList.toggle("again", again);
  element.dataset.hue = String(hueOf(sender));
  if (!own && !again) element.prepend(avatar(sender));
  return element;
}

/**
 * Takes away what was said; its place, its time and its sender stay.
 *
 * @param {HTMLElement} element of a message
 */
export function removeWords(element) {
  element.querySelector(".text")?.replaceWith(removedElement());
}

/**
 * @param {Date} date
 * @returns {HTMLElement} stands where a new day begins
 */
export function dayElement(date) {
  const time = make("time", "", calendar.format(date));
  time.dateTime = dayOf(date);
  return make("p", "day", time);
}

function removedElement() {
  return make("p", "text removed", "message removed");
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

/** Texts as they stand on the page: links can be followed, names keep their direction. */

import { make } from "../dom.js";
import { isEmojiOnly } from "./emoji.js";
import { partsOf } from "./links.js";
import { namesIn } from "./notices.js";

/** @typedef {import("./links.js").Link} Link */

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
export function wordsElement(text) {
  const words = make("p", "text", ...linked(text));
  words.dir = "auto";
  words.classList.toggle("emoji", isEmojiOnly(text));
  return words;
}

/**
 * @param {string} text
 * @param {string} kind
 * @param {string} [sender]
 * @returns {HTMLElement} a line of its own
 */
export function noticeElement(text, kind, sender = "") {
  const parts = namesIn(text, sender).flatMap((part) =>
    typeof part === "string" ? linked(part) : [make("bdi", "name", part.name)],
  );
  const element = make("p", "notice", ...parts);
  if (/^[a-z]+$/.test(kind)) element.classList.add(kind);
  element.dir = "auto";
  return element;
}

/**
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
function linked(text) {
  return partsOf(text).map((part) => (typeof part === "string" ? part : linkElement(part)));
}

/** @param {Link} link */
function linkElement({ href, shown, host }) {
  const link = make("a", "", shown);
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow ugc";
  link.dir = "ltr"; // by itself: its host stands first, whatever is written around it
  if (host) link.dataset.host = host;
  return link;
}

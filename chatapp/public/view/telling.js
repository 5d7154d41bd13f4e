/**
 * What a screen reader is told of new messages: each of a few, and the number of many.
 *
 * @typedef {import("./grouping.js").Message} Message
 */

import { isNews } from "./speech.js";

/** So many are read out, with the whole of their words. */
const FEW = 3;
/** Characters of one message. */
const LONG = 300;

/**
 * @param {Message[]} messages
 * @param {string} me whose own are not told
 * @returns {string[]} a line each
 */
export function toldOf(messages, me) {
  const news = messages.filter((message) => isNews(message, me));
  if (news.length <= FEW) return news.map(lineOf);
  const senders = new Set(news.map(({ sender }) => sender));
  const from = senders.size === 1 ? [...senders][0] : `${senders.size} people`;
  return [`${news.length} new messages from ${from}`];
}

/** @param {Message} message */
function lineOf({ kind, sender, text }) {
  const words = text.length > LONG ? `${text.slice(0, LONG).toWellFormed()} …` : text;
  if (kind === "notice") return words;
  return kind === "wall" ? `To everybody: ${words}` : `${sender}: ${words}`;
}

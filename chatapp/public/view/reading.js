/**
 * What the page asks the room for, beside what the room tells by itself.
 *
 * @typedef {import("./grouping.js").Message} Message
 */

import { ask } from "../transport/ask.js";
import { browser } from "../transport/world.js";

/**
 * @param {number} room
 * @param {number | null} before the number of a message; null: the newest
 * @param {number} limit
 * @returns {Promise<Message[]>} oldest first; rejected if they cannot be had now
 */
export async function messagesOf(room, before, limit) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (before !== null) query.set("before", String(before));
  const { messages } = await ask(browser, `/api/rooms/${room}/messages?${query}`);
  return /** @type {Message[]} */ (messages);
}

/**
 * @param {number} room
 * @returns {Promise<string[]>} who is here
 */
export async function membersOf(room) {
  const { members } = await ask(browser, `/api/rooms/${room}/members`);
  return /** @type {{ name: string }[]} */ (members).map(({ name }) => name);
}

/** One thing to the server, as often as it takes: each may be sent again. */

import { ask } from "./transport/ask.js";

/**
 * @typedef {import("./transport/world.js").World} World
 * @typedef {import("./pull.js").Message} Message
 */

/** How many bytes of UTF-8 a message may have. */
export const LIMIT = 8_192;

/**
 * @param {string} text
 * @returns {number} its length in bytes of UTF-8
 */
export function sizeOf(text) {
  return new TextEncoder().encode(text).length;
}

/**
 * @param {World} world
 * @param {number} room
 * @param {string} text
 * @param {"say" | "notice"} kind a notice is what one does
 * @param {string} nonce by which the same thing is not said twice
 * @returns {Promise<Message>} rejected with Refused or Unreachable
 */
export function say(world, room, text, kind, nonce) {
  return ask(world, `/api/rooms/${room}/messages`, { body: { text, kind, nonce } });
}

/**
 * @param {World} world
 * @param {number} room
 * @param {string} name that one wants; who has it already is told nothing new
 * @returns {Promise<string>} the name in its normal form; rejected with Refused or Unreachable
 */
export async function rename(world, room, name) {
  await ask(world, `/chat/push?room=${room}`, { text: `/nick ${name}` });
  return name.normalize();
}

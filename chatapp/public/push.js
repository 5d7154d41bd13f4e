/** One message to the room, or a command. */

import { detailOf, parse, Unreachable } from "./pull.js";
import { ask } from "./transport/ask.js";

/** @typedef {import("./transport/world.js").World} World */

/** How many bytes of UTF-8 a message may have. */
export const LIMIT = 8_192;
const COMMAND = /^\/(nick( |$)|me \s*\S)/;

/** The message was not said; or, if `doubtful`, its answer was lost and it may have been. */
export class NotSent extends Error {
  /**
   * @param {string} reason for people
   * @param {boolean} [doubtful]
   */
  constructor(reason, doubtful = false) {
    super(reason);
    this.doubtful = doubtful;
  }
}

/**
 * @param {string} text
 * @returns {number} its length in bytes of UTF-8
 */
export function sizeOf(text) {
  return new TextEncoder().encode(text).length;
}

/**
 * @param {string} text
 * @returns {boolean} whether it is done, and not said
 */
export function isCommand(text) {
  return COMMAND.test(text);
}

/**
 * @param {World} world
 * @param {number} room
 * @param {string} text two slashes at its beginning stand for one
 * @param {string} nonce by which the same thing is not said twice
 * @returns {Promise<{ seq: number }>} the message; rejected with Refused or Unreachable
 */
export function say(world, room, text, nonce) {
  const said = text.startsWith("//") ? text.slice(1) : text;
  return ask(world, `/api/rooms/${room}/messages`, { body: { text: said, nonce } });
}

/**
 * A command has no nonce: it is sent once, and whether it was done stays in doubt if the answer
 * is lost.
 *
 * @param {World} world
 * @param {number} room
 * @param {string} text
 * @returns {Promise<string>} one's new name, or nothing; rejected with NotSent
 */
export async function obey(world, room, text) {
  let response;
  let body;
  try {
    response = await world.fetch(world.url(`/chat/push?room=${room}`), {
      method: "POST",
      body: text,
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    body = await response.text();
  } catch {
    throw new NotSent("the server does not answer", true);
  }
  if (response.ok) return text.startsWith("/nick") ? text.slice(5).trim().normalize() : "";
  if (response.status === 503) throw new Unreachable();
  throw new NotSent(detailOf(parse(body)) || `the server has a difficulty (${response.status})`);
}

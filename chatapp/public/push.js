/** One message to the room. */

import { detailOf, parse } from "./pull.js";

/** How many bytes of UTF-8 a message may have. */
export const LIMIT = 8_192;
const PATIENCE = 15_000;

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

/** @type {Record<number, string>} */
const REASONS = {
  400: "the server did not take this text",
  403: "you may not speak here",
  409: "somebody else has taken your name",
  413: "it is too long for the server",
  429: "that was too fast, wait a moment",
};

/**
 * @param {string} text
 * @returns {number} its length in bytes of UTF-8
 */
export function sizeOf(text) {
  return new TextEncoder().encode(text).length;
}

/**
 * @param {string} text
 * @returns {Promise<number>} its seq in the room's log; rejected with NotSent
 */
export async function push(text) {
  let response;
  let body;
  try {
    response = await fetch("/chat/push", {
      method: "POST",
      body: text,
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    body = await response.text();
  } catch {
    throw new NotSent("the server does not answer", true);
  }
  if (response.ok) return Number(/^ok (\d+)/.exec(body)?.[1]);
  const reason = detailOf(parse(body)) || REASONS[response.status];
  throw new NotSent(reason ?? `the server has a difficulty (${response.status})`);
}

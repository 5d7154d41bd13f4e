/** How much is unread in a room, as its lists show it. */

import { make } from "../dom.js";

/**
 * @param {{ unread: number, more: boolean }} entry `more`: than have been counted
 * @returns {HTMLElement[]} nothing where all is read
 */
export function badge({ unread, more }) {
  if (!unread) return [];
  const count = more ? `${unread}+` : String(unread);
  return [make("span", "unread", count, make("span", "visually-hidden", " unread"))];
}

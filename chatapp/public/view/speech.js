/**
 * What people say, among all that a room tells: that is what somebody looks away from, and comes
 * back for. Who comes, goes, or is called otherwise is shown, and counted nowhere.
 *
 * @typedef {import("./grouping.js").Message} Message
 */

import { isDeed } from "./notices.js";

/**
 * @param {Message} message
 * @param {string} me
 * @returns {boolean} whether somebody says it to `me`: one's own words are no news, but for those
 *   to everybody
 */
export function isNews({ kind, sender, text }, me) {
  if (kind === "wall") return true;
  return sender !== me && (kind === "say" || (kind === "notice" && isDeed(text, sender)));
}

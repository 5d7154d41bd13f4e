/**
 * The names in what happens in a room (`bob waves`, `user bob has joined the room`), found so
 * that each can be shown by itself: a name of right-to-left letters turns nothing around it.
 *
 * @typedef {{ name: string }} Name
 */

const USER = "user ";

/**
 * @param {string} text
 * @param {string} sender whom it tells of; the new name, when there is one
 * @returns {(string | Name)[]} put together again, they are the text
 */
export function namesIn(text, sender) {
  const before = nameBefore(text, sender);
  if (before) return [USER, { name: before }, " is now ", { name: sender }];
  for (const start of ["", USER]) {
    if (sender && text.startsWith(`${start}${sender} `)) {
      const rest = text.slice(start.length + sender.length);
      return [...(start ? [start] : []), { name: sender }, rest];
    }
  }
  return [text];
}

/**
 * @param {string} text of a notice
 * @param {string} sender
 * @returns {boolean} whether it tells what somebody does (`/me`)
 */
export function isDeed(text, sender) {
  return text.startsWith(`${sender} `) && !nameBefore(text, sender);
}

/**
 * @param {string} text
 * @param {string} sender
 * @returns {string} what the sender was called until now; empty if the text tells of something else
 */
function nameBefore(text, sender) {
  const after = ` is now ${sender}`;
  return text.startsWith(USER) && text.endsWith(after) ? text.slice(USER.length, -after.length) : "";
}

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
  const after = ` is now ${sender}`;
  if (text.startsWith(USER) && text.endsWith(after)) {
    const before = text.slice(USER.length, -after.length);
    if (before) return [USER, { name: before }, " is now ", { name: sender }];
  }
  for (const start of ["", USER]) {
    if (sender && text.startsWith(`${start}${sender} `)) {
      const rest = text.slice(start.length + sender.length);
      return [...(start ? [start] : []), { name: sender }, rest];
    }
  }
  return [text];
}

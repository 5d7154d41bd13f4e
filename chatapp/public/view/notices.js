/**
 * The names in what happens in a room (`bob waves`, `user bob has joined the room`), found so
 * that each can be shown by itself: a name of right-to-left letters turns nothing around it.
 *
 * @typedef {{ name: string }} Name
 */

/**
 * @param {string} text
 * @param {string} sender whom it tells of; the new name, when there is one
 * @returns {(string | Name)[]} put together again, they are the text
 */
export function namesIn(text, sender) {
  const renamed = [`user `, ` is now ${sender}`];
  if (text.startsWith(renamed[0]) && text.endsWith(renamed[1])) {
    const before = text.slice(renamed[0].length, -renamed[1].length);
    if (before) return [renamed[0], { name: before }, " is now ", { name: sender }];
  }
  for (const start of ["", "user "]) {
    if (sender && text.startsWith(`${start}${sender} `)) {
      const rest = text.slice(start.length + sender.length);
      return [...(start ? [start] : []), { name: sender }, rest];
    }
  }
  return [text];
}

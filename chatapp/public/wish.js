/**
 * What is wanted by what was typed: to say it, to tell that one does it (`/me waves`), or to be
 * called so (`/nick ann`). Two slashes at the beginning are one that is said.
 *
 * @typedef {{ verb: "say" | "me" | "nick", text: string }} Wish
 */

const COMMAND = /^\/(nick|me)(?: (.*))?$/s;

/**
 * @param {string} typed
 * @returns {Wish}
 */
export function wishOf(typed) {
  if (typed.startsWith("//")) return { verb: "say", text: typed.slice(1) };
  const [, verb, rest = ""] = COMMAND.exec(typed) ?? [];
  const text = rest.trim();
  if (verb === "nick" || (verb === "me" && text)) return { verb, text };
  return { verb: "say", text: typed };
}

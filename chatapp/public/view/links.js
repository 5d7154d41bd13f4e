/**
 * Which parts of a text are addresses. Only http and https are; and where what one reads is not
 * the host that one would come to, the real one is told besides.
 *
 * @typedef {{ href: string, shown: string, host: string }} Link `shown` is the text as it was
 *   said; `host` is empty if one can read it there
 * @typedef {string | Link} Part
 */

/** An address has none of these: white space, quotes, brackets of markup, what cannot be seen. */
const ADDRESS =
  /(?<![\p{L}\p{N}_])https?:\/\/[^\s"<>\\^`{|}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0]+/giu;
/** What stands behind an address belongs to the sentence. */
const SENTENCE_END = /[.,:;!?…'’‘“”«»‹›„*_~。、，．！？；：]$/u;
/** @type {Record<string, string>} */
const OPENED_BY = { ")": "(", "]": "[", "）": "（", "」": "「", "】": "【", "》": "《" };
/** Longer ones are left as text: nobody reads where they lead. */
const LONGEST = 2_048;

/**
 * @param {string} text
 * @returns {Part[]} put together again, they are the text
 */
export function partsOf(text) {
  /** @type {Part[]} */
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const link = found.length > LONGEST ? null : linkOf(withoutEnd(found));
    if (!link) continue;
    if (index > end) parts.push(text.slice(end, index));
    parts.push(link);
    end = index + link.shown.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/**
 * @param {string} shown
 * @returns {Link | null} null if it leads nowhere
 */
function linkOf(shown) {
  if (!URL.canParse(shown)) return null;
  const url = new URL(shown);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  const [authority = ""] = shown.slice(shown.indexOf("//") + 2).split(/[/?#]/, 1);
  const readable = authority.replace(/:\d*$/, "").toLowerCase() === url.hostname;
  return { href: url.href, shown, host: readable ? "" : url.hostname };
}

/** @param {string} address with what follows it in the sentence */
function withoutEnd(address) {
  for (;;) {
    const last = address.slice(-1);
    const opening = OPENED_BY[last];
    const stray = opening && count(address, last) > count(address, opening);
    if (!stray && !SENTENCE_END.test(address)) return address;
    address = address.slice(0, -1);
  }
}

/**
 * @param {string} text
 * @param {string} character
 */
function count(text, character) {
  return text.split(character).length - 1;
}

/** Texts of nothing but a few emoji, which are shown larger. */

const MOST = 6;
const EMOJI = /^\p{RGI_Emoji}$/v;
const letters = new Intl.Segmenter();

/**
 * @param {string} text
 * @returns {boolean}
 */
export function isEmojiOnly(text) {
  if (text.length > 16 * MOST) return false;
  const seen = Array.from(letters.segment(text), ({ segment }) => segment).filter((one) => one.trim());
  return seen.length > 0 && seen.length <= MOST && seen.every((one) => EMOJI.test(one));
}

/**
 * What a tab keeps of what was typed in it, so that it is not lost when the page is loaded anew:
 * for that tab alone, and only so much of it.
 *
 * @typedef {{ text: string, nonce: string, reason?: string }} Item `reason`: why it was refused
 */

/** Characters of text at the most. */
const MOST = 200_000;

export class Kept {
  /**
   * @param {string} key
   * @param {() => Pick<Storage, "getItem" | "setItem" | "removeItem">} [storage] may be forbidden
   */
  constructor(key, storage = () => sessionStorage) {
    this.key = key;
    this.storage = storage;
  }

  /** @returns {Item[]} */
  read() {
    try {
      const items = JSON.parse(this.storage().getItem(this.key) ?? "[]");
      return Array.isArray(items) ? items.filter(isItem) : [];
    } catch {
      return [];
    }
  }

  /** @param {Item[]} items the first ones are kept, as far as there is room */
  write(items) {
    let size = 0;
    const kept = items.filter(({ text }) => (size += text.length) <= MOST);
    try {
      if (kept.length) this.storage().setItem(this.key, JSON.stringify(kept));
      else this.storage().removeItem(this.key);
    } catch {
      // Then it lasts as long as this page does.
    }
  }
}

/**
 * @param {unknown} item
 * @returns {item is Item}
 */
function isItem(item) {
  const { text, nonce, reason = "" } = /** @type {Record<string, unknown>} */ (item ?? {});
  return [text, nonce, reason].every((each) => typeof each === "string");
}

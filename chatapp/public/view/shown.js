/**
 * The messages that the log shows, by their order and by their numbers; those of a log that is
 * gone only by their order.
 */

/**
 * @typedef {import("./grouping.js").Message} Message
 * @typedef {{ message: Message, element: HTMLElement }} Entry
 */

export class Shown {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Map<number, Entry>} */
  #bySeq = new Map();

  /** @returns {Entry | undefined} the topmost */
  get top() {
    return this.#entries[0];
  }

  /** @returns {number | null} the number of the oldest message of the log that is */
  get start() {
    const first = this.#entries.find((entry) => this.#bySeq.get(entry.message.seq) === entry);
    return first?.message.seq ?? null;
  }

  /** @param {number} seq */
  get(seq) {
    return this.#bySeq.get(seq);
  }

  /** @param {Entry} entry below all others */
  append(entry) {
    this.#entries.push(entry);
    this.#bySeq.set(entry.message.seq, entry);
  }

  /** @param {Entry[]} entries above all others */
  prepend(entries) {
    this.#entries.unshift(...entries);
    for (const entry of entries) this.#bySeq.set(entry.message.seq, entry);
  }

  /** From here on numbers are those of another log. */
  beginAnew() {
    this.#bySeq.clear();
  }

  /** Forgets the topmost ones that the page does not have any more. */
  shorten() {
    const kept = this.#entries.findIndex(({ element }) => element.isConnected);
    for (const entry of this.#entries.splice(0, kept < 0 ? this.#entries.length : kept)) {
      const { seq } = entry.message;
      if (this.#bySeq.get(seq) === entry) this.#bySeq.delete(seq);
    }
  }
}

/**
 * What was said before: the newest of it when the page comes, and more as its reader scrolls up,
 * before the end of it is in sight.
 */

import { make } from "../dom.js";
import { ask } from "../transport/ask.js";
import { browser } from "../transport/world.js";

/** @typedef {import("./grouping.js").Message} Message */

/** Messages at a time. */
const SOME = 100;
/** It is asked for more from so many heights of the view before the top on. */
const AHEAD = 2;

export class Older {
  #room = 0;
  #busy = false;
  /** Is there more? Nobody knows before the first answer. */
  #more = false;
  #failed = false;
  /** @type {number | null} how far back the last answer went, if the log shows nothing of it */
  #from = null;
  #retry = make("button", "quiet", "Try again");

  /** @param {import("../log.js").Log} log */
  constructor(log) {
    this.log = log;
    this.area = log.element;
    this.#retry.type = "button";
    this.#retry.addEventListener("click", () => {
      this.area.focus();
      this.retry();
    });
    log.onShortened = () => this.#know(true);
    this.area.addEventListener("scroll", () => this.#look(), { passive: true });
    new ResizeObserver(() => this.#look()).observe(this.area);
  }

  /**
   * The newest messages, to begin with.
   *
   * @param {number} room
   */
  async begin(room) {
    this.#room = room;
    this.#know(true);
    await this.#load();
  }

  /** It may work now. */
  retry() {
    if (!this.#failed) return;
    this.#failed = false;
    this.#load();
  }

  /** There is nothing before this: the room has begun anew. */
  stop() {
    this.log.onShortened = () => {};
    this.#know(false);
    this.log.older.replaceChildren();
  }

  /** @param {boolean} more */
  #know(more) {
    this.#more = more;
    this.log.older.classList.toggle("more", more);
  }

  #look() {
    const { scrollTop, clientHeight } = this.area;
    if (this.#more && !this.#busy && !this.#failed && scrollTop < AHEAD * clientHeight) this.#load();
  }

  async #load() {
    if (this.#busy) return;
    this.#busy = true;
    const { older } = this.log;
    older.replaceChildren("Loading older messages…");
    try {
      const before = this.log.start;
      const messages = await this.#ask(this.#from ?? before);
      if (!this.#more) return;
      const first = messages[0]?.seq ?? 1;
      this.log.prepend(messages, () => {
        older.replaceChildren();
        this.#know(first > 1);
      });
      this.#from = this.log.start === before ? first : null;
    } catch {
      this.#failed = true;
      older.replaceChildren("Older messages could not be loaded. ", this.#retry);
    } finally {
      this.#busy = false;
    }
    requestAnimationFrame(() => this.#look());
  }

  /**
   * @param {number | null} before the number of a message; null: the newest
   * @returns {Promise<Message[]>} oldest first; rejected if they cannot be had now
   */
  async #ask(before) {
    const query = new URLSearchParams({ limit: String(SOME) });
    if (before !== null) query.set("before", String(before));
    return (await ask(browser, `/api/rooms/${this.#room}/messages?${query}`)).messages;
  }
}

/**
 * A table whose newest rows come first, read from the newest on: what is new meanwhile is counted
 * and comes when it is asked for, so that nothing moves under a reader's eyes.
 */

import { byId } from "../dom.js";
import { Refused } from "./api.js";
import { Table } from "./table.js";
import { counted, say } from "./words.js";

/** Rows that are asked for at a time. */
export const PAGE = 50;

/** @template T */
export class Pile {
  /** @type {T[]} */
  shown = [];
  /** @type {T[]} */
  #fresh = [];

  /**
   * @param {string} id what the ids of the table and of its two buttons begin with
   * @param {import("./table.js").Column<T>[]} columns
   * @param {(item: T) => number} key grows with time
   * @param {string} what one of them is called
   * @param {(oldest: T) => Promise<T[]>} older gives the page before, the newest first
   */
  constructor(id, columns, key, what, older) {
    this.key = key;
    this.what = what;
    this.table = new Table(byId(`${id}-table`, HTMLTableElement), columns, key);
    this.newer = byId(`${id}-newer`, HTMLButtonElement);
    this.older = byId(`${id}-older`, HTMLButtonElement);
    this.newer.addEventListener("click", () => this.#showFresh());
    this.older.addEventListener("click", async () => {
      const oldest = this.shown[this.shown.length - 1];
      try {
        const items = await older(oldest);
        if (this.shown[this.shown.length - 1] === oldest) this.#append(items);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        say(error.message);
      }
    });
    this.reset([]);
  }

  /** @returns {number} the key of the newest one that is known; 0 */
  get last() {
    const newest = this.#fresh[0] ?? this.shown[0];
    return newest === undefined ? 0 : this.key(newest);
  }

  /** @param {T[]} items all that is shown, from now on */
  reset(items) {
    this.shown = items;
    this.#fresh = [];
    this.#draw(items.length >= PAGE);
  }

  /** @param {T[]} items are new, the newest first */
  add(items) {
    if (!this.shown.length) return this.reset(items);
    this.#fresh = [...items, ...this.#fresh];
    this.#count();
  }

  /**
   * @param {number} key
   * @param {(item: T) => T} change
   */
  change(key, change) {
    const changed = (/** @type {T} */ item) => (this.key(item) === key ? change(item) : item);
    this.shown = this.shown.map(changed);
    this.#fresh = this.#fresh.map(changed);
    this.table.show(this.shown);
  }

  #showFresh() {
    if (!this.#fresh.length) return;
    this.shown = [...this.#fresh, ...this.shown];
    this.#fresh = [];
    this.#draw(!this.older.hidden);
    this.table.focus();
  }

  /** @param {T[]} items */
  #append(items) {
    const at = this.shown.length;
    this.shown = [...this.shown, ...items];
    this.#draw(items.length >= PAGE);
    say(items.length ? `${counted(items.length, `older ${this.what}`)}` : "There are no older ones.");
    if (this.older.hidden) this.table.focus(at);
  }

  /** @param {boolean} more there are older ones */
  #draw(more) {
    this.table.show(this.shown);
    this.older.hidden = !more;
    this.#count();
  }

  #count() {
    const length = this.#fresh.length;
    this.newer.textContent = length ? `Show ${counted(length, `new ${this.what}`)}` : `No new ${this.what}s`;
    this.newer.ariaDisabled = length ? null : "true";
  }
}

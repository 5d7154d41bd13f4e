/**
 * How far one has read in each room, for the list of rooms: a cursor, kept by the browser.
 * Only what came while the page was looked at is read.
 */

const KEY = "chatapp read ";

export class Reading {
  /** The room that is read in, once it is known. */
  room = 0;
  #cursor = "";

  constructor() {
    document.addEventListener("visibilitychange", () => this.#keep());
  }

  /** @param {string} cursor */
  reached(cursor) {
    this.#cursor = cursor;
    this.#keep();
  }

  #keep() {
    if (!this.room || !this.#cursor || document.hidden) return;
    try {
      localStorage.setItem(KEY + this.room, this.#cursor);
    } catch {
      // Then the list counts nothing.
    }
  }
}

/**
 * @param {number} room
 * @returns {string | null} null if one has never been there
 */
export function readUpTo(room) {
  try {
    return localStorage.getItem(KEY + room);
  } catch {
    return null;
  }
}

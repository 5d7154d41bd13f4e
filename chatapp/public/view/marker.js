/**
 * The line above the first message that came while nobody was looking: the page was hidden, or
 * its reader had scrolled up. It stays until something is said here, or more comes unseen.
 */

import { make } from "../dom.js";
import { isAtEnd } from "./hold.js";

export class Marker {
  /** @type {HTMLElement | null} */
  line = null;
  /** Has its reader been down to the end since? */
  #seen = false;

  /** @param {HTMLElement} area that scrolls */
  constructor(area) {
    this.area = area;
    const look = () => this.isLooking();
    area.addEventListener("scroll", look, { passive: true });
    document.addEventListener("visibilitychange", look);
  }

  /** @returns {boolean} whether the reader sees what comes */
  isLooking() {
    const looking = !document.hidden && isAtEnd(this.area);
    this.#seen ||= looking;
    return looking;
  }

  /** @returns {boolean} whether a new one is due above something unseen */
  isDue() {
    return this.line === null || this.#seen;
  }

  /** @returns {HTMLElement} a new one; the one before is to be taken away */
  make() {
    this.#seen = false;
    this.line = make("p", "marker", "New messages");
    return this.line;
  }
}

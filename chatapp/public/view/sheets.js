/**
 * The lines of a log, on sheets: the browser lays out only those sheets that are in sight or
 * near it, so a new line costs the same below ten lines and below ten thousand.
 *
 * A sheet that comes in above is `fresh`, and laid out at once: what is below it can then be
 * held in its place, and from then on it keeps that height while it is out of sight.
 */

import { make } from "../dom.js";

/** Lines of a full sheet: what is loaded at a time is one, with its days. */
const FULL = 120;

export class Sheets {
  /** How many lines there are. */
  length = 0;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  /** @param {HTMLElement[]} lines */
  append(lines) {
    this.length += lines.length;
    for (let start = 0; start < lines.length; ) {
      let sheet = this.place.lastElementChild;
      if (!sheet || sheet.childElementCount >= FULL) this.place.append((sheet = make("div", "sheet")));
      const end = start + FULL - sheet.childElementCount;
      sheet.append(...lines.slice(start, end));
      start = end;
    }
  }

  /** @param {HTMLElement[]} lines above all others */
  prepend(lines) {
    this.length += lines.length;
    /** @type {HTMLElement[]} */
    const sheets = [];
    for (let start = 0; start < lines.length; start += FULL) {
      sheets.push(make("div", "sheet fresh", ...lines.slice(start, start + FULL)));
    }
    this.place.prepend(...sheets);
    requestAnimationFrame(() => requestAnimationFrame(() => settle(sheets)));
  }

  /**
   * Lets go of the topmost sheets, but for the last of all.
   *
   * @param {number} most how many lines may stay
   */
  shorten(most) {
    while (this.length > most && this.place.childElementCount > 1) {
      const sheet = this.place.firstElementChild;
      this.length -= sheet?.childElementCount ?? 0;
      sheet?.remove();
    }
  }

  /** @param {Element} line */
  remove(line) {
    line.remove();
    this.length -= 1;
  }

  /** @returns {Element | null} the topmost line */
  get first() {
    return this.place.firstElementChild?.firstElementChild ?? null;
  }
}

/** @param {HTMLElement[]} sheets that are laid out */
function settle(sheets) {
  const heights = sheets.map((sheet) => sheet.getBoundingClientRect().height);
  sheets.forEach((sheet, n) => {
    sheet.style.containIntrinsicBlockSize = `auto ${heights[n]}px`;
    sheet.classList.remove("fresh");
  });
}

/** Shows what is on its way, once that takes so long that one might wonder. */

import { make } from "./dom.js";

/** Most messages are said sooner than this; what is gone at once need not appear. */
const SOON = 700;

export class Pending {
  /** @type {string[]} */
  #texts = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
  }

  /** @param {string[]} texts */
  show(texts) {
    this.#texts = texts;
    if (!this.list.hidden || !texts.length) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), SOON);
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.list.hidden = !this.#texts.length;
    this.list.replaceChildren(...this.#texts.map((text) => this.#line(text)));
  }

  /** @param {string} text */
  #line(text) {
    const words = make("span", "words", text);
    words.dir = "auto";
    return make("li", "", words, make("span", "visually-hidden", " (not sent yet)"));
  }
}

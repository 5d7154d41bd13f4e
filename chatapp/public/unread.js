/** The tab's title counts what came while nobody was looking. */

export class Unread {
  #count = 0;

  /** @param {string} title */
  constructor(title) {
    this.title = title;
    document.addEventListener("visibilitychange", () => this.arrived(0));
    this.arrived(0);
  }

  /** @param {number} messages */
  arrived(messages) {
    this.#count = document.hidden ? this.#count + messages : 0;
    document.title = this.#count ? `(${this.#count}) ${this.title}` : this.title;
  }
}

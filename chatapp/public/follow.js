/**
 * The view keeps to the newest message, unless the reader has scrolled up; then a button
 * counts what came since, and leads down.
 */

import { isAtEnd } from "./view/hold.js";

export class Follow {
  #following = true;
  #unseen = 0;
  /** Where the view stood when it was last looked at. */
  #top = 0;

  /**
   * @param {HTMLElement} log
   * @param {HTMLElement} tail its last part, which may grow by itself
   * @param {HTMLButtonElement} button
   */
  constructor(log, tail, button) {
    this.log = log;
    this.button = button;
    log.addEventListener("scroll", () => this.#look(), { passive: true });
    button.addEventListener("click", () => this.toEnd());
    const resized = new ResizeObserver(() => this.#following && this.toEnd());
    for (const part of [log, tail]) resized.observe(part);
  }

  /**
   * @param {number} news how many messages one would want to see
   * @param {() => void} append puts them, and whatever else there is, at the end
   */
  during(news, append) {
    // A scroll is told of only with the next frame; a message may be faster.
    if (this.log.scrollTop < this.#top) this.#look();
    append();
    if (this.#following) this.toEnd();
    else this.#show(this.#unseen + news);
  }

  toEnd() {
    this.#following = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.#top = this.log.scrollTop;
    this.#show(0);
  }

  #look() {
    const up = this.log.scrollTop < this.#top;
    this.#top = this.log.scrollTop;
    // A view that becomes smaller leaves its end below though nobody has scrolled up.
    this.#following = isAtEnd(this.log) || (this.#following && !up);
    if (this.#following) this.#show(0);
  }

  /** @param {number} unseen */
  #show(unseen) {
    this.#unseen = unseen;
    this.button.hidden = unseen === 0;
    this.button.textContent = unseen === 1 ? "1 new message" : `${unseen} new messages`;
  }
}

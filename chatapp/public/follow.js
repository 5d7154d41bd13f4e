/**
 * The view keeps to the newest message, unless the reader has scrolled up; then a button
 * counts what came since, and leads down.
 */

/** Pixels from the end within which the reader still counts as being there. */
const NEAR = 48;

export class Follow {
  #following = true;
  #unseen = 0;

  /**
   * @param {HTMLElement} log
   * @param {HTMLButtonElement} button
   */
  constructor(log, button) {
    this.log = log;
    this.button = button;
    log.addEventListener("scroll", () => this.#look(), { passive: true });
    button.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.arrived(0)).observe(log);
  }

  /** @param {number} messages how many have just been put at the end */
  arrived(messages) {
    if (this.#following) this.toEnd();
    else this.#show(this.#unseen + messages);
  }

  toEnd() {
    this.#following = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.#show(0);
  }

  #look() {
    const below = this.log.scrollHeight - this.log.clientHeight - this.log.scrollTop;
    this.#following = below <= NEAR;
    if (this.#following) this.#show(0);
  }

  /** @param {number} unseen */
  #show(unseen) {
    this.#unseen = unseen;
    this.button.hidden = unseen === 0;
    this.button.textContent = unseen === 1 ? "1 new message" : `${unseen} new messages`;
  }
}

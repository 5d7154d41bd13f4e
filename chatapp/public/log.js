/** The log on the page: what the room said, in its order, the oldest let go in time. */

import { dateOf, dayElement, messageElement, noticeElement } from "./message.js";

/**
 * @typedef {import("./pull.js").Batch} Batch
 * @typedef {import("./pull.js").Message} Message
 */

/** How many lines the page keeps. */
const KEPT = 2_000;
/** A sender who speaks again within this many microseconds gets no second byline. */
const BREATH = 5 * 60 * 1_000_000;

export class Log {
  /** @type {Message | null} what the next message is set against */
  #before = null;
  #day = "";

  /**
   * @param {HTMLElement} element
   * @param {string} nick whose messages are marked as own
   */
  constructor(element, nick) {
    this.element = element;
    this.nick = nick;
  }

  /** @param {Batch} batch */
  append({ messages, gap }) {
    const lines = document.createDocumentFragment();
    if (gap.restarted) lines.append(this.#gap("The room was restarted"));
    if (gap.missed === 1) lines.append(this.#gap("1 message missed"));
    if (gap.missed > 1) lines.append(this.#gap(`${gap.missed} messages missed`));
    for (const message of messages) lines.append(...this.#lines(message));
    this.element.querySelector(".empty")?.remove();
    this.element.append(lines);
    while (this.element.childElementCount > KEPT) this.element.firstElementChild?.remove();
  }

  /**
   * @param {Message} message
   * @returns {Generator<HTMLElement>}
   */
  *#lines(message) {
    const date = dateOf(message);
    if (date.toDateString() !== this.#day) {
      this.#day = date.toDateString();
      this.#before = null;
      yield dayElement(date);
    }
    if (message.kind === "say") {
      yield messageElement(message, { own: message.sender === this.nick, again: this.#again(message) });
      this.#before = message;
    } else {
      yield noticeElement(message.text, message.kind);
      this.#before = null;
    }
  }

  /** @param {Message} message */
  #again({ sender, time }) {
    return this.#before?.sender === sender && time - this.#before.time < BREATH;
  }

  /** @param {string} text */
  #gap(text) {
    this.#before = null;
    return noticeElement(text, "gap");
  }
}

/**
 * Tells a screen reader what comes, and no more of it than one can listen to: what comes within
 * a moment is told at once, and of much only how much it was.
 */

import { make } from "../dom.js";
import { isNews } from "./speech.js";
import { toldOf } from "./telling.js";

/** @typedef {import("./grouping.js").Message} Message */

/** Milliseconds in which things are gathered. */
const MOMENT = 700;
/** Milliseconds after which nobody needs to find it there again. */
const OVER = 10_000;

export class Announcer {
  #place = make("div", "visually-hidden");
  /** @type {Message[]} */
  #messages = [];
  /** @type {string[]} */
  #words = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} beside */
  constructor(beside) {
    this.#place.ariaLive = "polite";
    this.#place.id = "announcer";
    beside.after(this.#place);
  }

  /**
   * @param {Message[]} messages
   * @param {string} me whose own are not told
   */
  hear(messages, me) {
    this.#messages.push(...messages.filter((message) => isNews(message, me)));
    this.#soon();
  }

  /** @param {string} words of the page itself */
  say(words) {
    this.#words.push(words);
    this.#soon();
  }

  /** @param {number} seq of a message that was removed: its words are not to stand here either */
  forget(seq) {
    this.#messages = this.#messages.filter((message) => message.seq !== seq);
    this.#place.replaceChildren();
  }

  #soon() {
    this.#timer ??= setTimeout(() => this.#tell(), MOMENT);
  }

  #tell() {
    this.#timer = undefined;
    const lines = [...this.#words.splice(0), ...toldOf(this.#messages.splice(0), "")];
    const told = lines.map((line) => make("p", "", line));
    this.#place.append(...told);
    setTimeout(() => told.forEach((line) => line.remove()), OVER);
  }
}

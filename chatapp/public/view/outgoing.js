/**
 * What one has typed and the room has not said yet: it stands below the log as it will stand in
 * it, marked only when that takes so long that one might wonder, or with the reason why it was
 * not sent. It goes in the moment in which the room says it, or when its reader wishes.
 */

import { make } from "../dom.js";

/**
 * @typedef {import("./grouping.js").Message} Message
 * @typedef {object} Entry
 * @property {Message} message
 * @property {HTMLElement} element
 * @property {HTMLElement} fate
 * @property {"pending" | "settled" | "failed"} state
 * @property {number} seq 0: not known yet
 */

/** Milliseconds: most is answered sooner. */
const SOON = 700;

export class Outgoing {
  /** @type {Map<string, Entry>} by their nonces, in the order of typing */
  #entries = new Map();
  /** The greatest number of an answer: what the room says up to there is none of the others. */
  #answered = 0;

  /**
   * @param {HTMLElement} place
   * @param {(nonce: string) => void} again to send it once more
   * @param {(nonce: string) => void} drop to forget it
   */
  constructor(place, again, drop) {
    this.place = place;
    this.again = again;
    this.drop = drop;
  }

  /** @returns {Message | undefined} the last of them, as one sees it */
  get last() {
    return [...this.#entries.values()].at(-1)?.message;
  }

  /**
   * It is on its way, perhaps once more.
   *
   * @param {string} nonce
   * @param {Message} message as it may come to be
   * @param {HTMLElement} element that shows it
   */
  pending(nonce, message, element) {
    this.remove(nonce);
    const fate = make("p", "fate visually-hidden", "Sending…");
    /** @type {Entry} */
    const entry = { message, element, fate, state: "pending", seq: 0 };
    element.classList.add("pending");
    element.append(fate);
    this.#entries.set(nonce, entry);
    this.place.append(element);
    setTimeout(() => {
      if (entry.state !== "pending") return;
      element.classList.add("late");
      fate.className = "fate";
      fate.textContent = "Not sent yet";
    }, SOON);
  }

  /**
   * The server has it.
   *
   * @param {string} nonce
   * @param {Message | null} message null: there is nothing that the room would say
   * @param {number} end the number of the newest message in the log
   */
  settled(nonce, message, end) {
    const entry = this.#entries.get(nonce);
    this.#answered = Math.max(this.#answered, message?.seq ?? 0);
    if (!entry) return;
    if (!message || message.seq <= end) return this.remove(nonce);
    Object.assign(entry, { state: "settled", seq: message.seq });
    entry.element.classList.remove("pending", "late");
    entry.element.hidden = false;
    entry.fate.remove();
  }

  /**
   * @param {string} nonce
   * @param {string} reason for people
   */
  failed(nonce, reason) {
    const entry = this.#entries.get(nonce);
    if (!entry) return;
    entry.state = "failed";
    entry.element.classList.remove("pending", "late");
    entry.element.classList.add("failed");
    entry.element.hidden = false;
    const again = button("Send again", () => this.again(nonce));
    const drop = button("Discard", () => {
      this.remove(nonce);
      this.drop(nonce);
    });
    entry.fate.className = "fate";
    entry.fate.replaceChildren(`Not sent: ${reason.replace(/\.$/, "")}. `, again, " ", drop);
  }

  /**
   * The room says what may be one of these. As long as one's own is not answered, that is not
   * certain: then it is put out of sight until it is.
   *
   * @param {Message} message
   * @returns {boolean} whether it stood here
   */
  heard(message) {
    for (const [nonce, { seq }] of this.#entries) {
      if (seq !== message.seq) continue;
      this.remove(nonce);
      return true;
    }
    const first = [...this.#entries.values()].find(({ state }) => state === "pending");
    if (!first || first.element.hidden || message.seq <= this.#answered) return false;
    first.element.hidden = isOf(message, first.message);
    return first.element.hidden;
  }

  /** @param {number} end the number of the newest message in the log: none up to it comes again */
  heardTo(end) {
    for (const [nonce, { seq }] of this.#entries) {
      if (seq > 0 && seq <= end) this.remove(nonce);
    }
  }

  /** From here on numbers are those of another log. */
  beginAnew() {
    this.heardTo(Infinity);
    this.#answered = 0;
  }

  /** @param {string} nonce */
  remove(nonce) {
    this.#entries.get(nonce)?.element.remove();
    this.#entries.delete(nonce);
  }
}

/**
 * @param {Message} message
 * @param {Message} expected
 */
function isOf(message, expected) {
  const { kind, text, sender } = expected;
  return message.kind === kind && message.text === text.trimEnd() && message.sender === sender;
}

/**
 * @param {string} words
 * @param {() => void} act
 */
function button(words, act) {
  const element = make("button", "quiet", words);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

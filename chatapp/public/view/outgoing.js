/**
 * What one has typed and the room has not said yet: it stands below the log, on its way or with
 * the reason why it could not be sent. It goes when the room says it, or when its reader wishes.
 */

import { make } from "../dom.js";

/**
 * @typedef {import("./grouping.js").Message} Message
 * @typedef {{ message: Message, element: HTMLElement, seq: number }} Entry `seq` 0: not known yet
 */

const ME = /^\/me\s+/;

export class Outgoing {
  /** @type {Map<string, Entry>} by their nonces, in the order of typing */
  #entries = new Map();

  /**
   * @param {HTMLElement} place
   * @param {(nonce: string, text: string) => void} again to send it once more
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
    element.classList.add("pending");
    element.append(make("p", "fate visually-hidden", "Sending…"));
    this.#entries.set(nonce, { message, element, seq: 0 });
    this.place.append(element);
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
    if (!entry) return;
    if (!message || message.seq <= end) return this.remove(nonce);
    entry.seq = message.seq;
    entry.element.classList.remove("pending", "failed");
    entry.element.querySelector(".fate")?.remove();
  }

  /**
   * @param {string} nonce
   * @param {string} reason for people
   */
  failed(nonce, reason) {
    const entry = this.#entries.get(nonce);
    if (!entry) return;
    const { element, message } = entry;
    const again = button("Send again", () => this.again(nonce, message.text));
    const drop = button("Discard", () => {
      this.remove(nonce);
      this.drop(nonce);
    });
    const fate = make("p", "fate", `Not sent: ${reason.replace(/\.$/, "")}. `, again, " ", drop);
    element.classList.replace("pending", "failed");
    element.querySelector(".fate")?.replaceWith(fate);
  }

  /**
   * The room says what may be one of these.
   *
   * @param {Message} message of one's own
   */
  heard(message) {
    for (const [nonce, entry] of this.#entries) {
      const same = entry.seq ? entry.seq === message.seq : isOf(message, entry.message.text.trimEnd());
      if (same) return this.remove(nonce);
    }
  }

  /** @param {number} end the number of the newest message in the log: none up to it comes again */
  heardTo(end) {
    for (const [nonce, { seq }] of this.#entries) {
      if (seq > 0 && seq <= end) this.remove(nonce);
    }
  }

  /** @param {string} nonce */
  remove(nonce) {
    this.#entries.get(nonce)?.element.remove();
    this.#entries.delete(nonce);
  }
}

/**
 * @param {Message} message
 * @param {string} typed
 * @returns {boolean} whether the one is what becomes of the other
 */
function isOf({ kind, text, sender }, typed) {
  if (kind !== "notice") return typed === text || typed === `/${text}`;
  return ME.test(typed) && `${sender} ${typed.replace(ME, "")}` === text;
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

/**
 * What one has typed and the room has not said yet: it stands below the log, on its way or with
 * the reason why it could not be sent. It goes when the room says it, or when its reader wishes.
 */

import { make } from "../dom.js";
import { wordsElement } from "./words.js";

/**
 * @typedef {import("./grouping.js").Message} Message
 * @typedef {{ text: string, element: HTMLElement, seq: number }} Entry `seq` 0: not known yet
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

  /**
   * It is on its way, perhaps once more.
   *
   * @param {string} nonce
   * @param {string} text
   */
  pending(nonce, text) {
    const element = make("div", "message own again pending", wordsElement(text), make("p", "fate", "Sending…"));
    this.#entries.get(nonce)?.element.remove();
    this.#entries.delete(nonce);
    this.#entries.set(nonce, { text, element, seq: 0 });
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
    entry.element.querySelector(".fate")?.replaceChildren();
  }

  /**
   * @param {string} nonce
   * @param {string} reason for people
   */
  failed(nonce, reason) {
    const entry = this.#entries.get(nonce);
    if (!entry) return;
    const { element, text } = entry;
    const again = button("Send again", () => this.again(nonce, text));
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
  heard({ seq, kind, text, sender }) {
    const words = kind === "notice" ? text.slice(sender.length).trim() : text;
    for (const [nonce, entry] of this.#entries) {
      const typed = entry.text.trimEnd();
      const same = kind === "notice" ? typed.replace(ME, "") === words && ME.test(typed) : typed === words || typed === `/${words}`;
      if (entry.seq === seq || (entry.seq === 0 && same)) return this.remove(nonce);
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
 * @param {string} words
 * @param {() => void} act
 */
function button(words, act) {
  const element = make("button", "quiet", words);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

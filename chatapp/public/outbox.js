/**
 * What has been typed and is on its way, one at a time, so that the room hears it in the
 * order of typing. When one cannot be sent, it and all behind it are handed back; but not
 * if only the answer was lost, and the room has meanwhile been heard to say it.
 */

import { NotSent, push } from "./push.js";

export class Outbox {
  /** @type {string[]} the first is under way */
  #queue = [];
  #busy = false;
  #heard = false;
  /** The seq of the last message whose answer came: what is heard up to there is no news. */
  #acknowledged = 0;

  /**
   * @param {() => Promise<boolean>} reach whether the server is there; asked before each
   * @param {(text: string, why: NotSent) => void} onUnsent
   */
  constructor(reach, onUnsent) {
    this.reach = reach;
    this.onUnsent = onUnsent;
  }

  /** @param {string} text */
  async send(text) {
    this.#queue.push(text);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next; (next = this.#queue[0]) !== undefined; this.#queue.shift()) {
        if (!(await this.reach())) throw new NotSent("there was no connection to the server");
        await this.#push(next);
      }
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      this.onUnsent(this.#queue.splice(0).join("\n"), error);
    } finally {
      this.#busy = false;
    }
  }

  /** @param {{ seq: number, text: string }} message that the room has heard from us */
  heard({ seq, text }) {
    if (text === this.#queue[0] && seq > this.#acknowledged) this.#heard = true;
  }

  /** @param {string} text */
  async #push(text) {
    this.#heard = false;
    try {
      this.#acknowledged = await push(text);
    } catch (error) {
      if (!(this.#heard && error instanceof NotSent && error.doubtful)) throw error;
    }
  }
}

/**
 * What has been typed and is on its way, one at a time, so that the room hears it in the
 * order of typing. When one cannot be sent, it and all behind it are handed back.
 */

import { NotSent, push } from "./push.js";

export class Outbox {
  /** @type {string[]} */
  #queue = [];
  #busy = false;

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
        await push(next);
      }
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      this.onUnsent(this.#queue.splice(0).join("\n"), error);
    } finally {
      this.#busy = false;
    }
  }
}

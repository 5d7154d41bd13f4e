/**
 * What has been typed and is on its way, one at a time, so that the room hears it in the order of
 * typing. It waits for a connection, and is sent again until there is an answer: by its nonce the
 * server knows what it has heard before. Only what the server refuses is handed back, and all that
 * is behind it.
 */

import { backoff } from "./backoff.js";
import { Refused, Unreachable } from "./pull.js";
import { isCommand, NotSent, obey, say } from "./push.js";

/**
 * @typedef {{ text: string, nonce: string, heard: boolean }} Item
 *
 * @typedef {object} On
 * @property {(texts: string[]) => void} pending what the room has not been heard to say yet
 * @property {(text: string, why: NotSent) => void} unsent
 * @property {(name: string) => void} named one is called so now
 */

export class Outbox {
  /** @type {Item[]} the first is under way */
  #queue = [];
  #busy = false;
  /** The seq of the last message whose answer came: what is heard up to there is no news. */
  #acknowledged = 0;

  /**
   * @param {() => Promise<number>} reach the room's id, when the server is there
   * @param {import("./transport/world.js").World} world
   * @param {On} on
   */
  constructor(reach, world, on) {
    this.reach = reach;
    this.world = world;
    this.on = on;
  }

  /** @param {string} text */
  async send(text) {
    this.#queue.push({ text, nonce: newNonce(), heard: false });
    this.#show();
    if (this.#busy) return;
    this.#busy = true;
    for (let next; (next = this.#queue[0]) !== undefined; ) {
      try {
        await this.#deliver(next);
        this.#queue.shift();
      } catch (error) {
        if (!(error instanceof NotSent)) throw error;
        const texts = this.#queue.splice(0).map((item) => item.text);
        this.on.unsent(texts.join("\n"), error);
      }
      this.#show();
    }
    this.#busy = false;
  }

  /** @param {{ seq: number, text: string }} message that the room has heard from us */
  heard({ seq, text }) {
    const [first] = this.#queue;
    if (text !== first?.text || seq <= this.#acknowledged) return;
    first.heard = true;
    this.#show();
  }

  /** @param {Item} item */
  async #deliver({ text, nonce }) {
    for (let failures = 1; ; failures += 1) {
      const room = await this.reach();
      try {
        if (isCommand(text)) return this.#done(await obey(this.world, room, text));
        this.#acknowledged = (await say(this.world, room, text, nonce)).seq;
        return;
      } catch (error) {
        if (error instanceof Refused) throw new NotSent(error.message || "the server did not take it");
        if (!(error instanceof Unreachable)) throw error;
        const delay = backoff(failures, error.retryAfter);
        await new Promise((resolve) => this.world.after(delay, () => resolve(undefined)));
      }
    }
  }

  /** @param {string} name empty if one is called as before */
  #done(name) {
    if (name) this.on.named(name);
  }

  #show() {
    this.on.pending(this.#queue.filter(({ heard }) => !heard).map(({ text }) => text));
  }
}

/** @returns {string} */
function newNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What has been typed and is on its way, one at a time, so that the room hears it in the order of
 * typing. It waits for a connection, and is sent again until there is an answer: by its nonce the
 * server knows what it has heard before. What the server refuses stays here, until its reader
 * wants it sent again or dropped, and holds up nothing behind it.
 */

import { backoff } from "./backoff.js";
import { Refused, Unreachable } from "./pull.js";
import { rename, say } from "./push.js";
import { wishOf } from "./wish.js";

/**
 * @typedef {import("./pull.js").Message} Message
 * @typedef {import("./kept.js").Item} Item
 *
 * @typedef {object} On
 * @property {(nonce: string, text: string) => void} pending it waits, or is under way
 * @property {(nonce: string, message: Message | null) => void} settled null: it was done, and
 *   nothing said
 * @property {(nonce: string, reason: string) => void} failed
 * @property {(name: string) => void} named one is called so now
 */

export class Outbox {
  /** @type {Item[]} the first without a reason is under way */
  #items;
  #busy = false;

  /**
   * @param {() => Promise<number>} reach the room's id, when the server is there
   * @param {import("./transport/world.js").World} world
   * @param {Pick<import("./kept.js").Kept, "read" | "write">} kept
   * @param {On} on
   */
  constructor(reach, world, kept, on) {
    this.reach = reach;
    this.world = world;
    this.kept = kept;
    this.on = on;
    this.#items = kept.read();
  }

  /** Goes on with what was here when the page was left. */
  resume() {
    for (const { nonce, text, reason } of this.#items) {
      this.on.pending(nonce, text);
      if (reason) this.on.failed(nonce, reason);
    }
    this.#run();
  }

  /** @param {string} text */
  send(text) {
    this.#add({ text, nonce: newNonce() });
  }

  /** @param {string} nonce of what was refused */
  again(nonce) {
    const item = this.#items.find((each) => each.nonce === nonce);
    this.drop(nonce);
    if (item) this.#add({ text: item.text, nonce });
  }

  /** @param {string} nonce of what was refused */
  drop(nonce) {
    this.#items = this.#items.filter((item) => item.nonce !== nonce);
    this.kept.write(this.#items);
  }

  /** @param {Item} item */
  #add(item) {
    this.#items.push(item);
    this.kept.write(this.#items);
    this.on.pending(item.nonce, item.text);
    this.#run();
  }

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    for (let next; (next = this.#items.find(({ reason }) => !reason)); ) await this.#deliver(next);
    this.#busy = false;
  }

  /** @param {Item} item */
  async #deliver(item) {
    for (let failures = 1; ; failures += 1) {
      const room = await this.reach();
      try {
        const message = await this.#ask(room, item);
        this.drop(item.nonce);
        return this.on.settled(item.nonce, message);
      } catch (error) {
        if (error instanceof Refused) return this.#refuse(item, error.message);
        if (!(error instanceof Unreachable)) throw error;
        const delay = backoff(failures, error.retryAfter);
        await new Promise((resolve) => this.world.after(delay, () => resolve(undefined)));
      }
    }
  }

  /**
   * @param {number} room
   * @param {Item} item
   * @returns {Promise<Message | null>}
   */
  async #ask(room, { text: typed, nonce }) {
    const { verb, text } = wishOf(typed);
    if (verb !== "nick") return say(this.world, room, text, verb === "me" ? "notice" : "say", nonce);
    this.on.named(await rename(this.world, room, text));
    return null;
  }

  /**
   * @param {Item} item
   * @param {string} reason for people
   */
  #refuse(item, reason) {
    item.reason = reason || "the server did not take it";
    this.kept.write(this.#items);
    this.on.failed(item.nonce, item.reason);
  }
}

/** @returns {string} */
function newNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The carrier that always works, and the one for several rooms: one poll after another, each for
 * all of them.
 *
 * The first asks without waiting, so that it is known at once whether the server is there.
 *
 * @typedef {import("./websocket.js").Carrier} Carrier
 * @typedef {import("./websocket.js").Cursors} Cursors
 * @typedef {import("./websocket.js").On} On
 */

import { ask } from "./ask.js";
import { Pause } from "./world.js";

const WAIT = 20;
const MOST = 500;
/** A wait that ends empty sooner than this was no wait; do not spin on such a server. */
const HASTE = 500;
const NO_GAP = { missed: 0, restarted: false };

/** @implements {Carrier} */
export class LongPollCarrier {
  static title = "long-poll";
  static most = 50;
  #ending = new AbortController();
  #pause;

  /**
   * @param {import("./world.js").World} world
   * @param {On} on
   */
  constructor(world, on) {
    this.world = world;
    this.on = on;
    this.#pause = new Pause(world);
  }

  /** @param {Cursors} cursors */
  async start(cursors) {
    const { signal } = this.#ending;
    const places = new Map(cursors);
    try {
      await this.#poll(places, 0);
      if (!signal.aborted) this.on.live();
      while (!signal.aborted) {
        const asked = this.world.now();
        const news = await this.#poll(places, WAIT);
        if (!news && this.world.now() - asked < HASTE) await this.#pause.rest(HASTE);
      }
    } catch (error) {
      if (!signal.aborted) this.on.ended(/** @type {Error} */ (error));
    }
  }

  stop() {
    this.#ending.abort();
    this.#pause.wake();
  }

  /**
   * @param {Cursors} places moved by what comes
   * @param {number} wait seconds
   * @returns {Promise<boolean>} whether there was anything
   */
  async #poll(places, wait) {
    const { signal } = this.#ending;
    const query = new URLSearchParams({
      rooms: [...places.keys()].join(),
      cursor: [...places].map(([room, cursor]) => `${room}:${cursor}`).join(),
      limit: String(MOST),
      wait: String(wait),
    });
    const { messages, cursor, gaps } = await ask(this.world, `/api/events?${query}`, { wait: 1_000 * wait, signal });
    if (signal.aborted) return false;
    for (const place of cursor.split(",")) {
      const [id, reached] = place.split(":");
      const room = Number(id);
      const said = messages.filter((/** @type {{ room: number }} */ message) => message.room === room);
      if (said.length || gaps[room]) this.on.batch(room, { messages: said, cursor: reached, gap: gaps[room] ?? NO_GAP });
      places.set(room, reached);
    }
    return messages.length > 0;
  }
}

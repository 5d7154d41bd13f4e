/** Who is in a room: asked anew when somebody has come or gone, and not more often than needed. */

import { ask } from "./ask.js";

/** A crowd that comes at once is one question. */
const BREATH = 500;

export class Members {
  /** @type {Set<number>} */
  #due = new Set();

  /**
   * @param {import("./world.js").World} world
   * @param {(room: number, names: string[]) => void} on
   */
  constructor(world, on) {
    this.world = world;
    this.on = on;
  }

  /** @param {number} room where somebody may have come or gone */
  stir(room) {
    if (this.#due.has(room)) return;
    this.#due.add(room);
    this.world.after(BREATH, () => this.#ask(room));
  }

  /** @param {number} room */
  async #ask(room) {
    this.#due.delete(room);
    try {
      const { members } = await ask(this.world, `/api/rooms/${room}/members`);
      this.on(room, members.map((/** @type {{ name: string }} */ { name }) => name));
    } catch {
      // Whoever comes next stirs it again; so does a connection that is back.
    }
  }
}

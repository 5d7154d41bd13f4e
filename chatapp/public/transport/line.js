/** One carrier at work, and what became of it. */

/**
 * @typedef {import("./falling.js").Kind} Kind
 * @typedef {import("./websocket.js").Cursors} Cursors
 */

export class Line {
  over = false;
  /** @type {Promise<boolean>} whether it came live, or ended before */
  live;
  /** @type {Promise<Error | undefined>} why it ended, if that is known and will stay so */
  ended;
  /** @type {(live: boolean) => void} */
  #settle = () => {};
  /** @type {(error?: Error) => void} */
  #end = () => {};
  #since;
  #carrier;

  /**
   * @param {import("./world.js").World} world
   * @param {Kind} kind
   * @param {import("./websocket.js").On["batch"]} batch
   */
  constructor(world, kind, batch) {
    this.world = world;
    this.kind = kind;
    this.#since = world.now();
    this.live = new Promise((resolve) => (this.#settle = resolve));
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#carrier = new kind(world, {
      live: () => this.#settle(true),
      batch: (room, said) => this.over || batch(room, said),
      ended: (error) => this.#close(error),
    });
  }

  /** Milliseconds. */
  get age() {
    return this.world.now() - this.#since;
  }

  /** @param {Cursors} cursors */
  start(cursors) {
    this.#carrier.start(cursors);
  }

  stop() {
    this.#close();
  }

  /** @param {Error} [error] */
  #close(error) {
    if (this.over) return;
    this.over = true;
    this.#carrier.stop();
    this.#settle(false);
    this.#end(error);
  }
}

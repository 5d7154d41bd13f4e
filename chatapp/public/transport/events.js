/**
 * The carrier that any proxy for HTTP lets through: one room as server-sent events.
 *
 * Read with fetch, and not by an EventSource: that hides the server's refusals and its signs of
 * life, and so never notices a connection that is dead.
 *
 * @typedef {import("./websocket.js").Carrier} Carrier
 * @typedef {import("./websocket.js").Cursors} Cursors
 * @typedef {import("./websocket.js").On} On
 */

import { refusalOf } from "./ask.js";
import { EventStream } from "./stream.js";

const PATIENCE = 10_000;
/** The server says every 15 seconds (`chat.heartbeat`) that it is there; not in time is too late. */
const SILENCE = 45_000;
const NO_GAP = { missed: 0, restarted: false };

/** @implements {Carrier} */
export class EventsCarrier {
  static title = "server-sent events";
  static most = 1;
  #ending = new AbortController();
  #callOff = () => {};

  /**
   * @param {import("./world.js").World} world
   * @param {On} on
   */
  constructor(world, on) {
    this.world = world;
    this.on = on;
  }

  /** @param {Cursors} cursors of one room */
  start(cursors) {
    for (const [room, cursor] of cursors) this.#run(room, cursor);
  }

  stop() {
    this.#callOff();
    this.#ending.abort();
  }

  /**
   * @param {number} room
   * @param {string} since
   */
  async #run(room, since) {
    const { signal } = this.#ending;
    this.#watch(PATIENCE);
    const error = await this.#read(room, since, signal).catch((failure) => failure);
    if (signal.aborted && !this.#late) return;
    this.stop();
    this.on.ended(error);
  }

  /**
   * @param {number} room
   * @param {string} since
   * @param {AbortSignal} signal
   */
  async #read(room, since, signal) {
    const query = new URLSearchParams({ since });
    const response = await this.world.fetch(this.world.url(`/api/rooms/${room}/events?${query}`), {
      headers: { Accept: "text/event-stream" },
      cache: "no-store",
      redirect: "error",
      signal,
    });
    if (!response.ok || !response.body) throw await refusalOf(response);
    const stream = new EventStream();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let first = true; ; first = false) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      this.#watch(SILENCE);
      if (first) this.on.live();
      for (const { type, data, id } of stream.feed(value)) {
        const said = JSON.parse(data);
        if (type === "message") this.on.batch(room, { messages: [said], cursor: id, gap: NO_GAP });
        if (type === "gap") this.on.batch(room, { messages: [], cursor: id, gap: said });
      }
    }
  }

  #late = false;

  /** @param {number} delay */
  #watch(delay) {
    this.#callOff();
    this.#callOff = this.world.after(delay, () => {
      this.#late = true;
      this.#ending.abort();
    });
  }
}

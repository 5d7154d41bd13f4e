/**
 * The quick carrier: one room on a WebSocket (chat.v1.json).
 *
 * A carrier lives once: `start`, then `live` and `batch`, until `ended` or `stop`. What it has
 * brought is remembered by who started it, so the next one goes on from there.
 *
 * @typedef {import("../pull.js").Batch} Batch
 * @typedef {Map<number, string>} Cursors by room
 *
 * @typedef {object} On
 * @property {() => void} live the server has answered
 * @property {(room: number, batch: Batch) => void} batch
 * @property {(error?: Error) => void} ended it carries no more; with Refused it never
 *   will, Unreachable may say how long to wait
 *
 * @typedef {{ start(cursors: Cursors): void, stop(): void }} Carrier
 */

import { ask } from "./ask.js";

const PROTOCOL = "chat.v1.json";
/** Milliseconds for an answer: the handshake's, or a pong. */
const PATIENCE = 10_000;
/** After so long without a word the server is asked for one; its own pings a page cannot see. */
const SILENCE = 20_000;
/** `WebSocket.CONNECTING` */
const CONNECTING = 0;
/** The server's goodbye to who is not in the room any more. */
const SENT_AWAY = 1000;
const NO_GAP = { missed: 0, restarted: false };

/** @implements {Carrier} */
export class WebSocketCarrier {
  static title = "WebSocket";
  static most = 1;
  /** @type {WebSocket | null} */
  #wire = null;
  #room = 0;
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
    for (const [room, cursor] of cursors) {
      this.#room = room;
      const query = new URLSearchParams({ room: String(room), cursor });
      this.#wire = this.world.socket(this.world.url(`/ws?${query}`), PROTOCOL);
    }
    if (this.#wire) {
      this.#wire.onmessage = ({ data }) => this.#hear(data);
      this.#wire.onclose = ({ code }) => (code === SENT_AWAY ? this.#leave() : this.#end());
    }
    this.#watch(this.#wire ? PATIENCE : 0, () => this.#end());
  }

  stop() {
    this.#callOff();
    if (!this.#wire) return;
    const wire = this.#wire;
    wire.onmessage = wire.onclose = null;
    // Closed during its handshake, a browser would complain of it in the console.
    if (wire.readyState === CONNECTING) wire.onopen = () => wire.close();
    else wire.close();
  }

  /** @param {unknown} data */
  #hear(data) {
    /** @type {any} */
    let frame;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return this.#end();
    }
    this.#watch(SILENCE, () => this.#ask());
    const { type, message, cursor, missed, restarted } = frame;
    if (type === "hello") this.on.live();
    if (type === "message" || type === "presence") this.#tell([message], cursor, NO_GAP);
    if (type === "gap") this.#tell([], cursor, { missed, restarted });
  }

  #ask() {
    this.#wire?.send('{"type":"ping"}');
    this.#watch(PATIENCE, () => this.#end());
  }

  /**
   * @param {Batch["messages"]} messages
   * @param {string} cursor
   * @param {Batch["gap"]} gap
   */
  #tell(messages, cursor, gap) {
    this.on.batch(this.#room, { messages, cursor, gap });
  }

  /**
   * @param {number} delay
   * @param {() => void} act
   */
  #watch(delay, act) {
    this.#callOff();
    this.#callOff = this.world.after(delay, act);
  }

  /** Whether one may come back a handshake would not say. */
  async #leave() {
    this.stop();
    const asking = ask(this.world, `/api/rooms/${this.#room}/messages?limit=1`);
    this.on.ended(await asking.then(() => undefined, (error) => error));
  }

  #end() {
    this.stop();
    this.on.ended();
  }
}

/**
 * The quick carrier: packets both ways on a WebSocket.
 *
 * It carries nothing until the server's first packet has said what the server has; from
 * there on each message goes once, for the wire keeps the order. When the wire is silent
 * for too long it counts as cut, whatever the browser thinks of it.
 */

/** @typedef {import("./longpoll.js").Link} Link */

export const PROTOCOL = "athena.v1";
/** Milliseconds for an answer: the server gives one to every packet. */
const PATIENCE = 10_000;
/** After so long without a word the server is asked for one. */
const SILENCE = 20_000;

export class Socket {
  /** Has its first packet come? */
  live = false;
  /** The number of the last message that went, or need not go, on this wire. */
  #sent = 0;
  /** Has the server not been told yet what we have taken? */
  #owing = false;
  #asked = false;
  #due = false;
  #ended = false;
  #callOff = () => {};

  /**
   * @param {import("./world.js").World} world
   * @param {Link} link
   * @param {WebSocket} wire
   * @param {{ greeted: () => void, live: () => void, ended: () => void }} on
   *   `greeted`: the server is being told that this carrier is the newest
   */
  constructor(world, link, wire, on) {
    this.world = world;
    this.link = link;
    this.wire = wire;
    this.on = on;
    wire.onopen = () => this.#greet();
    wire.onmessage = ({ data }) => this.#hear(data);
    wire.onclose = () => this.#end();
    this.#expect();
  }

  /** There is something to send, and it is live: all that comes in this turn goes together. */
  wake() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      if (!this.#ended) this.#flush();
    });
  }

  /** Asks for a sign of life. */
  probe() {
    if (!this.live || this.#asked) return;
    this.#owing = true;
    this.wake();
  }

  close() {
    this.#ended = true;
    this.#callOff();
    this.wire.onopen = this.wire.onmessage = this.wire.onclose = null;
    this.wire.close();
  }

  #greet() {
    this.on.greeted();
    this.wire.send(JSON.stringify({ channel: this.link.id, ack: this.link.delivery.taken }));
    this.#expect();
  }

  /** @param {unknown} data */
  #hear(data) {
    try {
      if (this.link.accept(JSON.parse(String(data)))) this.#owing = true;
    } catch {
      return this.#end();
    }
    this.#asked = false;
    this.#watch(SILENCE, () => this.probe());
    if (!this.live) {
      this.live = true;
      this.on.live();
    }
    this.link.answered(true);
    this.wake();
  }

  #flush() {
    const { delivery } = this.link;
    this.#sent = Math.max(this.#sent, delivery.acked);
    for (;;) {
      const { json, last } = delivery.packet(this.#sent);
      if (last === this.#sent && !this.#owing) return;
      this.wire.send(json);
      this.#sent = last;
      this.#owing = false;
      if (!this.#asked) this.#expect();
    }
  }

  /** From now on the server owes a packet. */
  #expect() {
    this.#asked = true;
    this.#watch(PATIENCE, () => this.#end());
  }

  /**
   * @param {number} delay
   * @param {() => void} act
   */
  #watch(delay, act) {
    this.#callOff();
    this.#callOff = this.world.after(delay, act);
  }

  #end() {
    if (this.#ended) return;
    this.close();
    this.on.ended();
  }
}

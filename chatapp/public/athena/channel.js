/**
 * One channel, from its opening until it is lost: it carries messages by long-polling, and
 * by a WebSocket as soon and as long as one can be had.
 *
 * Invariant: of the two carriers one at most carries; what the other had under way when it
 * was given up is sent again, and `Delivery` sees to it that nothing comes twice.
 */

import { backoff } from "../backoff.js";
import { LongPoll } from "./longpoll.js";
import { PROTOCOL, Socket } from "./socket.js";

/**
 * @typedef {object} Opened the server's answer to `open`
 * @property {string} channel
 * @property {number} wait seconds
 * @property {number} max_message bytes
 * @property {number} window messages
 *
 * @typedef {object} Listener
 * @property {(message: unknown) => void} message each once, in order
 * @property {(live: boolean) => void} answered whether the server has
 * @property {(reason: string) => void} lost once, and nothing after it
 */

/** A socket that lived for less than this counts as one that failed. */
const BRIEF = 10_000;
/** After so many failures in a row a socket is tried only now and then. */
const PATIENT = 4;
const RARELY = 60_000;

export class Channel {
  /** @type {Socket | null} */
  #socket = null;
  #polling;
  #over = false;
  /** Whether the server has answered last time it was asked. */
  #reached = true;
  /** Whether a socket waits to be tried until it has: none could be had before. */
  #due = false;
  #failures = 0;
  #tried = 0;
  #callOff = () => {};

  /**
   * @param {import("./world.js").World} world
   * @param {(name: string) => URL} url
   * @param {Opened} opened
   * @param {import("./delivery.js").Delivery} delivery
   * @param {Listener} on
   */
  constructor(world, url, opened, delivery, on) {
    this.world = world;
    this.url = url;
    this.id = opened.channel;
    this.wait = opened.wait;
    this.delivery = delivery;
    this.on = on;
    this.#polling = new LongPoll(world, this);
  }

  start() {
    this.#polling.start(true);
    this.#tryASocket();
  }

  /** There is something to send. */
  wake() {
    if (this.#over) return;
    if (this.#socket?.live) this.#socket.wake();
    else this.#polling.wake();
  }

  /** Finds out at once whether the server is there. */
  probe() {
    if (this.#over) return;
    if (this.#socket?.live) return this.#socket.probe();
    this.#polling.start(false);
    if (!this.#socket) this.#tryASocket();
  }

  /** Carries nothing any more. */
  end() {
    this.#over = true;
    this.#callOff();
    this.#polling.stop();
    this.#socket?.close();
  }

  /** @param {string} reason */
  lose(reason) {
    if (this.#over) return;
    this.end();
    this.on.lost(reason);
  }

  /** @param {boolean} live */
  answered(live) {
    if (this.#over) return;
    this.#reached = live;
    if (live && this.#due) this.#tryASocket();
    this.on.answered(live);
  }

  /**
   * @param {unknown} packet
   * @returns {number} how many of its messages were new
   * @throws {TypeError} it is no packet of this channel
   */
  accept(packet) {
    const fresh = this.delivery.accept(packet);
    for (const message of fresh) {
      if (!this.#over) this.on.message(message);
    }
    return fresh.length;
  }

  #tryASocket() {
    this.#callOff();
    this.#due = !this.#reached;
    if (this.#due) return;
    this.#tried = this.world.now();
    const url = this.url("socket");
    const wire = this.world.socket(url, PROTOCOL);
    if (!wire) return;
    this.#socket = new Socket(this.world, this, wire, {
      greeted: () => this.#polling.hold(true),
      live: () => this.#polling.stop(),
      ended: () => this.#without(),
    });
  }

  /** The socket is gone, for whatever reason: if the channel is too, a poll is told so. */
  #without() {
    const wasLive = this.#socket?.live;
    this.#socket = null;
    this.#polling.hold(false);
    if (wasLive) {
      this.#reached = false;
      this.#polling.start(false);
    }
    const lived = wasLive && this.world.now() - this.#tried >= BRIEF;
    this.#failures = lived ? 1 : this.#failures + 1;
    const delay = backoff(this.#failures, this.#failures > PATIENT ? RARELY : 0);
    this.#callOff = this.world.after(delay, () => this.#tryASocket());
  }
}

/**
 * The carrier that always works: one request waits for what the server has to say, and one,
 * when there is something to say, brings it there.
 *
 * While it is not sure of the server it polls with `wait: 0`, so that it knows at once that
 * the server is back. When answers keep coming too late it has more patience.
 */

import { backoff } from "../backoff.js";
import { post, Refused } from "./post.js";
import { Pause } from "./world.js";

/**
 * @typedef {object} Link what a carrier knows of its channel
 * @property {string} id
 * @property {number} wait seconds that a poll may wait
 * @property {import("./delivery.js").Delivery} delivery
 * @property {(name: string) => URL} url
 * @property {(packet: unknown) => number} accept gives how many messages were new; throws
 *   TypeError if it is no packet
 * @property {(live: boolean) => void} answered whether the server has
 * @property {(reason: string) => void} lose
 */

const PATIENCE = 10_000;
const MORE_PATIENCE = 30_000;
/** A poll that brings nothing sooner than this did not wait; do not spin on such a server. */
const HASTE = 500;
/** The server had no room for all that was sent. */
const CROWDED = 200;
/** Backing off this far keeps below five seconds: the server forgets who is silent for long. */
const STEPS = 3;
/** Failures in a row, after which it may be the server that is slow, and not the network gone. */
const MANY = 4;

export class LongPoll {
  #running = new AbortController();
  #sure = true;
  #held = false;
  #pollPause;
  #sendPause;

  /**
   * @param {import("./world.js").World} world
   * @param {Link} link
   */
  constructor(world, link) {
    this.world = world;
    this.link = link;
    this.#pollPause = new Pause(world);
    this.#sendPause = new Pause(world);
    this.#running.abort();
  }

  /** @param {boolean} sure whether the server has just been heard */
  start(sure) {
    this.stop();
    this.#running = new AbortController();
    this.#sure = sure;
    this.#repeat(this.#pollPause, (failures) => this.#poll(failures));
    this.#repeat(this.#sendPause, (failures) => this.#send(failures));
  }

  /** Gives up what is under way; all that it carried can be carried again. */
  stop() {
    this.#running.abort();
    this.#pollPause.wake();
    this.#sendPause.wake();
  }

  /** @param {boolean} held begin no other poll: it would be newer than the socket, and end it */
  hold(held) {
    this.#held = held;
    if (!held) this.#pollPause.nudge();
  }

  /** There is something to send. */
  wake() {
    this.#sendPause.nudge();
  }

  /**
   * @param {Pause} pause
   * @param {(failures: number) => Promise<number | null>} ask gives how long to rest after it
   */
  async #repeat(pause, ask) {
    const { signal } = this.#running;
    let failures = 0;
    while (!signal.aborted) {
      let delay;
      try {
        delay = await ask(failures);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused) return this.link.lose(error.message);
        failures += 1;
        delay = backoff(Math.min(failures, STEPS));
        this.#sure = false;
        this.link.answered(false);
      }
      if (delay !== 0 && !signal.aborted) await pause.rest(delay);
    }
  }

  /** @param {number} failures */
  async #poll(failures) {
    if (this.#held) return null;
    const wait = this.#sure ? this.link.wait : 0;
    const asked = this.world.now();
    const { json } = this.link.delivery.packet(this.link.delivery.last, { channel: this.link.id, wait });
    const fresh = await this.#post("poll", json, 1_000 * wait, failures);
    return fresh || !wait || this.world.now() - asked >= HASTE ? 0 : HASTE;
  }

  /** @param {number} failures */
  async #send(failures) {
    const { delivery, id } = this.link;
    const before = delivery.acked;
    if (before === delivery.last) return null;
    const { json, last } = delivery.packet(before, { channel: id });
    await this.#post("send", json, 0, failures);
    if (delivery.acked >= last) return 0;
    return delivery.acked > before ? CROWDED : backoff(STEPS);
  }

  /**
   * @param {string} name
   * @param {string} json
   * @param {number} wait milliseconds
   * @param {number} failures
   */
  async #post(name, json, wait, failures) {
    const patience = wait + (failures < MANY ? PATIENCE : MORE_PATIENCE);
    const { signal } = this.#running;
    const packet = await post(this.world, this.link.url(name), json, { patience, signal });
    const fresh = this.link.accept(packet);
    this.#sure = true;
    this.link.answered(true);
    return fresh;
  }
}

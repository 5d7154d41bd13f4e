/**
 * Keeps a channel open for as long as the page is: when one is lost the next is opened.
 *
 * What is said before the first channel is open waits for it. What is said between a lost
 * channel and the next is refused: the elements at the other end would be new ones.
 */

import { backoff } from "../backoff.js";
import { Channel } from "./channel.js";
import { Delivery } from "./delivery.js";
import { ChannelLost } from "./errors.js";
import { post } from "./post.js";
import { Pause } from "./world.js";

/**
 * @typedef {import("./channel.js").Opened} Opened
 * @typedef {"connecting" | "live" | "lost"} State
 * @typedef {(json: string) => void} Reply sends by the channel on which the message came
 *
 * @typedef {object} Events
 * @property {() => void} made there is a channel; what is said now is the first to go
 * @property {(message: unknown, reply: Reply) => void} message
 * @property {(reason: string) => void} lost
 * @property {(state: State) => void} changed
 */

const PATIENCE = 15_000;
/** Below five seconds between two tries, if the server asks for no more. */
const STEPS = 3;
/** A channel lost sooner than this is a failure: the next is opened after a pause. */
const BRIEF = 10_000;
/** Calls leave the rest of the room to answers. */
const HALF = 0.5;

export class Connection {
  /** @type {Delivery | null} */
  #delivery = new Delivery();
  /** @type {Channel | null} */
  #channel = null;
  /** @type {State | null} */
  #state = null;
  #away = false;
  #failures = 0;
  /** @type {(reason: string) => void} */
  #lose = () => {};
  #pause;

  /**
   * @param {import("./world.js").World} world
   * @param {URL} base below which the server's addresses are
   * @param {Events} on
   */
  constructor(world, base, on) {
    this.world = world;
    this.base = base;
    this.on = on;
    this.#pause = new Pause(world);
  }

  /** Opens one channel after another. */
  async run() {
    this.#change("connecting");
    for (;;) {
      const opened = await this.#open();
      const since = this.world.now();
      const reason = await this.#use(opened);
      this.#channel = this.#delivery = null;
      this.#failures = this.world.now() - since < BRIEF ? this.#failures + 1 : 0;
      this.#change("lost");
      this.on.lost(reason);
      if (this.#failures) await this.#pause.rest(backoff(Math.min(this.#failures, STEPS)));
    }
  }

  /**
   * @param {string} json a call
   * @throws {ChannelLost | import("./errors.js").ChannelFull} it will never be sent
   */
  send(json) {
    if (!this.#delivery) throw new ChannelLost("There is no connection to the server.");
    this.#delivery.add(json, HALF);
    this.#channel?.wake();
  }

  /** Finds out at once whether the server is there. */
  probe() {
    this.#pause.wake();
    this.#channel?.probe();
  }

  /** The page goes. It may be taken out of the browser's cache later, and come back. */
  leave() {
    this.#away = true;
    if (!this.#channel) return;
    this.#forget(this.#channel.id);
    this.#channel.end();
  }

  comeBack() {
    if (!this.#away) return;
    this.#away = false;
    this.#lose("The page was left.");
    this.#pause.wake();
  }

  /** @returns {Promise<Opened>} after as many tries as it takes */
  async #open() {
    for (let failures = this.#failures; ; ) {
      while (this.#away) await this.#pause.rest(null);
      try {
        const answer = await post(this.world, this.#url("open"), "{}", { patience: PATIENCE });
        if (!isOpened(answer)) throw new TypeError("not a channel");
        if (!this.#away) return answer;
        this.#forget(answer.channel);
      } catch (error) {
        const { retryAfter = 0 } = /** @type {{ retryAfter?: number }} */ (error);
        this.#change("lost");
        failures += 1;
        await this.#pause.rest(backoff(Math.min(failures, STEPS), retryAfter));
      }
    }
  }

  /**
   * @param {Opened} opened
   * @returns {Promise<string>} why the channel was lost
   */
  #use(opened) {
    const delivery = (this.#delivery ??= new Delivery());
    delivery.largest = opened.max_message;
    delivery.window = opened.window;
    return new Promise((lost) => {
      this.#lose = lost;
      /** @type {Reply} */
      const reply = (json) => {
        delivery.add(json);
        channel.wake();
      };
      const channel = new Channel(this.world, (name) => this.#url(name), opened, delivery, {
        message: (message) => this.on.message(message, reply),
        answered: (live) => this.#change(live ? "live" : "lost"),
        lost,
      });
      this.#channel = channel;
      this.#change("live");
      this.on.made();
      channel.start();
    });
  }

  /** @param {string} channel */
  #forget(channel) {
    this.world.beacon(this.#url("close"), JSON.stringify({ channel }));
  }

  /** @param {State} state */
  #change(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.on.changed(state);
  }

  /** @param {string} name */
  #url(name) {
    return new URL(name, this.base);
  }
}

/**
 * @param {unknown} answer
 * @returns {answer is Opened}
 */
function isOpened(answer) {
  const { channel, wait, max_message, window } = /** @type {Partial<Opened>} */ (answer ?? {});
  return typeof channel === "string" && [wait, max_message, window].every((each) => Number(each) > 0);
}

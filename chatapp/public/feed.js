/**
 * The room as this tab hears it: comes in under its name, begins with what was said last, if the
 * page shows that, and goes on from there for as long as the page is open.
 */

import { backoff } from "./backoff.js";
import { pull, Refused, Unreachable } from "./pull.js";
import { ask } from "./transport/ask.js";
import { EventsCarrier } from "./transport/events.js";
import { LongPollCarrier } from "./transport/longpoll.js";
import { Tabs } from "./transport/tabs.js";
import { WebSocketCarrier } from "./transport/websocket.js";
import { browser, Pause } from "./transport/world.js";

/**
 * @typedef {import("./pull.js").Batch} Batch
 * @typedef {import("./transport/falling.js").State} State
 * @typedef {{ id: number, name: string }} Room
 * @typedef {"websocket" | "long_poll"} Start
 *
 * @typedef {object} On
 * @property {(room: Room) => void} entered
 * @property {(cursor: string) => void} begun it has its name, and goes on from there
 * @property {(batch: Batch) => void} batch
 * @property {(state: State) => void} state
 * @property {(names: string[]) => void} members
 */

/** What a page may be carried by, by what its address says. */
const KINDS = {
  websocket: [WebSocketCarrier, EventsCarrier, LongPollCarrier],
  long_poll: [LongPollCarrier],
};

export class Feed {
  /** @type {Tabs | null} once it is in */
  #tabs = null;
  #live = false;
  #interruption = new AbortController();
  #pause = new Pause(browser);
  /** @type {(() => void)[]} */
  #waiting = [];
  #tab = newTab();

  /**
   * @param {string} nick
   * @param {number | null} room null: the main one
   * @param {{ start: Start, history: number }} how with so many messages of the past
   * @param {On} on
   */
  constructor(nick, room, { start, history }, on) {
    this.nick = nick;
    this.room = room;
    this.start = start;
    this.history = history;
    this.on = on;
  }

  async run() {
    this.#show({ name: "connecting" });
    for (let failures = 0; !this.#tabs; ) {
      this.#interruption = new AbortController();
      try {
        await this.#enter(this.#interruption.signal);
      } catch (error) {
        if (this.#interruption.signal.aborted) continue;
        failures += 1;
        await this.#fail(error, failures);
      }
    }
  }

  /** Asks now: a rest ends, and what may hang on a dead connection is dropped. */
  probe() {
    this.#interrupt();
    this.#tabs?.probe();
  }

  /** The same for the network's sake. */
  changed() {
    this.#interrupt();
    this.#tabs?.changed();
  }

  /** The name was refused: comes in anew, and goes on where it was. */
  async again() {
    if (!this.#tabs) return this.probe();
    try {
      await this.#claim(new AbortController().signal);
      this.#tabs.probe();
    } catch (error) {
      if (error instanceof Refused) this.#show(refusedBy(error));
      else this.#tabs.probe();
    }
  }

  /** Asks now if it was resting; leaves alone what works. */
  hurry() {
    this.#pause.wake();
    this.#tabs?.hurry();
  }

  /** @returns {Promise<number>} the room, when the server is there and knows this session's name */
  reach() {
    if (this.#live) return Promise.resolve(this.room ?? 0);
    this.hurry();
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.room ?? 0)));
  }

  #interrupt() {
    this.#interruption.abort();
    this.#pause.wake();
  }

  /** @param {AbortSignal} signal */
  async #enter(signal) {
    const { rooms } = await ask(browser, "/api/rooms", { signal });
    const ids = rooms.map((/** @type {Room} */ { id }) => id);
    const id = this.room ?? Math.min(...ids); // the main room is the first there ever was
    const room = rooms.find((/** @type {Room} */ each) => each.id === id);
    if (!room) throw new Refused(404, "There is no such room.");
    this.room = id;
    this.on.entered(room);
    let { cursor } = await this.#claim(signal);
    if (this.history) {
      const past = await ask(browser, `/api/rooms/${id}/messages?limit=${this.history}`, { signal });
      this.on.batch(past);
      cursor = past.cursor;
    }
    this.#tabs = new Tabs(browser, `chat ${this.start}`, KINDS[this.start], id, {
      batch: this.on.batch,
      state: (state) => this.#show(state),
      members: this.on.members,
    });
    this.#tabs.start(cursor);
    this.on.begun(cursor);
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<Batch>}
   */
  #claim(signal) {
    return pull(this.nick, { tab: this.#tab, room: this.room ?? 0, signal });
  }

  /**
   * @param {unknown} error
   * @param {number} failures
   */
  async #fail(error, failures) {
    if (error instanceof Refused) {
      this.#show(refusedBy(error));
      await this.#pause.rest(null);
      this.#show({ name: "connecting" });
    } else if (error instanceof Unreachable) {
      const delay = backoff(failures, error.retryAfter);
      this.#show({ name: "lost", retryAt: browser.now() + delay });
      await this.#pause.rest(delay);
      this.#show({ name: "lost", retryAt: null });
    } else {
      throw error;
    }
  }

  /** @param {State} state */
  #show(state) {
    this.#live = state.name === "live";
    this.on.state(state);
    if (this.#live) for (const go of this.#waiting.splice(0)) go();
  }
}

/**
 * @param {Refused} error
 * @returns {State}
 */
function refusedBy(error) {
  return { name: "refused", status: error.status, detail: error.message };
}

/** @returns {string} this page load's own mark: what it is told on coming in is told to it alone */
function newTab() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

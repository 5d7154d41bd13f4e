/**
 * One connection for all tabs of a browser that show rooms: the leader's, who tells the others.
 *
 * Each tab holds two names (Web Locks): a shared one that says which room it shows, and, one of
 * them at a time, the leader's. The browser lets go of a name when its tab is gone, however it
 * went, so the leader knows what is shown, and the next one leads.
 *
 * A tab trusts nobody with its place: what does not follow on what it has, it asks the server for.
 * Nor does it wait for a leader that does not answer, as a tab may that the browser holds still:
 * then it is carried alone, until that one speaks again.
 *
 * @typedef {import("../pull.js").Batch} Batch
 * @typedef {import("./falling.js").State} State
 *
 * @typedef {object} On
 * @property {(batch: Batch) => void} batch
 * @property {(state: State) => void} state
 * @property {(names: string[]) => void} members
 */

import { backoff } from "../backoff.js";
import { Refused } from "../pull.js";
import { ask } from "./ask.js";
import { Falling } from "./falling.js";
import { Members } from "./members.js";
import { Place } from "./place.js";
import { Pause } from "./world.js";

/** How often the leader looks which rooms are shown. */
const LOOK = 30_000;
const MOST = 1_000;
/** Milliseconds for the leader's answer. */
const PATIENCE = 3_000;
const NO_GAP = { missed: 0, restarted: false };
const COMING_AND_GOING = new Set(["join", "leave", "notice"]);

export class Tabs {
  /** @type {Falling | null} if this tab leads, or is carried alone */
  #falling = null;
  #leads = false;
  #led = false;
  /** @type {import("./world.js").Channel | null} */
  #channel = null;
  /** @type {State} */
  #state = { name: "connecting" };
  #place = new Place(".0");
  #filling = false;
  #members;
  #pause;

  /**
   * @param {import("./world.js").World} world
   * @param {string} group of tabs that start on the same carrier
   * @param {import("./falling.js").Kind[]} kinds
   * @param {number} room
   * @param {On} on
   */
  constructor(world, group, kinds, room, on) {
    this.world = world;
    this.group = group;
    this.kinds = kinds;
    this.room = room;
    this.on = on;
    this.#members = new Members(world, (where, names) => this.#tell({ type: "members", room: where, names }));
    this.#pause = new Pause(world);
  }

  /** @param {string} cursor where this tab has come in its room */
  async start(cursor) {
    this.#place = new Place(cursor);
    this.#channel = this.world.channel(this.group, (message) => this.#hear(message));
    if (this.#channel) {
      this.#look();
      await this.world.hold(`${this.group} ${this.room}`, true);
      this.#here();
      await this.world.hold(this.group, false);
    }
    this.#lead();
  }

  /** Tries anew, also if this room was refused. */
  probe() {
    this.#ask({ type: "here", room: this.room, cursor: this.#place.cursor });
    this.#ask({ type: "probe" });
  }

  /** The network is another one: who carries tries anew, and each tab hears of it by itself. */
  changed() {
    this.#falling?.probe();
  }

  hurry() {
    this.#pause.wake();
    this.#ask({ type: "hurry" });
    this.#look();
  }

  /** @param {any} message for the leader */
  #ask(message) {
    if (this.#falling) this.#obey(message);
    if (!this.#leads) this.#channel?.say(message);
  }

  /** @param {any} message for all tabs that are led */
  #tell(message) {
    if (this.#leads) this.#channel?.say(message);
    this.#follow(message);
  }

  /** @param {any} message from another tab */
  #hear(message) {
    if (this.#leads) return this.#obey(message);
    if (message.type === "state" && message.rooms.includes(this.room)) {
      this.#led = true;
      this.#falling?.stop();
      this.#falling = null;
    }
    if (!this.#falling || message.type === "leader") this.#follow(message);
  }

  /** Whether somebody leads. */
  #look() {
    if (this.#leads || !this.#channel) return;
    this.#led = false;
    this.#here();
    this.world.after(PATIENCE, () => this.#led || this.#falling || this.#carry());
  }

  #here() {
    this.#channel?.say({ type: "here", room: this.room, cursor: this.#place.cursor });
  }

  #lead() {
    this.#leads = true;
    this.#channel?.say({ type: "leader" });
    if (!this.#falling) this.#carry();
    if (this.#channel) this.#tidy();
  }

  #carry() {
    this.#falling = new Falling(this.world, this.kinds, {
      batch: (room, batch) => {
        this.#tell({ type: "batch", room, batch });
        if (batch.gap.missed || batch.messages.some(({ kind }) => COMING_AND_GOING.has(kind))) this.#members.stir(room);
      },
      state: (state, room) => this.#show(state, room),
    });
    this.#falling.start([[this.room, this.#place.cursor]]);
  }

  /**
   * @param {State} state
   * @param {number} [room] whose alone it is
   */
  #show(state, room) {
    if (room !== undefined) return this.#tell({ type: "state", state, rest: null, rooms: [room] });
    this.#state = state;
    this.#tell(this.#stated());
    if (state.name === "live") for (const each of this.#falling?.rooms ?? []) this.#members.stir(each);
  }

  #stated() {
    const state = { ...this.#state };
    // Each tab has a clock of its own.
    const rest = state.name === "lost" && state.retryAt !== null ? state.retryAt - this.world.now() : null;
    return { type: "state", state, rest, rooms: this.#falling?.rooms };
  }

  /** @param {any} message to the leader */
  #obey({ type, room, cursor }) {
    if (type === "probe") this.#falling?.probe();
    if (type === "hurry") this.#falling?.hurry();
    if (type !== "here") return;
    const reached = this.#falling?.add(room, cursor);
    if (this.#leads) {
      this.#channel?.say(this.#stated());
      // What was told before it listened it does not know of, until it hears that there is a hole.
      this.#channel?.say({ type: "batch", room, batch: { messages: [], cursor: reached, gap: NO_GAP } });
    }
    this.#members.stir(room);
  }

  /** @param {any} message of the leader */
  #follow({ type, room, batch, state, rest, rooms, names }) {
    if (type === "leader") this.#here();
    if (type === "state" && rooms.includes(this.room)) this.#see(state, rest);
    if (type === "members" && room === this.room) this.on.members(names);
    if (type === "batch" && room === this.room) this.#take(batch);
  }

  /**
   * @param {State} state
   * @param {number | null} rest
   */
  #see(state, rest) {
    this.on.state(state.name === "lost" && rest !== null ? { ...state, retryAt: this.world.now() + rest } : state);
  }

  /** @param {Batch} batch */
  #take(batch) {
    const fresh = this.#place.take(batch);
    if (fresh) this.on.batch(fresh);
    if (fresh === undefined) this.#fill();
  }

  /** Asks the server for what others did not tell, until there is no more. */
  async #fill() {
    if (this.#filling) return;
    this.#filling = true;
    for (let failures = 0; ; ) {
      const query = new URLSearchParams({ since: this.#place.cursor, limit: String(MOST) });
      try {
        const batch = await ask(this.world, `/api/rooms/${this.room}/messages?${query}`);
        const fresh = this.#place.take(batch);
        if (fresh) this.on.batch(fresh);
        if (!fresh) break;
        failures = 0;
      } catch (error) {
        if (error instanceof Refused) break;
        failures += 1;
        await this.#pause.rest(backoff(failures));
      }
    }
    this.#filling = false;
  }

  /** Rooms that no tab shows any more are not carried. */
  async #tidy() {
    for (;;) {
      await new Promise((resolve) => this.world.after(LOOK, () => resolve(undefined)));
      const mark = `${this.group} `;
      const names = (await this.world.held()).filter((name) => name.startsWith(mark));
      this.#falling?.retain(new Set(names.map((name) => Number(name.slice(mark.length)))));
    }
  }
}

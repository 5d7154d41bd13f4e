/**
 * Chooses the carrier: the first of a list that works, the next one when it fails, and back to a
 * better one when that works again. When none does it waits, longer each time.
 *
 * Invariants:
 * - Each room has one place, whatever carries, so nothing is lost or comes twice in a move.
 * - A better carrier takes over when it has been heard: until then the one that works goes on.
 *
 * @typedef {import("../pull.js").Batch} Batch
 * @typedef {import("./websocket.js").Carrier} Carrier
 * @typedef {{ new (world: import("./world.js").World, on: import("./websocket.js").On): Carrier,
 *   title: string, most: number }} Kind `most`: how many rooms it can carry
 *
 * @typedef {{ name: "connecting" } | { name: "live", transport: string }
 *   | { name: "lost", retryAt: number | null }
 *   | { name: "refused", status: number, detail: string }} State
 *   `retryAt` on the world's clock; null while it is being tried
 *
 * @typedef {object} On
 * @property {(room: number, batch: Batch) => void} batch
 * @property {(state: State, room?: number) => void} state of one room alone, if it is refused
 */

import { backoff } from "../backoff.js";
import { Refused, Unreachable } from "../pull.js";
import { ask } from "./ask.js";
import { Line } from "./line.js";
import { Place } from "./place.js";
import { Pause } from "./world.js";

/** A carrier that ends sooner than this has failed, though it was live. */
const BRIEF = 10_000;
/** So often in a row, and it is passed over for a while: some proxies open what they then cut. */
const TOO_OFTEN = 2;
/** Until better carriers are tried again, at first and at most. */
const LATER = 30_000;
const LATEST = 600_000;

export class Falling {
  /** @type {Map<number, Place>} */
  #places = new Map();
  /** @type {Map<Kind, number>} how often each was brief in a row */
  #brief = new Map();
  /** @type {Line | null} */
  #line = null;
  /** @type {Line | null} of which nothing has been heard yet */
  #trying = null;
  #failures = 0;
  /** Milliseconds that the server asked for. */
  #atLeast = 0;
  #stopped = false;
  #probed = false;
  #pause;

  /**
   * @param {import("./world.js").World} world
   * @param {Kind[]} kinds the best first; the last one can carry all rooms
   * @param {On} on
   */
  constructor(world, kinds, on) {
    this.world = world;
    this.kinds = kinds;
    this.on = on;
    this.#pause = new Pause(world);
  }

  /** @param {Iterable<[number, string]>} cursors by room */
  async start(cursors) {
    for (const [room, cursor] of cursors) this.#places.set(room, new Place(cursor));
    this.on.state({ name: "connecting" });
    while (!this.#stopped) {
      this.#probed = false;
      try {
        const line = await this.#first(this.#fitting());
        if (line) await this.#stay(line);
        else if (!this.#probed) await this.#rest();
      } catch (error) {
        await this.#refuse(error);
      }
    }
  }

  stop() {
    this.#stopped = true;
    this.probe();
  }

  /** Those that are carried. */
  get rooms() {
    return [...this.#places.keys()];
  }

  /** Tries anew, now: what there is may hang on a dead connection. */
  probe() {
    this.#probed = true;
    this.#line?.stop();
    this.#trying?.stop();
    this.#pause.wake();
  }

  /** Tries now if it was resting. */
  hurry() {
    if (!this.#line) this.#pause.wake();
  }

  /**
   * @param {number} room to be carried as well
   * @param {string} cursor
   * @returns {string} how far it has been heard here
   */
  add(room, cursor) {
    const place = this.#places.get(room);
    if (place) return place.cursor;
    this.#places.set(room, new Place(cursor));
    this.probe();
    return cursor;
  }

  /** @param {Set<number>} rooms that are still to be carried */
  retain(rooms) {
    const gone = [...this.#places.keys()].filter((room) => !rooms.has(room));
    for (const room of gone) this.#places.delete(room);
    if (gone.length) this.probe();
  }

  /** @returns {Kind[]} that can carry these rooms, and did not fail lately */
  #fitting() {
    const able = this.kinds.filter(({ most }) => this.#places.size <= most);
    const good = able.filter((kind) => (this.#brief.get(kind) ?? 0) < TOO_OFTEN);
    return good.length ? good : able.slice(-1);
  }

  /**
   * @param {Kind[]} kinds
   * @returns {Promise<Line | null>} the first that comes live; rejected with Refused
   */
  async #first(kinds) {
    for (const kind of kinds) {
      const cursors = new Map([...this.#places].map(([room, { cursor }]) => [room, cursor]));
      const line = new Line(this.world, kind, (room, batch) => this.#hear(line, room, batch));
      this.#trying = line;
      line.start(cursors);
      const live = await line.live;
      this.#trying = null;
      if (live) return line;
      const error = await line.ended;
      if (error instanceof Refused) throw error;
      if (error instanceof Unreachable) this.#atLeast = error.retryAfter;
      if (this.#probed) return null;
    }
    return null;
  }

  /** @param {Line} line until it ends, or none better takes over any more */
  async #stay(line) {
    this.#enter(line);
    for (let later = LATER; ; later = Math.min(2 * later, LATEST)) {
      const better = () => this.kinds.slice(0, this.kinds.indexOf(line.kind)).filter(({ most }) => this.#places.size <= most);
      line.ended.then(() => this.#pause.wake());
      if (!line.over) await this.#pause.rest(better().length ? later : null);
      if (line.over) break;
      const next = await this.#first(better()).catch(() => null);
      if (!next) continue;
      line.stop();
      line = next;
      this.#enter(line);
      later = LATER;
    }
    this.#line = null;
    await this.#leave(line);
  }

  /** @param {Line} line */
  #enter(line) {
    this.#line = line;
    this.on.state({ name: "live", transport: line.kind.title });
  }

  /** @param {Line} line that is over */
  async #leave(line) {
    const error = await line.ended;
    if (error instanceof Refused) throw error;
    if (this.#probed) return;
    if (line.age < BRIEF) {
      this.#brief.set(line.kind, (this.#brief.get(line.kind) ?? 0) + 1);
      await this.#rest();
    } else {
      this.#brief.clear();
      this.#failures = 0;
      this.on.state({ name: "lost", retryAt: null });
    }
  }

  async #rest() {
    this.#failures += 1;
    const delay = backoff(this.#failures, this.#atLeast);
    this.#atLeast = 0;
    this.on.state({ name: "lost", retryAt: this.world.now() + delay });
    await this.#pause.rest(delay);
    this.on.state({ name: "lost", retryAt: null });
  }

  /** @param {unknown} error */
  async #refuse(error) {
    if (!(error instanceof Refused)) throw error;
    if (this.#stopped || (await this.#sift())) return;
    this.on.state(refusedBy(error));
    await this.#pause.rest(null);
    if (!this.#stopped) this.on.state({ name: "connecting" });
  }

  /** @returns {Promise<boolean>} whether some of several rooms were refused, and are let go */
  async #sift() {
    const before = this.#places.size;
    if (before === 1) return false;
    for (const room of [...this.#places.keys()]) {
      try {
        await ask(this.world, `/api/rooms/${room}/messages?limit=1`);
      } catch (error) {
        if (!(error instanceof Refused)) continue;
        this.#places.delete(room);
        this.on.state(refusedBy(error), room);
      }
    }
    return this.#places.size > 0 && this.#places.size < before;
  }

  /**
   * @param {Line} line
   * @param {number} room
   * @param {Batch} batch
   */
  #hear(line, room, batch) {
    const place = this.#places.get(room);
    const fresh = place?.take(batch);
    if (fresh) this.on.batch(room, fresh);
    if (place && fresh === undefined) line.stop(); // no carrier leaves a hole; ask for it anew
  }
}

/**
 * @param {Refused} error
 * @returns {State}
 */
function refusedBy(error) {
  return { name: "refused", status: error.status, detail: error.message };
}

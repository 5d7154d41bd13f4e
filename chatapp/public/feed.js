/**
 * The room as this tab hears it: one poll after another, for as long as the page is open.
 *
 * Invariants:
 * - The cursor moves only when its batch has been handed on, so an answer that never
 *   arrived is asked for again: nothing is lost.
 * - Within one log a message is handed on only if its seq is above all before it: nothing
 *   comes twice. A restarted room counts anew.
 * - While it is not sure of the server it asks with `timeout=0`, so that the page knows
 *   at once, and not after a whole wait, that it is back.
 */

import { backoff } from "./backoff.js";
import { pull, Refused, Unreachable } from "./pull.js";

/**
 * @typedef {import("./pull.js").Batch} Batch
 * @typedef {{ name: "connecting" } | { name: "live" }
 *   | { name: "lost", retryAt: number | null }
 *   | { name: "refused", status: number, detail: string }} State
 *   `retryAt` on performance.now()'s clock; null while it is being tried
 */

const WAIT = 10;
/** A wait that ends empty sooner than this was no wait; do not spin on such a server. */
const HASTE = 500;

export class Feed {
  /** @type {string | null} */
  #since = null;
  #lastSeq = 0;
  #sure = false;
  #failures = 0;
  #interruption = new AbortController();
  #wake = () => {};
  /** @type {((there: boolean) => void)[]} */
  #asking = [];
  #tab = newTab();

  /**
   * @param {string} nick
   * @param {(batch: Batch) => void} onBatch
   * @param {(state: State) => void} onState
   */
  constructor(nick, onBatch, onState) {
    this.nick = nick;
    this.onBatch = onBatch;
    this.onState = onState;
  }

  /** Polls until the page goes away. */
  async run() {
    this.onState({ name: "connecting" });
    for (;;) {
      this.#interruption = new AbortController();
      const { signal } = this.#interruption;
      const wait = this.#sure ? WAIT : 0;
      const asked = performance.now();
      try {
        const batch = await pull(this.nick, { tab: this.#tab, since: this.#since, wait, signal });
        this.#take(batch);
        const hasty = wait > 0 && !batch.messages.length && performance.now() - asked < HASTE;
        if (hasty) await this.#rest(HASTE);
      } catch (error) {
        if (signal.aborted) continue;
        await this.#fail(error);
      }
    }
  }

  /** Asks now: a rest ends, and a poll that may hang on a dead connection is dropped. */
  probe() {
    this.#sure = false;
    this.#interruption.abort();
    this.#wake();
  }

  /** Asks now if it was resting; leaves a poll alone. */
  hurry() {
    this.#wake();
  }

  /** @returns {Promise<boolean>} whether the server is there, and knows this session's name */
  reach() {
    if (this.#sure) return Promise.resolve(true);
    this.#wake();
    return new Promise((resolve) => this.#asking.push(resolve));
  }

  /** @param {Batch} batch */
  #take({ messages, cursor, gap }) {
    if (gap.restarted) this.#lastSeq = 0;
    const fresh = messages.filter(({ seq }) => seq > this.#lastSeq);
    this.#lastSeq = fresh.at(-1)?.seq ?? this.#lastSeq;
    if (fresh.length || gap.missed || gap.restarted) this.onBatch({ messages: fresh, cursor, gap });
    this.#since = cursor;
    this.#failures = 0;
    if (!this.#sure) this.onState({ name: "live" });
    this.#settle(true);
  }

  /** @param {unknown} error */
  async #fail(error) {
    this.#settle(false);
    if (error instanceof Refused) {
      this.onState({ name: "refused", status: error.status, detail: error.message });
      await this.#rest(null);
      this.onState({ name: "connecting" });
    } else if (error instanceof Unreachable) {
      this.#failures += 1;
      const delay = backoff(this.#failures, error.retryAfter);
      this.onState({ name: "lost", retryAt: performance.now() + delay });
      await this.#rest(delay);
      this.onState({ name: "lost", retryAt: null });
    } else {
      throw error;
    }
  }

  /** @param {boolean} there */
  #settle(there) {
    this.#sure = there;
    for (const answer of this.#asking.splice(0)) answer(there);
  }

  /** @param {number | null} delay milliseconds; null until woken */
  async #rest(delay) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    await new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
      if (delay !== null) timer = setTimeout(resolve, delay);
    });
    clearTimeout(timer);
    this.#wake = () => {};
  }
}

/** @returns {string} this page load's own mark, so that each tab of a session hears all */
function newTab() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * All that the channel needs from the browser, in one place, so that a test can put a
 * server and a clock of its own there.
 *
 * @typedef {object} World
 * @property {(url: URL, options: RequestInit) => Promise<Response>} fetch
 * @property {(url: URL, protocol: string) => WebSocket | null} socket null where there are none
 * @property {(url: URL, json: string) => void} beacon what is sent though the page goes
 * @property {() => number} now milliseconds, never set back
 * @property {(delay: number, act: () => void) => () => void} after gives what calls it off
 */

/** @type {World} */
export const browser = {
  fetch: (url, options) => fetch(url, options),
  socket(url, protocol) {
    if (!("WebSocket" in globalThis)) return null;
    const address = new URL(url);
    address.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    try {
      return new WebSocket(address, protocol);
    } catch {
      return null; // what a browser throws here, it throws each time
    }
  },
  beacon: (url, json) => navigator.sendBeacon(url, new Blob([json], { type: "application/json" })),
  now: () => performance.now(),
  after(delay, act) {
    const timer = setTimeout(act, delay);
    return () => clearTimeout(timer);
  },
};

/** A rest that can be cut short. */
export class Pause {
  #wake = () => {};
  #endless = false;
  #nudged = false;

  /** @param {World} world */
  constructor(world) {
    this.world = world;
  }

  /** @param {number | null} delay milliseconds; null until woken */
  async rest(delay) {
    this.#endless = delay === null;
    if (this.#endless && this.#nudged) this.#endless = this.#nudged = false;
    else await this.#over(delay);
  }

  /** Ends the rest that there is. */
  wake() {
    this.#wake();
  }

  /** Ends a rest without an end: the one that there is, or the next, but no other. */
  nudge() {
    if (this.#endless) this.#wake();
    else this.#nudged = true;
  }

  /** @param {number | null} delay */
  async #over(delay) {
    let callOff = () => {};
    await new Promise((resolve) => {
      this.#wake = () => {
        this.#endless = false;
        resolve(undefined);
      };
      if (delay !== null) callOff = this.world.after(delay, this.#wake);
    });
    callOff();
  }
}

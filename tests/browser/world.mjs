/** A clock that is moved, chance that repeats itself, and a network that does what it is told. */

/** Lets everything happen that waits for no clock. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Numbers that look random, the same each time. */
export function chance(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Clock {
  time = 0;
  #timers = new Set();

  after = (delay, act) => {
    const timer = { at: this.time + delay, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** How many are set: a page that is over leaves none. */
  get timers() {
    return this.#timers.size;
  }

  async advance(duration) {
    const end = this.time + duration;
    for (;;) {
      await settle();
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.act();
    }
    this.time = end;
  }
}

/** One WebSocket: the page's end, and what the server does with it. */
class Wire {
  onopen = null;
  onmessage = null;
  onclose = null;
  open = true;
  /** What was under way when the page closed comes all the same, as it does in browsers. */
  closing = false;
  /** @type {(packet: any) => void} the server's ears */
  hear;
  /** The server is told that the connection has ended. */
  left = () => {};

  constructor(world) {
    this.world = world;
  }

  /** The page sends. */
  send(json) {
    if (this.closing) throw new Error("closed");
    this.world.later(this, () => this.hear(JSON.parse(json)));
  }

  /** The page closes. */
  close() {
    this.closing = true;
    this.world.wires.delete(this);
    this.world.later(null, () => this.drop(1005));
  }

  /** The server sends. */
  say(packet) {
    this.world.later(this, () => this.onmessage?.({ data: JSON.stringify(packet) }));
  }

  /** The connection ends, the server's or the network's doing. */
  end(code) {
    this.world.later(this, () => this.drop(code));
  }

  drop(code = 1006) {
    if (!this.open) return;
    this.open = false;
    this.world.wires.delete(this);
    this.onclose?.({ code });
    this.left();
  }
}

/**
 * What a page has instead of a browser.
 *
 * `fate(name)` says what happens to a request: "" it is answered, "lost" it never comes to the
 * server, "unanswered" it does but its answer is lost, "twice" it comes there twice, "hung" neither
 * is heard of it again; or a number, the status of an answer from somebody else.
 */
export class World {
  clock = new Clock();
  latency = 10;
  /** @type {(name: string, body?: any) => unknown} */
  fate = () => "";
  /** @type {boolean | string} whether WebSockets can be had; or "refused", or "hung" */
  sockets = true;
  /** How many were asked for. */
  tried = 0;
  silent = false;
  wires = new Set();
  underWay = { poll: 0, send: 0, open: 0 };
  most = { poll: 0, send: 0, open: 0 };
  asked = [];
  beacons = [];

  constructor(server) {
    this.server = server;
    server.clock = this.clock;
  }

  now = () => this.clock.time;
  after = this.clock.after;

  /**
   * @param {URL} url
   * @param {any} options
   * @returns {Promise<any>}
   */
  fetch = (url, { body, signal }) => {
    const name = url.pathname.split("/").at(-1);
    this.asked.push({ name, at: this.clock.time, body: JSON.parse(body) });
    this.most[name] = Math.max(this.most[name], (this.underWay[name] += 1));
    let done = () => {
      this.underWay[name] -= 1;
      done = () => {};
    };
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => (done(), reject(new Error("aborted"))));
      const fate = this.fate(name, JSON.parse(body));
      if (fate === "hung" || this.silent) return;
      const arrive = (answer) => this.after(this.latency, () => this.server.request(name, JSON.parse(body), answer, signal));
      const fail = () => this.after(this.latency, () => reject(new TypeError("network")));
      const back = ([status, json]) => this.after(this.latency, () => this.silent || resolve(response(status, json)));
      if (fate === "lost") return fail();
      if (typeof fate === "number") return back([fate, {}]);
      arrive(fate === "unanswered" ? fail : back);
      if (fate === "twice") arrive(() => {});
    }).finally(() => done());
  };

  /** @returns {any} a `Wire`, which is enough of a WebSocket */
  socket = () => {
    if (this.sockets === false) return null;
    this.tried += 1;
    const wire = new Wire(this);
    this.wires.add(wire);
    if (this.sockets === "hung") return wire;
    this.later(wire, () => {
      if (this.sockets === "refused") return wire.drop();
      this.server.socket(wire);
      wire.onopen?.();
    });
    return wire;
  };

  beacon = (url, json) => this.beacons.push([url.href, JSON.parse(json)]);

  /** In order for one wire, as long as it lasts; nothing passes a silent network. */
  later(wire, act) {
    this.after(this.latency, () => {
      if (this.silent || (wire && !wire.open)) return;
      act();
    });
  }

  /** All sockets are gone, and both ends hear of it. */
  cut() {
    for (const wire of [...this.wires]) wire.drop();
  }
}

const response = (status, json) => ({
  ok: status < 300,
  status,
  headers: new Headers(status === 503 ? { "Retry-After": "7" } : {}),
  json: async () => JSON.parse(JSON.stringify(json)),
});

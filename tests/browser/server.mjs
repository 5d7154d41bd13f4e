/** The server's side of the protocol, small enough to be seen to be right. */

export class Server {
  channels = new Map();
  /** @type {import("./world.mjs").Clock} its world's */
  clock;
  /** Answers each call of a page: gives `["result", …]` or `["error", …]`, or nothing. */
  perform = ([, id, , , args]) => ["result", id, args[0] ?? null];
  largest = 65_536;
  window = 512;

  get channel() {
    return [...this.channels.values()].at(-1);
  }

  /** It is another one, that knows nobody. */
  restart() {
    for (const channel of this.channels.values()) channel.carry(null);
    this.channels.clear();
  }

  request(name, body, answer, signal) {
    if (name === "open") {
      const channel = new Channel(this, `c${(this.opened = (this.opened ?? 0) + 1)}`);
      this.channels.set(channel.id, channel);
      return answer([201, { channel: channel.id, wait: 25, idle: 60, max_message: this.largest, window: this.window }]);
    }
    const channel = this.channels.get(body.channel);
    if (!channel) return answer([404, {}]);
    if (name === "close") return answer([204, null]);
    if (!channel.receive(body)) return answer([400, {}]);
    if (name === "send") return answer([200, { ack: channel.taken, messages: [] }]);
    channel.poll(body.wait, answer, signal);
  }

  socket(wire) {
    let channel;
    let came = 0;
    wire.hear = (packet) => {
      if (!channel) {
        channel = this.channels.get(packet.channel);
        if (!channel) return wire.end(4404);
        let sent = packet.ack;
        const flush = (answer) => {
          const next = channel.packet(sent);
          if (!answer && !next.messages.length) return;
          sent += next.messages.length;
          wire.say(next);
        };
        channel.carry({ flush, end: () => wire.end(this.channels.has(channel.id) ? 4409 : 4404) });
        wire.left = () => channel.leave(flush);
      }
      if (packet.first) {
        if (packet.first <= came) throw new Error("twice on one wire");
        came = packet.first + packet.messages.length - 1;
        if (came - channel.taken > this.window) throw new Error("more than the window");
      }
      if (!channel.receive(packet)) return wire.end(1008);
      channel.carrier?.flush(true);
    };
  }
}

class Channel {
  taken = 0;
  heard = [];
  carrier = null;
  carriers = 0;
  room = Infinity;
  #acked = 0;
  #kept = [];

  constructor(server, id) {
    this.server = server;
    this.id = id;
  }

  get unacknowledged() {
    return this.#kept.length;
  }

  say(message) {
    this.#kept.push(message);
    this.carrier?.flush();
  }

  receive({ ack, first, messages = [] }) {
    if (ack > this.#acked + this.#kept.length) return false;
    if (ack > this.#acked) this.#kept.splice(0, ack - this.#acked);
    this.#acked = Math.max(this.#acked, ack);
    if (messages.length && first > this.taken + 1) return true;
    for (const message of messages.slice(this.taken + 1 - first)) {
      if (this.room <= 0) break;
      this.room -= 1;
      this.taken += 1;
      this.heard.push(message);
      const answer = message[0] === "call" && this.server.perform(message);
      if (answer) this.say(answer);
    }
    return true;
  }

  packet(after) {
    const messages = this.#kept.slice(after - this.#acked);
    return { ack: this.taken, first: messages.length ? after + 1 : 0, messages };
  }

  carry(carrier) {
    const before = this.carrier;
    this.carrier = carrier;
    this.carriers += 1;
    before?.end();
  }

  leave(flush) {
    if (this.carrier?.flush === flush) this.carrier = null;
  }

  poll(wait, answer, signal) {
    const after = this.#acked;
    const end = () => {
      callOff();
      this.leave(flush);
      answer([200, this.packet(Infinity)]);
    };
    const flush = () => {
      const packet = this.packet(after);
      if (!packet.messages.length) return;
      callOff();
      this.leave(flush);
      answer([200, packet]);
    };
    const callOff = this.server.clock.after(wait * 1_000, end);
    this.carry({ flush, end });
    signal.addEventListener("abort", () => (callOff(), this.leave(flush)));
    flush();
  }
}

/** Rooms as the server has them, and a browser with tabs, on a network that does what it is told. */

import { Clock, settle } from "./world.mjs";

/** @type {[RegExp, string][]} */
const KIND = [
  [/^\/ws$/, "websocket"],
  [/^\/api\/rooms\/\d+\/events$/, "events"],
  [/^\/api\/events$/, "poll"],
  [/^\/api\/rooms\/\d+\/messages$/, "messages"],
  [/^\/api\/rooms\/\d+\/members$/, "members"],
];
const nameOf = ({ pathname }) => KIND.find(([pattern]) => pattern.test(pathname))?.[1] ?? pathname;
const ROOM = /\/rooms\/(\d+)\//;

/** What was said, and who waits to hear of it. */
export class Rooms {
  logs = new Map([1, 2, 3].map((id) => [id, { epoch: `e${id}`, first: 1, messages: [] }]));
  nonces = new Map();
  #waiting = new Set();

  say(room, text, sender = "eve", kind = "say") {
    const log = this.logs.get(room);
    const seq = log.first + log.messages.length;
    const message = { room, seq, time: seq, sender, kind, text };
    log.messages.push(message);
    for (const wake of [...this.#waiting]) wake();
    return message;
  }

  /** What is older is not kept any more. */
  forget(room, count) {
    const log = this.logs.get(room);
    log.messages.splice(0, count);
    log.first += count;
  }

  remove(room) {
    this.logs.delete(room);
    for (const wake of [...this.#waiting]) wake();
  }

  cursor(room, seq) {
    const log = this.logs.get(room);
    return `${log.epoch}.${seq ?? log.first + log.messages.length - 1}`;
  }

  since(room, cursor) {
    const { epoch, first, messages } = this.logs.get(room);
    const [of, at] = cursor.split(".");
    const seq = of === epoch ? Number(at) : 0;
    const missed = Math.max(0, first - 1 - seq);
    return {
      messages: messages.filter((message) => message.seq > seq),
      cursor: this.cursor(room),
      gap: { missed, restarted: of !== epoch },
    };
  }

  /** Calls back with each change until it says that it is over. */
  watch(look) {
    const wake = () => look() && this.#waiting.delete(wake);
    this.#waiting.add(wake);
    wake();
    return () => this.#waiting.delete(wake);
  }
}

/** @returns {[number, any]} */
const problem = (status) => [status, { status, title: "No", detail: `refused ${status}` }];

/** One browser. `fate[kind]`: "" it works, "refused", "hung", "cut" (when it is live), or a status. */
export class Browser {
  clock = new Clock();
  rooms = new Rooms();
  fate = {};
  latency = 5;
  /** Which of the messages between tabs do not arrive. */
  /** @type {(message: any) => boolean} */
  drop = () => false;
  asked = [];
  /** Connections that wait for news now, and the most there were. */
  open = 0;
  most = 0;
  cuts = new Set();
  #channels = new Map();
  #locks = [];

  /** The network, or the server, is gone: what is open ends. */
  cut() {
    for (const end of [...this.cuts]) end();
  }

  down(kinds = ["websocket", "events", "poll", "messages", "members"]) {
    this.fate = Object.fromEntries(kinds.map((kind) => [kind, "refused"]));
    this.cut();
  }

  /** What one tab has instead of a browser; `close` is what happens when it is closed. */
  tab({ shares = true } = {}) {
    const tab = { gone: false, ends: new Set() };
    const later = (act) => this.clock.after(this.latency, () => tab.gone || act());
    const channels = [];
    return {
      now: () => this.clock.time,
      after: (delay, act) => this.clock.after(delay, () => tab.gone || act()),
      url: (path) => new URL(path, "http://chat/"),
      fetch: (url, options) => this.#fetch(tab, later, url, options ?? {}),
      socket: (url) => this.#socket(tab, later, url),
      beacon: () => {},
      channel: (name, hear) => {
        if (!shares) return null;
        const all = this.#channels.get(name) ?? new Set();
        this.#channels.set(name, all.add(hear));
        channels.push([all, hear]);
        const say = (message) => {
          const copy = JSON.stringify(message);
          for (const other of all) if (other !== hear) this.clock.after(1, () => all.has(other) && !this.drop(message) && other(JSON.parse(copy)));
        };
        return { say };
      },
      hold: (name, shared) => new Promise((kept) => (this.#locks.push({ tab, name, shared, kept }), this.#grant())),
      held: async () => this.#locks.filter(({ granted }) => granted).map(({ name }) => name),
      close: () => {
        tab.gone = true;
        for (const end of [...tab.ends]) end();
        for (const [all, hear] of channels) all.delete(hear);
        this.#locks = this.#locks.filter((lock) => lock.tab !== tab);
        this.#grant();
      },
    };
  }

  #grant() {
    for (const lock of this.#locks) {
      const taken = this.#locks.some(({ name, granted }) => granted && name === lock.name);
      if (lock.granted || (taken && !lock.shared)) continue;
      lock.granted = true;
      lock.kept();
    }
  }

  /** One more connection that waits; gives what ends it. */
  #opened(tab, end) {
    this.most = Math.max(this.most, (this.open += 1));
    const over = () => {
      if (!this.cuts.delete(over)) return;
      tab.ends.delete(over);
      this.open -= 1;
      end();
    };
    this.cuts.add(over);
    tab.ends.add(over);
    return over;
  }

  #fetch(tab, later, url, { body, signal }) {
    const name = nameOf(url);
    const posted = typeof body === "string" && body.startsWith("{") ? JSON.parse(body) : body;
    this.asked.push({ name: body ? `post ${name}` : name, at: this.clock.time, url, body: posted });
    return new Promise((resolve, reject) => {
      const fail = () => later(() => reject(new TypeError("network")));
      signal?.addEventListener("abort", () => reject(new Error("aborted")));
      const answer = ([status, json]) => later(() => resolve(Response.json(json, { status })));
      const fate = this.fate[body ? "post" : name] ?? "";
      if (fate === "hung") return;
      if (fate === "refused") return fail();
      if (typeof fate === "number") return answer([fate, {}]);
      later(() => {
        if (signal?.aborted) return;
        const said = fate === "unanswered" ? fail : answer;
        if (name === "/chat/push") said([200, "ok"]);
        else if (body) this.#said(url, posted, said);
        else if (name === "poll") this.#poll(tab, url, signal, answer, fail);
        else if (name === "events") this.#stream(tab, url, signal, resolve, answer);
        else answer(this.#read(name, url));
      });
    });
  }

  /** @returns {[number, any]} */
  #read(name, url) {
    const room = Number(ROOM.exec(url.pathname)[1]);
    if (!this.rooms.logs.has(room)) return problem(404);
    if (name === "members") return [200, { members: [{ name: "ann" }] }];
    return [200, this.rooms.since(room, url.searchParams.get("since") ?? this.rooms.cursor(room))];
  }

  #said(url, { text, kind, nonce }, answer) {
    const room = Number(ROOM.exec(url.pathname)[1]);
    if (text === "bad") return answer(problem(400));
    const known = this.rooms.nonces.get(nonce);
    const message = known ?? this.rooms.say(room, kind === "notice" ? `ann ${text}` : text, "ann", kind);
    this.rooms.nonces.set(nonce, message);
    answer([known ? 200 : 201, message]);
  }

  #poll(tab, url, signal, answer, fail) {
    const rooms = url.searchParams.get("rooms").split(",").map(Number);
    const cursors = new Map(url.searchParams.get("cursor").split(",").map((each) => /** @type {[string, string]} */ (each.split(":"))));
    const look = (late) => {
      if (rooms.some((room) => !this.rooms.logs.has(room))) return problem(404);
      const found = rooms.map((room) => [room, this.rooms.since(room, cursors.get(String(room)))]);
      const messages = found.flatMap(([, said]) => said.messages);
      const gaps = Object.fromEntries(found.filter(([, { gap }]) => gap.missed || gap.restarted).map(([room, { gap }]) => [room, gap]));
      const cursor = found.map(([room, said]) => `${room}:${said.cursor}`).join();
      return (late || messages.length || Object.keys(gaps).length) && [200, { messages, cursor, gaps }];
    };
    const wait = 1_000 * Number(url.searchParams.get("wait"));
    let done = false;
    const over = this.#opened(tab, () => (stop(), done || fail()));
    const finish = (found) => {
      if (!found) return false;
      done = true;
      over();
      answer(found);
      return true;
    };
    let stop = () => {};
    signal.addEventListener("abort", () => ((done = true), over()));
    if (finish(look(!wait))) return;
    const unwatch = this.rooms.watch(() => done || finish(look(false)));
    const callOff = this.clock.after(wait, () => done || finish(look(true)));
    stop = () => (unwatch(), callOff());
  }

  #stream(tab, url, signal, resolve, answer) {
    const room = Number(ROOM.exec(url.pathname)[1]);
    if (!this.rooms.logs.has(room)) return answer(problem(404));
    let place = url.searchParams.get("since");
    const encoder = new TextEncoder();
    let over = () => {};
    const body = new ReadableStream({
      start: (controller) => {
        const send = (text) => controller.enqueue(encoder.encode(text));
        send(`retry: 3000\n\nid: ${place}\n\n`);
        const beat = () => (callOff = this.clock.after(15_000, () => (send(":\n\n"), beat())));
        let callOff = () => {};
        beat();
        const unwatch = this.rooms.watch(() => {
          if (!this.rooms.logs.has(room)) return over();
          const { messages, gap } = this.rooms.since(room, place);
          if (gap.missed || gap.restarted) send(`event: gap\nid: ${this.rooms.cursor(room, messages[0].seq - 1)}\ndata: ${JSON.stringify(gap)}\n\n`);
          for (const each of messages) send(`id: ${(place = this.rooms.cursor(room, each.seq))}\ndata: ${JSON.stringify(each)}\n\n`);
        });
        over = this.#opened(tab, () => (unwatch(), callOff(), controller.error(new TypeError("network"))));
        signal.addEventListener("abort", over);
      },
    });
    resolve(new Response(body));
  }

  /** @returns {any} enough of a WebSocket */
  #socket(tab, later, url) {
    const fate = this.fate.websocket ?? "";
    this.asked.push({ name: "websocket", at: this.clock.time, url });
    const room = Number(url.searchParams.get("room"));
    let place = url.searchParams.get("cursor");
    let over = () => {};
    let code = 1006;
    const wire = { readyState: 0, send: (json) => fate === "silent" || later(() => JSON.parse(json).type === "ping" && say({ type: "pong" })), close: () => over() };
    const say = (frame) => later(() => wire.onmessage?.({ data: JSON.stringify(frame) }));
    if (fate === "none") return null;
    if (fate === "hung") return wire;
    later(() => {
      if (fate === "refused" || !this.rooms.logs.has(room)) return wire.onclose?.({ code: 1006 });
      wire.readyState = 1;
      say({ type: "hello", cursor: place });
      const unwatch = this.rooms.watch(() => {
        if (!this.rooms.logs.has(room)) return (code = 1000), over();
        const { messages, gap } = this.rooms.since(room, place);
        if (gap.missed || gap.restarted) say({ type: "gap", ...gap, cursor: this.rooms.cursor(room, messages[0].seq - 1) });
        for (const message of messages) say({ type: message.kind === "join" ? "presence" : "message", message, cursor: (place = this.rooms.cursor(room, message.seq)) });
      });
      over = this.#opened(tab, () => (unwatch(), later(() => wire.onclose?.({ code }))));
      if (fate === "cut") this.clock.after(50, over);
      wire.onopen?.();
    });
    return wire;
  }
}

export { settle };

/** One room by whichever carrier works: nothing is lost, nothing comes twice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventsCarrier } from "../../chatapp/public/transport/events.js";
import { Falling } from "../../chatapp/public/transport/falling.js";
import { LongPollCarrier } from "../../chatapp/public/transport/longpoll.js";
import { WebSocketCarrier } from "../../chatapp/public/transport/websocket.js";
import { Browser } from "./room.mjs";
import { chance } from "./world.mjs";

/** @typedef {import("../../chatapp/public/transport/falling.js").Kind} Kind */

const ALL = [WebSocketCarrier, EventsCarrier, LongPollCarrier];

/** @type {[string, Kind[]][]} */
const EACH = [
  ["WebSocket", [WebSocketCarrier]],
  ["server-sent events", [EventsCarrier]],
  ["long-poll", [LongPollCarrier]],
];

/** A page that reads room 1 from its beginning, and what it hears and shows. */
function read({ kinds = /** @type {Kind[]} */ (ALL), fate = {}, rooms = [1] } = {}) {
  Math.random = chance(1);
  const browser = new Browser();
  browser.fate = fate;
  const heard = [];
  const gaps = [];
  const states = [];
  const falling = new Falling(browser.tab(), kinds, {
    batch(room, { messages, gap }) {
      heard.push(...messages.map(({ text }) => text));
      if (gap.missed || gap.restarted) gaps.push([gap.missed, gap.restarted]);
    },
    state: (state, room) => states.push(room ? { ...state, room } : state),
  });
  falling.start(rooms.map((room) => [room, browser.rooms.cursor(room, 0)]));
  const now = () => states.at(-1).transport ?? states.at(-1).name;
  return { browser, clock: browser.clock, rooms: browser.rooms, falling, heard, gaps, states, now };
}

for (const [name, kinds] of EACH) {
  test(`${name} brings what was said and what is said, in order, and says so`, async () => {
    const page = read({ kinds });
    page.rooms.say(1, "before");
    await page.clock.advance(100);
    assert.equal(page.now(), name);
    for (let n = 0; n < 20; n += 1) {
      page.rooms.say(1, `word ${n}`);
      await page.clock.advance(n % 3 ? 3 : 300);
    }
    await page.clock.advance(1_000);
    assert.deepEqual(page.heard, ["before", ...Array.from({ length: 20 }, (_, n) => `word ${n}`)]);
    assert.deepEqual(page.gaps, []);
  });

  test(`${name} says that a room began anew, and tells it from its beginning`, async () => {
    const page = read({ kinds });
    for (const text of ["a", "b", "c"]) page.rooms.say(1, text);
    await page.clock.advance(20_000);
    page.browser.cut();
    page.rooms.logs.set(1, { epoch: "new", first: 1, messages: [] });
    page.rooms.say(1, "first");
    await page.clock.advance(20_000);
    page.rooms.say(1, "second");
    await page.clock.advance(100);
    assert.deepEqual([page.gaps, page.heard], [[[0, true]], ["a", "b", "c", "first", "second"]]);
  });

  test(`${name} says what is lost`, async () => {
    const page = read({ kinds });
    await page.clock.advance(20_000);
    page.browser.down();
    for (let n = 1; n <= 10; n += 1) page.rooms.say(1, `${n}`);
    page.rooms.forget(1, 7);
    page.browser.fate = {};
    await page.clock.advance(20_000);
    assert.deepEqual([page.gaps, page.heard], [[[7, false]], ["8", "9", "10"]]);
  });

  test(`${name} goes on after a long outage, and is quick to notice that it is over`, async () => {
    const page = read({ kinds });
    await page.clock.advance(20_000);
    page.browser.down();
    page.rooms.say(1, "meanwhile");
    await page.clock.advance(60_000);
    assert.equal(page.now(), "lost");
    const asked = page.browser.asked.length;
    await page.clock.advance(60_000);
    assert.ok(page.browser.asked.length - asked < 30);
    page.browser.fate = {};
    page.falling.probe();
    await page.clock.advance(1_000);
    assert.deepEqual([page.now(), page.heard], [name, ["meanwhile"]]);
  });

  test(`${name} that says nothing for a long time in a silent room is not given up`, async () => {
    const page = read({ kinds });
    await page.clock.advance(600_000);
    assert.deepEqual(page.states.map(({ name }) => name), ["connecting", "live"]);
    assert.ok(page.browser.asked.length < 40);
  });
}

test("it falls from WebSockets to events to polls, by itself, and back", async () => {
  const page = read({ fate: { websocket: "refused" } });
  page.rooms.say(1, "one");
  await page.clock.advance(100);
  assert.equal(page.now(), "server-sent events");
  page.browser.fate = { websocket: "refused", events: 502 };
  page.browser.cut();
  page.rooms.say(1, "two");
  await page.clock.advance(5_000);
  assert.equal(page.now(), "long-poll");
  page.rooms.say(1, "three");
  page.browser.fate = {};
  await page.clock.advance(40_000);
  assert.equal(page.now(), "WebSocket");
  assert.equal(page.browser.open, 1);
  page.rooms.say(1, "four");
  await page.clock.advance(100);
  assert.deepEqual(page.heard, ["one", "two", "three", "four"]);
  assert.deepEqual(page.gaps, []);
});

test("a handshake that hangs, and a browser without WebSockets, are failures too", async () => {
  for (const websocket of ["hung", "none"]) {
    const page = read({ fate: { websocket } });
    await page.clock.advance(11_000);
    assert.equal(page.now(), "server-sent events");
  }
});

test("a wire that went silent is noticed without anybody speaking", async () => {
  const page = read({ fate: { websocket: "silent" } });
  await page.clock.advance(100);
  assert.equal(page.now(), "WebSocket");
  page.browser.fate = { websocket: "refused" };
  await page.clock.advance(40_000);
  assert.equal(page.now(), "server-sent events");
});

test("a proxy that cuts what it has opened is passed over, and not asked without a pause", async () => {
  const page = read({ fate: { websocket: "cut" } });
  await page.clock.advance(20_000);
  assert.equal(page.now(), "server-sent events");
  const sockets = page.browser.asked.filter(({ name }) => name === "websocket").length;
  assert.ok(sockets < 5, `${sockets} sockets`);
});

test("while a better way is tried the one that works goes on", async () => {
  const page = read({ fate: { websocket: "refused" } });
  await page.clock.advance(100);
  page.browser.fate = { websocket: "hung" };
  await page.clock.advance(35_000);
  page.rooms.say(1, "heard at once");
  await page.clock.advance(100);
  assert.deepEqual(page.heard, ["heard at once"]);
  assert.ok(page.states.every(({ name }) => name !== "lost"));
});

test("a room that was removed is refused, and the server not asked any more", async () => {
  const page = read();
  await page.clock.advance(15_000);
  page.rooms.remove(1);
  await page.clock.advance(5_000);
  assert.deepEqual(page.states.at(-1), { name: "refused", status: 404, detail: "refused 404" });
  const asked = page.browser.asked.length;
  await page.clock.advance(600_000);
  assert.equal(page.browser.asked.length, asked);
});

test("a gateway's own 404 is no refusal", async () => {
  const page = read({ fate: { websocket: "refused", events: 404, poll: 404 } });
  await page.clock.advance(10_000);
  assert.equal(page.now(), "lost");
});

test("several rooms go by one poll, and one that is removed leaves the others", async () => {
  const page = read({ rooms: [1, 2] });
  page.rooms.say(1, "in one");
  page.rooms.say(2, "in two");
  await page.clock.advance(100);
  assert.deepEqual([page.now(), page.browser.open], ["long-poll", 1]);
  page.rooms.remove(2);
  await page.clock.advance(5_000);
  assert.deepEqual(page.states.filter(({ room }) => room), [{ name: "refused", status: 404, detail: "refused 404", room: 2 }]);
  page.rooms.say(1, "still here");
  await page.clock.advance(100);
  assert.deepEqual([page.now(), page.heard], ["WebSocket", ["in one", "in two", "still here"]]);
});

test("whatever fails when, each message comes once and in order", async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = chance(seed);
    const page = read();
    const pick = (...all) => all[Math.floor(random() * all.length)];
    const said = [];
    for (let n = 0; n < 150; n += 1) {
      if (random() < 0.5) said.push(page.rooms.say(1, `${n}`).text);
      if (random() < 0.2) page.browser.cut();
      if (random() < 0.2) page.falling.probe();
      if (random() < 0.3) page.browser.fate = { websocket: pick("", "refused", "hung", "cut"), events: pick("", "refused", 503), poll: pick("", "refused") };
      await page.clock.advance(random() * 8_000);
    }
    page.browser.fate = {};
    page.falling.probe();
    await page.clock.advance(60_000);
    assert.deepEqual(page.heard, said, `seed ${seed}`);
    assert.deepEqual(page.gaps, []);
  }
});

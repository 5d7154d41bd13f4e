/** Many tabs of one browser: one connection, and each tab hears everything. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventsCarrier } from "../../chatapp/public/transport/events.js";
import { LongPollCarrier } from "../../chatapp/public/transport/longpoll.js";
import { Tabs } from "../../chatapp/public/transport/tabs.js";
import { WebSocketCarrier } from "../../chatapp/public/transport/websocket.js";
import { Browser } from "./room.mjs";
import { chance } from "./world.mjs";

const ALL = [WebSocketCarrier, EventsCarrier, LongPollCarrier];

/** @param {(browser: Browser) => unknown} [setUp] */
function open(setUp = () => {}) {
  Math.random = chance(1);
  const browser = new Browser();
  setUp(browser);
  return { browser, clock: browser.clock, rooms: browser.rooms, tab: (room, how) => new Tab(browser, room, how) };
}

/** One tab that shows a room from now on. */
class Tab {
  heard = [];
  states = [];
  members = [];

  constructor(browser, room, { cursor = browser.rooms.cursor(room), ...how } = {}) {
    this.world = browser.tab(how);
    this.tabs = new Tabs(this.world, "chat", ALL, room, {
      batch: ({ messages }) => this.heard.push(...messages.map(({ text }) => text)),
      state: (state) => this.states.push(state),
      members: (names) => this.members.push(names),
    });
    this.tabs.start(cursor);
  }

  get now() {
    return this.states.at(-1)?.transport ?? this.states.at(-1)?.name;
  }

  close() {
    this.world.close();
  }
}

test("fifty tabs on one room share one connection, and each hears everything once", async () => {
  const { browser, clock, rooms, tab } = open();
  const tabs = [];
  for (let n = 0; n < 50; n += 1) {
    tabs.push(tab(1));
    if (n % 5 === 0) rooms.say(1, `while ${n}`);
    await clock.advance(n % 3);
  }
  await clock.advance(1_000);
  for (const each of tabs) each.heard.length = 0;
  for (const text of ["a", "b", "c"]) {
    rooms.say(1, text);
    await clock.advance(50);
  }
  for (const each of tabs) assert.deepEqual([each.now, each.heard], ["WebSocket", ["a", "b", "c"]]);
  assert.equal(browser.most, 1);
  assert.ok(tabs.at(-1).members.length >= 1);
});

test("tabs that come while much is said begin where they came in, without a hole", async () => {
  const { clock, rooms, tab } = open();
  const tabs = [];
  for (let n = 0; n < 60; n += 1) {
    if (n % 6 === 0) tabs.push([n, tab(1)]);
    rooms.say(1, `${n}`);
    await clock.advance(n % 7);
  }
  await clock.advance(5_000);
  for (const [first, { heard }] of tabs) {
    assert.deepEqual(heard, Array.from({ length: 60 - first }, (_, n) => `${first + n}`));
  }
});

test("tabs on several rooms share one poll, and each hears its own", async () => {
  const { browser, clock, rooms, tab } = open();
  const tabs = [1, 2, 3, 2].map((room) => tab(room));
  await clock.advance(5_000);
  for (const room of [1, 2, 3]) rooms.say(room, `in ${room}`);
  await clock.advance(100);
  assert.deepEqual(tabs.map(({ heard }) => heard), [["in 1"], ["in 2"], ["in 3"], ["in 2"]]);
  assert.deepEqual([tabs[3].now, browser.open], ["long-poll", 1]);
  for (const each of tabs.slice(1)) each.close();
  await clock.advance(60_000);
  assert.deepEqual([tabs[0].now, browser.open], ["WebSocket", 1]);
});

test("when the leader is closed another one leads, and nothing is lost", async () => {
  const { browser, clock, rooms, tab } = open();
  const [leader, second, third] = [tab(1), tab(1), tab(2)];
  await clock.advance(5_000);
  rooms.say(1, "before");
  leader.close();
  rooms.say(1, "between");
  rooms.say(2, "elsewhere");
  await clock.advance(10);
  second.close();
  const fourth = tab(1);
  rooms.say(1, "after");
  await clock.advance(5_000);
  assert.deepEqual([third.heard, fourth.heard, browser.open], [["elsewhere"], ["after"], 1]);
  rooms.say(1, "and on");
  await clock.advance(100);
  assert.deepEqual(fourth.heard, ["after", "and on"]);
});

test("the next leader carries the rooms of the other tabs too", async () => {
  const { browser, clock, rooms, tab } = open();
  const [leader, , elsewhere] = [tab(1), tab(1), tab(2)];
  await clock.advance(5_000);
  leader.close();
  await clock.advance(100);
  rooms.say(2, "x");
  await clock.advance(1_000);
  assert.deepEqual([elsewhere.heard, elsewhere.now, browser.open], [["x"], "long-poll", 1]);
});

test("a tab that was not told of something asks the server for it, as soon as it can", async () => {
  const { browser, clock, rooms, tab } = open();
  const [first, second] = [tab(1), tab(1)];
  await clock.advance(1_000);
  browser.drop = ({ type }) => type === "batch";
  for (const text of ["one", "two"]) rooms.say(1, text);
  await clock.advance(1_000);
  browser.drop = () => false;
  browser.fate = { messages: "refused" };
  rooms.say(1, "three");
  await clock.advance(2_000);
  rooms.say(1, "four");
  assert.deepEqual([first.heard, second.heard], [["one", "two", "three"], []]);
  browser.fate = {};
  await clock.advance(20_000);
  assert.deepEqual(second.heard, ["one", "two", "three", "four"]);
});

test("what the others heard while a tab was on its way in, it is not kept waiting for", async () => {
  const { clock, rooms, tab } = open();
  const first = tab(1);
  await clock.advance(1_000);
  const cursor = rooms.cursor(1);
  rooms.say(1, "one");
  await clock.advance(100);
  const second = tab(1, { cursor });
  await clock.advance(1_000);
  assert.deepEqual([first.heard, second.heard], [["one"], ["one"]]);
});

test("who is carried alone in vain hears from the leader what that one has heard", async () => {
  const { browser, clock, rooms, tab } = open();
  tab(1);
  await clock.advance(1_000);
  browser.drop = () => true;
  browser.fate = { websocket: "hung", events: "hung", poll: "hung" };
  const second = tab(1);
  await clock.advance(5_000);
  browser.drop = () => false;
  rooms.say(1, "one");
  await clock.advance(100);
  assert.deepEqual(second.heard, []);
  second.tabs.hurry();
  await clock.advance(1_000);
  assert.deepEqual([second.heard, browser.open], [["one"], 1]);
});

test("all tabs say that the connection is lost, when it is tried again, and that it is back", async () => {
  const { browser, clock, rooms, tab } = open();
  const tabs = [tab(1), tab(1)];
  await clock.advance(20_000);
  browser.down();
  await clock.advance(3_000);
  for (const each of tabs) assert.equal(each.now, "lost");
  const rest = tabs.map(({ states }) => states.findLast(({ retryAt }) => retryAt)?.retryAt);
  assert.ok(Math.abs(rest[0] - rest[1]) < 10);
  rooms.say(1, "meanwhile");
  browser.fate = {};
  tabs[1].tabs.probe();
  await clock.advance(500);
  for (const each of tabs) assert.deepEqual([each.now, each.heard], ["WebSocket", ["meanwhile"]]);
});

test("fifty tabs that hear of another network at once ask for one connection", async () => {
  const { browser, clock, tab } = open();
  const tabs = Array.from({ length: 50 }, () => tab(1));
  await clock.advance(20_000);
  const before = browser.asked.length;
  for (const each of tabs) {
    each.tabs.changed();
    await clock.advance(3);
  }
  await clock.advance(1_000);
  const sockets = browser.asked.slice(before).filter(({ name }) => name === "websocket").length;
  assert.deepEqual([sockets, browser.most, tabs[49].now], [1, 1, "WebSocket"]);
});

test("only the tabs of a room that was removed are told that it is gone", async () => {
  const { clock, rooms, tab } = open();
  const [one, two] = [tab(1), tab(2)];
  await clock.advance(5_000);
  rooms.remove(2);
  await clock.advance(5_000);
  rooms.say(1, "still here");
  await clock.advance(100);
  assert.deepEqual([one.now, one.heard, two.now], ["WebSocket", ["still here"], "refused"]);
});

test("a tab whose leader does not answer is carried alone, until it does", async () => {
  const { browser, clock, rooms, tab } = open();
  const leader = tab(1);
  await clock.advance(1_000);
  browser.drop = () => true;
  const second = tab(1);
  await clock.advance(5_000);
  rooms.say(1, "one");
  await clock.advance(100);
  assert.deepEqual([second.now, second.heard, browser.open], ["WebSocket", ["one"], 2]);
  browser.drop = () => false;
  second.tabs.hurry();
  await clock.advance(1_000);
  rooms.say(1, "two");
  await clock.advance(100);
  assert.deepEqual([second.now, second.heard, browser.open], ["WebSocket", ["one", "two"], 1]);
  leader.close();
  rooms.say(1, "three");
  await clock.advance(100);
  assert.deepEqual([second.heard, browser.open], [["one", "two", "three"], 1]);
});

test("who was carried alone when the leader goes leads with what it has", async () => {
  const { browser, clock, rooms, tab } = open();
  const leader = tab(1);
  await clock.advance(1_000);
  browser.drop = () => true;
  const [second, third] = [tab(1), tab(2)];
  await clock.advance(5_000);
  browser.drop = () => false;
  leader.close();
  await clock.advance(1_000);
  for (const room of [1, 2]) rooms.say(room, `in ${room}`);
  await clock.advance(100);
  assert.deepEqual([second.heard, third.heard, browser.open], [["in 1"], ["in 2"], 1]);
});

test("a browser that never says who leads keeps nobody waiting", async () => {
  const { clock, rooms, tab } = open((browser) => {
    const made = browser.tab.bind(browser);
    browser.tab = (how) => ({ ...made(how), hold: () => new Promise(() => {}) });
  });
  const [one, two] = [tab(1), tab(2)];
  await clock.advance(5_000);
  for (const room of [1, 2]) rooms.say(room, `in ${room}`);
  await clock.advance(100);
  assert.deepEqual([one.heard, two.heard, one.now], [["in 1"], ["in 2"], "WebSocket"]);
});

test("tabs that cannot know of each other each have a connection", async () => {
  const { browser, clock, rooms, tab } = open();
  const tabs = [tab(1, { shares: false }), tab(1, { shares: false })];
  await clock.advance(1_000);
  rooms.say(1, "x");
  await clock.advance(100);
  assert.deepEqual([tabs.map(({ heard }) => heard), browser.open], [[["x"], ["x"]], 2]);
});

/** What is said: once, in the order of typing, through an outage, and through a reload. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Kept } from "../../chatapp/public/kept.js";
import { Outbox } from "../../chatapp/public/outbox.js";
import { wishOf } from "../../chatapp/public/wish.js";
import { Browser } from "./room.mjs";
import { chance } from "./world.mjs";

/** What a tab has of sessionStorage. */
class Storage {
  #items = new Map();
  getItem = (key) => this.#items.get(key) ?? null;
  setItem = (key, value) => void this.#items.set(key, value);
  removeItem = (key) => void this.#items.delete(key);
}

/** A page in a browser; `shown` is what it shows of what was typed: pending, or why it failed. */
function open({ browser = new Browser(), storage = /** @type {() => any} */ (() => tab), tab = new Storage(), live = true } = {}) {
  Math.random = chance(1);
  const page = { browser, clock: browser.clock, rooms: browser.rooms, settled: [], names: [], live, go: [] };
  const shown = new Map();
  const world = browser.tab();
  page.reach = () => (page.live ? Promise.resolve(1) : new Promise((resolve) => page.go.push(() => resolve(1))));
  page.outbox = new Outbox(() => page.reach(), world, new Kept("out", storage), {
    pending: (nonce, text) => (shown.delete(nonce), shown.set(nonce, [text])),
    settled: (nonce, message) => (page.settled.push(message?.seq ?? null), shown.delete(nonce)),
    failed: (nonce, reason) => shown.get(nonce).push(reason),
    named: (name) => page.names.push(name),
  });
  page.outbox.resume();
  page.shown = () => [...shown.values()].map((each) => each.join(": "));
  page.nonceOf = (text) => [...shown].find(([, [typed]]) => typed === text)[0];
  page.said = () => page.rooms.logs.get(1).messages.map(({ text }) => text);
  page.comeBack = () => ((page.live = true), page.go.splice(0).forEach((each) => each()));
  page.reload = (how) => (world.close(), open({ browser, storage, tab, ...how }));
  return page;
}

test("what is typed during an outage waits, is shown as pending, and is said in its order", async () => {
  const page = open({ live: false });
  for (const text of ["one", "two", "three"]) page.outbox.send(text);
  await page.clock.advance(600_000);
  assert.deepEqual([page.shown(), page.said()], [["one", "two", "three"], []]);
  page.comeBack();
  await page.clock.advance(1_000);
  assert.deepEqual([page.shown(), page.said(), page.settled], [[], ["one", "two", "three"], [1, 2, 3]]);
});

for (const fate of ["unanswered", "refused", 503, 429, "hung"]) {
  test(`a message that is ${fate} is sent again with its nonce, and said once`, async () => {
    const page = open();
    page.browser.fate = { post: fate };
    page.outbox.send("once");
    page.outbox.send("/me waves");
    await page.clock.advance(5_000);
    assert.deepEqual(page.shown(), ["once", "/me waves"]);
    page.browser.fate = {};
    await page.clock.advance(60_000);
    assert.deepEqual([page.said(), page.shown()], [["once", "ann waves"], []]);
    const [first, second] = page.browser.asked;
    assert.equal(first.body.nonce, second.body.nonce);
  });
}

test("what one does is said once as well, though its answer was lost", async () => {
  const page = open();
  page.browser.fate = { post: "unanswered" };
  page.outbox.send("/me waves");
  await page.clock.advance(5_000);
  page.browser.fate = {};
  await page.clock.advance(60_000);
  assert.deepEqual([page.said(), page.settled], [["ann waves"], [1]]);
});

test("what the server refuses stays, with the reason, and holds up nothing behind it", async () => {
  const page = open();
  for (const text of ["fine", "bad", "behind"]) page.outbox.send(text);
  await page.clock.advance(1_000);
  assert.deepEqual([page.said(), page.shown()], [["fine", "behind"], ["bad: refused 400"]]);
});

test("what was refused can be sent again, after what was typed since, or dropped", async () => {
  const page = open();
  page.outbox.send("bad");
  await page.clock.advance(1_000);
  page.live = false;
  page.outbox.send("since");
  page.outbox.again(page.nonceOf("bad"));
  assert.deepEqual(page.shown(), ["since", "bad"]);
  page.comeBack();
  await page.clock.advance(1_000);
  assert.deepEqual([page.said(), page.shown()], [["since"], ["bad: refused 400"]]);
  page.outbox.drop(page.nonceOf("bad"));
  assert.deepEqual(page.reload().shown(), []);
});

test("a name is asked for until there is an answer", async () => {
  const page = open();
  page.browser.fate = { post: "unanswered" };
  page.outbox.send("/nick  ann ");
  await page.clock.advance(5_000);
  assert.deepEqual([page.names, page.shown()], [[], ["/nick  ann "]]);
  page.browser.fate = {};
  await page.clock.advance(60_000);
  assert.deepEqual([page.names, page.settled, page.shown()], [["ann"], [null], []]);
  assert.equal(page.browser.asked.at(-1).body, "/nick ann");
});

test("what waits when the page is loaded anew is said by the new one, with what was refused", async () => {
  const page = open();
  page.outbox.send("bad");
  await page.clock.advance(1_000);
  page.live = false;
  page.outbox.send("one");
  page.outbox.send("two");
  const anew = page.reload({ live: false });
  assert.deepEqual(anew.shown(), ["bad: refused 400", "one", "two"]);
  anew.comeBack();
  await page.clock.advance(1_000);
  assert.deepEqual([anew.said(), anew.shown()], [["one", "two"], ["bad: refused 400"]]);
});

test("what was said before the reload, without an answer, is not said twice", async () => {
  const page = open();
  page.browser.fate = { post: "unanswered" };
  page.outbox.send("once");
  await page.clock.advance(10);
  assert.deepEqual(page.said(), ["once"]);
  page.browser.fate = {};
  const anew = page.reload();
  await page.clock.advance(1_000);
  assert.deepEqual([anew.said(), anew.settled, anew.shown()], [["once"], [1], []]);
  assert.deepEqual(anew.reload().shown(), []);
});

const FORBIDDEN = { getItem: null, setItem: null, removeItem: null };
const FULL = { ...new Storage(), setItem: () => assert.fail("QuotaExceededError") };
for (const [what, storage] of Object.entries({ forbidden: () => assert.fail(), broken: () => FORBIDDEN, full: () => FULL })) {
  test(`where storage is ${what}, one speaks all the same`, async () => {
    const page = open({ storage });
    page.outbox.send("hello");
    await page.clock.advance(1_000);
    assert.deepEqual([page.said(), page.shown()], [["hello"], []]);
  });
}

for (const foreign of ["{", "7", '[7, null, {"text": 1}, {"text": "x"}, {"text": "x", "nonce": "n", "reason": 7}]']) {
  test(`what stands in storage and is not ours counts for nothing: ${foreign}`, () => {
    const tab = new Storage();
    tab.setItem("out", foreign);
    assert.deepEqual(open({ tab }).shown(), []);
  });
}

test("only so much is kept, and what was typed first", () => {
  const page = open({ live: false });
  for (let n = 0; n < 40; n += 1) page.outbox.send(`${n} `.padEnd(8_000, "x"));
  const kept = page.reload({ live: false }).shown();
  assert.equal(page.shown().length, 40);
  assert.deepEqual(kept, page.shown().slice(0, 25));
});

test("two slashes say one, and what is no command is said", async () => {
  const page = open();
  for (const text of ["//nick", "/etc/hosts", "/me", "/me ", "/mean it", "/nickname"]) page.outbox.send(text);
  await page.clock.advance(1_000);
  assert.deepEqual(page.said(), ["/nick", "/etc/hosts", "/me", "/me ", "/mean it", "/nickname"]);
  assert.deepEqual(wishOf("/me two\nlines"), { verb: "me", text: "two\nlines" });
});

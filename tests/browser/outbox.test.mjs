/** What is said: once, in the order of typing, through an outage. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../chatapp/public/outbox.js";
import { Browser } from "./room.mjs";
import { chance } from "./world.mjs";

function open() {
  Math.random = chance(1);
  const browser = new Browser();
  const page = { browser, clock: browser.clock, rooms: browser.rooms, pending: [], unsent: [], live: true, go: [] };
  page.reach = () => (page.live ? Promise.resolve(1) : new Promise((resolve) => page.go.push(() => resolve(1))));
  page.outbox = new Outbox(() => page.reach(), browser.tab(), {
    pending: (texts) => (page.pending = texts),
    unsent: (text, why) => page.unsent.push([text, why.message, why.doubtful]),
    named: () => {},
  });
  page.said = () => page.rooms.logs.get(1).messages.map(({ text }) => text);
  page.comeBack = () => ((page.live = true), page.go.splice(0).forEach((each) => each()));
  return page;
}

test("what is typed during an outage waits, is shown as pending, and is said in its order", async () => {
  const page = open();
  page.live = false;
  for (const text of ["one", "two", "three"]) page.outbox.send(text);
  await page.clock.advance(600_000);
  assert.deepEqual([page.pending, page.said(), page.unsent], [["one", "two", "three"], [], []]);
  page.comeBack();
  await page.clock.advance(1_000);
  assert.deepEqual([page.pending, page.said()], [[], ["one", "two", "three"]]);
});

for (const fate of ["unanswered", "refused", 503, 429, "hung"]) {
  test(`a message that is ${fate} is sent again with its nonce, and said once`, async () => {
    const page = open();
    page.browser.fate = { post: fate };
    page.outbox.send("once");
    page.outbox.send("next");
    await page.clock.advance(5_000);
    assert.deepEqual(page.pending.length, 2);
    page.browser.fate = {};
    await page.clock.advance(60_000);
    assert.deepEqual([page.said(), page.pending, page.unsent], [["once", "next"], [], []]);
    const [first, second] = page.browser.asked;
    assert.equal(first.body.nonce, second.body.nonce);
  });
}

test("what the server refuses is given back, with all that is behind it", async () => {
  const page = open();
  for (const text of ["fine", "bad", "behind"]) page.outbox.send(text);
  await page.clock.advance(1_000);
  assert.deepEqual([page.said(), page.unsent], [["fine"], [["bad\nbehind", "refused 400", false]]]);
  page.outbox.send("better");
  await page.clock.advance(1_000);
  assert.deepEqual([page.said(), page.pending], [["fine", "better"], []]);
});

test("what the room was heard to say is not pending, though its answer is late; its twin is", async () => {
  const page = open();
  page.browser.fate = { post: "unanswered" };
  page.outbox.send("x");
  page.outbox.send("x");
  await page.clock.advance(10);
  page.outbox.heard({ seq: 1, text: "x" });
  assert.deepEqual(page.pending, ["x"]);
  page.browser.fate = {};
  await page.clock.advance(60_000);
  assert.deepEqual([page.said(), page.pending], [["x", "x"], []]);
});

test("what is heard late of one message says nothing of the same words after it", async () => {
  const page = open();
  page.outbox.send("x");
  await page.clock.advance(1_000);
  page.live = false;
  page.outbox.send("x");
  page.outbox.heard({ seq: 1, text: "x" });
  assert.deepEqual(page.pending, ["x"]);
});

test("two slashes say one", async () => {
  const page = open();
  page.outbox.send("//nick");
  page.outbox.send("/etc/hosts");
  await page.clock.advance(1_000);
  assert.deepEqual(page.said(), ["/nick", "/etc/hosts"]);
});

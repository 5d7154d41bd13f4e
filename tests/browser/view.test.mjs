/** Days and groups, names in notices, emoji, and what a screen reader is told. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isEmojiOnly } from "../../chatapp/public/view/emoji.js";
import { dateOf, dayOf, placeOf } from "../../chatapp/public/view/grouping.js";
import { namesIn } from "../../chatapp/public/view/notices.js";
import { isNews } from "../../chatapp/public/view/speech.js";
import { toldOf } from "../../chatapp/public/view/telling.js";

const at = (/** @type {[number, number, number, number, number, number]} */ ...moment) => new Date(...moment).getTime() * 1_000;
const NOON = at(2026, 10, 21, 12, 0, 0);
const MINUTE = 60_000_000;
const message = (sender, time = NOON, kind = "say", text = "x") => ({ seq: 1, time, sender, kind, text });

test("a day is that of the reader's calendar", () => {
  assert.equal(dayOf(dateOf(message("bob", at(2026, 0, 5, 0, 0, 0)))), "2026-01-05");
  assert.equal(dayOf(dateOf(message("bob", at(2026, 11, 31, 23, 59, 59)))), "2026-12-31");
});

test("the first message begins a day, and so does the first after midnight", () => {
  assert.deepEqual(placeOf(null, message("bob")), { newDay: true, again: false });
  const late = message("bob", at(2026, 10, 21, 23, 59, 59));
  const early = message("bob", at(2026, 10, 22, 0, 0, 1));
  assert.deepEqual(placeOf(late, early), { newDay: true, again: false });
  assert.deepEqual(placeOf(message("bob"), late), { newDay: false, again: false });
  const yearLater = message("bob", at(2027, 10, 21, 12, 0, 0));
  assert.equal(placeOf(message("bob"), yearLater).newDay, true);
});

test("who speaks again within five minutes goes on", () => {
  const again = (before, after) => placeOf(before, after).again;
  assert.equal(again(message("bob"), message("bob", NOON + 5 * MINUTE - 1)), true);
  assert.equal(again(message("bob"), message("bob", NOON + 5 * MINUTE)), false);
  assert.equal(again(message("bob"), message("eve", NOON + 1)), false);
  assert.equal(again(message("bob", NOON, "notice"), message("bob", NOON + 1)), false);
  assert.equal(again(message("bob"), message("bob", NOON + 1, "join")), false);
  assert.equal(again(message("bob", NOON, "removed"), message("bob", NOON + 1)), true);
});

test("names in notices are found, and the parts are the text", () => {
  const name = (text) => ({ name: text });
  assert.deepEqual(namesIn("bob waves", "bob"), [name("bob"), " waves"]);
  assert.deepEqual(namesIn("user שרה has joined the room", "שרה"), ["user ", name("שרה"), " has joined the room"]);
  assert.deepEqual(namesIn("user a is now is now b", "b"), ["user ", name("a is now"), " is now ", name("b")]);
  assert.deepEqual(namesIn("user waves", "user"), [name("user"), " waves"]);
  assert.deepEqual(namesIn("something else", "bob"), ["something else"]);
  assert.deepEqual(namesIn("bobby waves", "bob"), ["bobby waves"]);
  assert.deepEqual(namesIn("", ""), [""]);
});

test("emoji alone are found, however they are put together", () => {
  for (const text of ["👍", "👩‍👩‍👧‍👦 🏳️‍🌈", "👋🏽👋🏽", "🇩🇪", "❤️", "1️⃣"]) assert.equal(isEmojiOnly(text), true, text);
  for (const text of ["", " ", "1", "👍 yes", "©", "*", "👍".repeat(7), "🇩🇪x", "\ud83d"]) {
    assert.equal(isEmojiOnly(text), false, text);
  }
});

test("news is what somebody else says or does, and a word to everybody", () => {
  const news = (kind, sender, text = "x") => isNews(message(sender, NOON, kind, text), "ann");
  for (const [kind, ...more] of [["say", "bob"], ["wall", "bob"], ["wall", "ann"], ["notice", "bob", "bob waves"]]) {
    assert.equal(news(kind, ...more), true, kind);
  }
  for (const kind of ["join", "leave", "removal", "removed", "later"]) assert.equal(news(kind, "bob"), false, kind);
  assert.equal(news("say", "ann"), false);
  assert.equal(news("notice", "ann", "ann waves"), false);
  assert.equal(news("notice", "bob", "user rob is now bob"), false);
  assert.equal(news("notice", "user", "user bob is now user"), false);
  assert.equal(news("notice", "1f2e3d", "New connection from 192.0.2.1"), false);
});

test("a screen reader is told a few messages, and of many how many they are", () => {
  const said = (...senders) => senders.map((sender, n) => message(sender, NOON, "say", `word ${n}`));
  assert.deepEqual(toldOf(said("bob", "eve"), "eve"), ["bob: word 0"]);
  assert.equal(toldOf(said("bob", "eve", "bob"), "ann").length, 3);
  assert.deepEqual(toldOf(said("bob", "eve", "bob", "bob"), "ann"), ["4 new messages from 2 people"]);
  assert.deepEqual(toldOf(said("bob", "bob", "bob", "bob"), "ann"), ["4 new messages from bob"]);
  assert.deepEqual(toldOf([message("bob", NOON, "join")], "ann"), []);
  assert.deepEqual(toldOf([message("bob", NOON, "notice", "bob waves")], "ann"), ["bob waves"]);
  assert.deepEqual(toldOf([message("ann", NOON, "wall", "tea")], "ann"), ["To everybody: tea"]);
  assert.ok(toldOf([message("bob", NOON, "say", "x".repeat(8_000))], "ann")[0].length < 320);
});

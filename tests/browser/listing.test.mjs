/** What the list of rooms counts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { listing } from "../../chatapp/public/listing.js";

/**
 * A server with these rooms, whose answer to what was said since is this, but for one that is closed to us.
 *
 * @returns {any} as much of a browser as is looked at, and what was asked
 */
function world(rooms, messages, closed = 0) {
  const asked = [];
  const fetch = async (url) => {
    asked.push(url.pathname + url.search);
    if (url.pathname === "/api/rooms") return Response.json({ rooms });
    const wanted = url.searchParams.get("rooms").split(",").map(Number);
    if (wanted.includes(closed)) return Response.json({ status: 403, detail: "You were sent out." }, { status: 403 });
    return Response.json({ messages: messages.filter(({ room }) => wanted.includes(room)), cursor: "", gaps: {} });
  };
  return { asked, fetch, url: (path) => new URL(path, "http://chat/"), after: () => () => {} };
}

const room = (id, cursor) => ({ id, name: `room ${id}`, people: 1, members: ["ann"], cursor });
const said = (id, kind = "say", text = "hello") => ({ room: id, kind, sender: "bob", text });

test("what was said since one has read is counted, in the rooms where one was, coming and going not", async () => {
  const news = [said(1), said(1, "join"), said(1, "wall"), said(1, "notice", "bob waves"), said(1, "notice", "user ann is now bob")];
  const chat = world([room(1, "e.5"), room(2, "e.9"), room(3, "e.7")], news);
  const entries = await listing(chat, (id) => ({ 1: "e.2", 3: "e.7" })[id] ?? null);
  assert.deepEqual(entries.map(({ id, unread, more }) => [id, unread, more]), [[1, 3, false], [2, 0, false], [3, 0, false]]);
  assert.deepEqual(chat.asked, ["/api/rooms", "/api/events?rooms=1&cursor=1%3Ae.2&limit=1000"]);
});

test("where nothing is new nothing is asked; where there is more than is counted, that is said", async () => {
  const quiet = world([room(1, "e.5")], []);
  await listing(quiet, () => "e.5");
  assert.deepEqual(quiet.asked, ["/api/rooms"]);
  const loud = world([room(1, "e.9000")], Array.from({ length: 1_000 }, () => said(1)));
  const [entry] = await listing(loud, () => "e.5");
  assert.deepEqual([entry.unread, entry.more], [1_000, true]);
});

test("however much is unread in one room, the newest of each is counted", async () => {
  const chat = world([room(1, "e.9000"), room(2, "f.8")], [said(1), said(2)]);
  const entries = await listing(chat, (id) => ({ 1: "e.5", 2: "f.7" })[id] ?? null);
  assert.deepEqual(entries.map(({ unread, more }) => [unread, more]), [[1, true], [1, false]]);
  assert.equal(new URL(chat.asked[1], "http://chat/").searchParams.get("cursor"), "1:e.8500,2:f.7");
});

test("in a room that began anew, or of which one has kept nonsense, all is unread", async () => {
  for (const read of ["old.70", "nonsense", ""]) {
    const chat = world([room(1, "e.3")], [said(1), said(1)]);
    const [entry] = await listing(chat, () => read);
    assert.deepEqual([entry.unread, entry.more], [2, false]);
    assert.equal(new URL(chat.asked[1], "http://chat/").searchParams.get("cursor"), "1:e.0");
  }
});

test("a room from which one was sent out keeps nobody from the others", async () => {
  const chat = world([room(1, "e.5"), room(2, "f.8")], [said(1), said(2)], 2);
  const entries = await listing(chat, () => "e.4");
  assert.deepEqual(entries.map(({ id, unread }) => [id, unread]), [[1, 1], [2, 0]]);
});

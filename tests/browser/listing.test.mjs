/** What the list of rooms counts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { listing } from "../../chatapp/public/listing.js";

/**
 * A server with these rooms, whose answer to what was said since is this.
 *
 * @returns {any} as much of a browser as is looked at, and what was asked
 */
function world(rooms, messages) {
  const asked = [];
  const fetch = async (url) => {
    asked.push(url.pathname + url.search);
    return Response.json(url.pathname === "/api/rooms" ? { rooms } : { messages, cursor: "", gaps: {} });
  };
  return { asked, fetch, url: (path) => new URL(path, "http://chat/"), after: () => () => {} };
}

const room = (id, cursor) => ({ id, name: `room ${id}`, people: 1, members: ["ann"], cursor });
const said = (id, kind = "say") => ({ room: id, kind });

test("what was said since one has read is counted, in the rooms where one was, coming and going not", async () => {
  const chat = world([room(1, "e.5"), room(2, "e.9"), room(3, "e.7")], [said(1), said(1, "join"), said(1, "wall")]);
  const entries = await listing(chat, (id) => ({ 1: "e.2", 3: "e.7" })[id] ?? null);
  assert.deepEqual(entries.map(({ id, unread, more }) => [id, unread, more]), [[1, 2, false], [2, 0, false], [3, 0, false]]);
  assert.deepEqual(chat.asked, ["/api/rooms", "/api/events?rooms=1&cursor=1%3Ae.2&limit=200"]);
});

test("where nothing is new nothing is asked; where there is more than is counted, that is said", async () => {
  const quiet = world([room(1, "e.5")], []);
  await listing(quiet, () => "e.5");
  assert.deepEqual(quiet.asked, ["/api/rooms"]);
  const loud = world([room(1, "e.900")], Array.from({ length: 200 }, () => said(1)));
  const [entry] = await listing(loud, () => "e.5");
  assert.deepEqual([entry.unread, entry.more], [200, true]);
});

/** Server-sent events, cut anywhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "../../chatapp/public/transport/stream.js";

const TEXT =
  'retry: 3000\n\nid: a.1\n\n:\n\nid: a.2\ndata: {"x":1}\n\nevent: gap\r\nid: a.9\r\ndata:one\r\ndata: two\r\n\r\nid: a.10\ndata: last\n\n';
const EVENTS = [
  { type: "message", data: '{"x":1}', id: "a.2" },
  { type: "gap", data: "one\ntwo", id: "a.9" },
  { type: "message", data: "last", id: "a.10" },
];

test("events are the same however the text is cut", () => {
  for (let size = 1; size <= TEXT.length; size += 1) {
    const stream = new EventStream();
    const events = [];
    for (let at = 0; at < TEXT.length; at += size) events.push(...stream.feed(TEXT.slice(at, at + size)));
    assert.deepEqual(events, EVENTS, `pieces of ${size}`);
  }
});

test("an event that has not ended is none", () => {
  assert.deepEqual(new EventStream().feed("id: a.1\ndata: half\n"), []);
});

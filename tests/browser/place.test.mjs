/** What a reader takes of what it is told. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Place } from "../../chatapp/public/transport/place.js";

const batch = (seqs, cursor, gap = {}) => ({
  messages: seqs.map((seq) => ({ seq })),
  cursor,
  gap: { missed: 0, restarted: false, ...gap },
});
const taken = (place, said) => place.take(said)?.messages.map(({ seq }) => seq);

test("of what overlaps only the rest is new, and what is known is nothing", () => {
  const place = new Place("e.5");
  assert.deepEqual(taken(place, batch([4, 5, 6, 7], "e.7")), [6, 7]);
  assert.equal(place.take(batch([6, 7], "e.7")), null);
  assert.equal(place.take(batch([], "e.3")), null);
  assert.equal(place.cursor, "e.7");
});

test("what does not follow is not taken, unless it is said how many are lost", () => {
  const place = new Place("e.5");
  assert.equal(place.take(batch([7], "e.7")), undefined);
  assert.equal(place.take(batch([9], "e.9", { missed: 2 })), undefined);
  assert.equal(place.cursor, "e.5");
  assert.deepEqual(taken(place, batch([9], "e.9", { missed: 3 })), [9]);
  assert.deepEqual(taken(place, batch([], "e.12", { missed: 3 })), []);
  assert.deepEqual(taken(place, batch([13], "e.13")), [13]);
});

test("another log is taken only as one that began anew", () => {
  const place = new Place("e.5");
  assert.equal(place.take(batch([6], "f.6")), undefined);
  assert.deepEqual(taken(place, batch([1, 2], "f.2", { restarted: true })), [1, 2]);
  assert.deepEqual(taken(place, batch([3], "f.3")), [3]);
});

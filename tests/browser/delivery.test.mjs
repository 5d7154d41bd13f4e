/** Numbers, acknowledgements, duplicates and holes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Delivery } from "../../chatapp/public/athena/delivery.js";
import { ChannelFull } from "../../chatapp/public/athena/errors.js";

/** One that has these to send. */
function having(...messages) {
  const delivery = new Delivery();
  for (const message of messages) delivery.add(JSON.stringify(message));
  return delivery;
}

const packet = (delivery, sent, head) => JSON.parse(delivery.packet(sent, head).json);

test("a packet has what is not acknowledged, from where one says", () => {
  const delivery = having("a", "b", "c");
  assert.deepEqual(packet(delivery, 0), { ack: 0, first: 1, messages: ["a", "b", "c"] });
  assert.deepEqual(packet(delivery, 2, { channel: "x" }), { channel: "x", ack: 0, first: 3, messages: ["c"] });
  assert.deepEqual(packet(delivery, 3), { ack: 0, first: 0, messages: [] });
  assert.equal(delivery.packet(1).last, 3);
  delivery.accept({ ack: 1, messages: [] });
  assert.deepEqual(packet(delivery, delivery.acked), { ack: 0, first: 2, messages: ["b", "c"] });
  delivery.accept({ ack: 1, messages: [] });
  delivery.accept({ ack: 0, messages: [] });
  assert.equal(delivery.acked, 1, "an acknowledgement that comes late takes nothing back");
});

test("a packet has 16 kB of messages at most, or one; and no more than the window", () => {
  const delivery = having(..."abcd".split("").map((letter) => letter.repeat(7_500)));
  assert.equal(delivery.packet(0).last, 2);
  assert.equal(delivery.packet(2).last, 4);
  assert.equal(having("x".repeat(16_300), "y").packet(0).last, 2);
  assert.equal(having("x".repeat(16_382), "y").packet(0).last, 1);
  const narrow = having(1, 2, 3, 4);
  narrow.window = 2;
  assert.equal(narrow.packet(0).last, 2);
  assert.equal(narrow.packet(2).last, 2);
  narrow.accept({ ack: 1 });
  assert.equal(narrow.packet(2).last, 3);
});

test("each message is taken once, in order", () => {
  const delivery = new Delivery();
  const accept = (first, ...messages) => delivery.accept({ ack: 0, first, messages });
  assert.deepEqual(accept(1, "a", "b"), ["a", "b"]);
  assert.deepEqual(accept(1, "a", "b"), []);
  assert.deepEqual(accept(2, "b", "c"), ["c"]);
  assert.deepEqual(accept(1, "a"), []);
  assert.throws(() => accept(5, "e"), TypeError);
  assert.deepEqual(accept(0), []);
  assert.deepEqual(accept(4, "d"), ["d"]);
  assert.equal(delivery.taken, 4);
  assert.equal(packet(delivery, 0).ack, 4);
});

test("what is no packet changes nothing", () => {
  const delivery = having("a");
  const bad = [
    null,
    5,
    "<html>",
    [],
    {},
    { ack: -1 },
    { ack: "1" },
    { ack: 2 },
    { ack: 0.5 },
    { ack: 1, messages: {} },
    { ack: 1, first: "1", messages: ["x"] },
    { ack: 1, first: 0, messages: ["x"] },
    { ack: 1, messages: ["x"] },
    { ack: 1, first: 2, messages: ["x"] },
  ];
  for (const each of bad) assert.throws(() => delivery.accept(each), TypeError, JSON.stringify(each));
  assert.deepEqual([delivery.acked, delivery.taken], [0, 0]);
});

test("what would be too much is not added, and what is acknowledged makes room", () => {
  const delivery = new Delivery();
  assert.throws(() => delivery.add(" ".repeat(65_537)), ChannelFull);
  assert.throws(() => delivery.add("é".repeat(32_769)), ChannelFull, "bytes count, not characters");
  for (const [size, share] of [[1, 0.5], [60_000, 0.5], [1, 1], [60_000, 1]]) {
    const delivery = new Delivery();
    const add = (share) => delivery.add("x".repeat(size), share);
    let count = 0;
    const fill = () => {
      for (;;) add(share), (count += 1);
    };
    assert.throws(fill, ChannelFull);
    assert.ok(count * size <= 16_777_216 * share && count <= 16_384 * share);
    if (share < 1) add(1);
    delivery.accept({ ack: 2 });
    add(share);
    assert.throws(() => (add(share), add(share)), ChannelFull);
  }
});

/** A channel that is gone, and the next one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChannelLost } from "../../chatapp/public/athena.js";
import { follow, open } from "./page.mjs";

const MINUTE = 60_000;

test("what was said before there was a channel goes by the first one", async () => {
  const { clock, server, widget, world } = open((world) => (world.fate = () => "lost"));
  const outcome = follow(widget.callRemote("say", "early"));
  await clock.advance(10_000);
  assert.deepEqual([outcome.count, server.channels.size], [0, 0]);
  world.fate = () => "";
  await clock.advance(5_000);
  assert.deepEqual([outcome.count, outcome.value], [1, "early"]);
});

test("a channel that the server does not know is lost: calls are rejected, another one is opened", async () => {
  for (const sockets of [true, false]) {
    const { clock, server, widget, happened, connection } = open((world) => (world.sockets = sockets));
    await clock.advance(MINUTE);
    server.perform = () => null;
    const outcome = follow(widget.callRemote("say", "x"));
    await clock.advance(100);
    server.restart();
    const doubtful = follow(widget.callRemote("say", "y"));
    await clock.advance(30_000);
    assert.equal(outcome.count, 1);
    assert.ok(outcome.error instanceof ChannelLost);
    assert.ok(doubtful.error instanceof ChannelLost);
    assert.deepEqual(happened.slice(3), ["lost", "lost", "live", "made"]);
    server.perform = ([, id]) => ["result", id, "new"];
    const next = follow(widget.callRemote("say", "z"));
    await clock.advance(1_000);
    assert.equal(next.value, "new");
    assert.ok(connection);
  }
});

test("between two channels a call is refused, and never sent", async () => {
  const { clock, server, widget, world } = open((world) => (world.sockets = false));
  await clock.advance(MINUTE);
  world.fate = (name) => (name === "open" ? "lost" : "");
  server.restart();
  await clock.advance(30_000);
  const outcome = follow(widget.callRemote("say", "x"));
  await clock.advance(0);
  assert.ok(outcome.error instanceof ChannelLost);
  world.fate = () => "";
  await clock.advance(10_000);
  assert.deepEqual(server.channel.heard, []);
});

test("a method that ends after its channel does not answer by the next one", async () => {
  let finish;
  const { clock, server, widget } = open();
  await clock.advance(MINUTE);
  widget.constructor.prototype.wait = () => new Promise((resolve) => (finish = resolve));
  server.channel.say(["call", 1, 0, "wait", []]);
  await clock.advance(1_000);
  server.restart();
  await clock.advance(10_000);
  finish("late");
  await clock.advance(10_000);
  assert.deepEqual(server.channel.heard, []);
});

test("a server that forgets each channel at once is not asked without a pause", async () => {
  for (const sockets of [true, false]) {
    const { clock, world } = open((world, server) => {
      world.sockets = sockets;
      server.request = (name, body, answer) =>
        answer(name === "open" ? [201, { channel: "x", wait: 25, max_message: 65_536, window: 512 }] : [404, {}]);
    });
    await clock.advance(MINUTE);
    assert.ok(world.asked.length < 80, `${world.asked.length} requests`);
  }
});

test("what the server will never take is not sent for ever", async () => {
  const { clock, server, widget, world, happened } = open((world) => (world.sockets = false));
  await clock.advance(MINUTE);
  world.fate = (name) => (name === "send" ? 400 : "");
  const outcome = follow(widget.callRemote("say", "x"));
  await clock.advance(10_000);
  assert.ok(outcome.error instanceof ChannelLost);
  assert.equal(world.asked.filter(({ name }) => name === "send").length, 1);
  assert.equal(server.channels.size, 2);
  assert.equal(happened.at(-1), "made");
});

test("a crowded server is asked again when it said, until it has room", async () => {
  const { clock, world, happened } = open((world) => (world.fate = () => 503));
  await clock.advance(40_000);
  assert.deepEqual(happened, ["connecting", "lost"]);
  const times = world.asked.map(({ at }) => at);
  const pauses = times.slice(1).map((at, n) => at - times[n]);
  assert.ok(pauses.every((pause) => pause >= 7_000 && pause < 12_000), `${pauses}`);
  world.fate = () => "";
  await clock.advance(12_000);
  assert.deepEqual(happened.slice(2), ["live", "made"]);
});

test("news of a network makes a page that has no channel try at once", async () => {
  const { clock, world, connection, happened } = open((world) => (world.fate = () => 503));
  await clock.advance(1_000);
  world.fate = () => "";
  connection.probe();
  await clock.advance(50);
  assert.equal(happened.at(-1), "made");
});

test("a page that goes closes its channel; one that comes back opens another", async () => {
  for (const [sockets, fate] of [[true, ""], [false, ""], ["refused", ""], [false, "lost"], [true, "hung"]]) {
    const { clock, server, widget, world, connection, happened } = open((world) => (world.sockets = sockets));
    await clock.advance(1_000);
    const { id } = server.channel;
    world.fate = () => fate;
    widget.callRemote("say", "w").catch(() => {});
    if (fate) connection.probe();
    await clock.advance(50);
    server.perform = () => null;
    const outcome = follow(widget.callRemote("say", "x"));
    connection.leave();
    assert.deepEqual(world.beacons, [["http://chat/live/close", { channel: id }]]);
    await clock.advance(50);
    assert.equal(clock.timers, 0, "nothing is under way in a page that is away");
    await clock.advance(MINUTE);
    world.fate = () => "";
    assert.deepEqual([world.underWay.poll, world.underWay.send, world.wires.size], [0, 0, 0]);
    assert.equal(outcome.count, 0);
    connection.comeBack();
    await clock.advance(2_000);
    assert.ok(outcome.error instanceof ChannelLost);
    assert.equal(happened.at(-1), "made");
    assert.notEqual(server.channel.id, id);
  }
});

test("a page that goes while its channel is opened closes that too", async () => {
  const { clock, world, connection, happened } = open();
  connection.leave();
  await clock.advance(1_000);
  assert.deepEqual(world.beacons, [["http://chat/live/close", { channel: "c1" }]]);
  connection.comeBack();
  await clock.advance(1_000);
  assert.deepEqual(happened, ["connecting", "live", "made"]);
});

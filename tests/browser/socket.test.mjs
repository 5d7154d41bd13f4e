/** Sockets: how the channel comes to one, uses it, and leaves it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, open } from "./page.mjs";

const MINUTE = 60_000;

test("the socket takes over, and the poll is not begun again", async () => {
  const { clock, server, world, happened } = open();
  await clock.advance(MINUTE);
  assert.equal(world.wires.size, 1);
  assert.equal(world.underWay.poll, 0);
  assert.equal(world.asked.filter(({ name }) => name === "poll").length, 1);
  assert.equal(server.channel.carriers, 2);
  assert.deepEqual(happened, ["connecting", "live", "made"]);
});

test("a socket that fails in whatever moment leaves a poll behind", async () => {
  for (let moment = 0; moment < 60; moment += 1) {
    const { clock, world, server, widget } = open();
    for (let n = 0; n < moment; n += 1) await clock.advance(1);
    world.sockets = false;
    world.cut();
    await clock.advance(600);
    server.channel.say(["call", 1, 0, "hear", ["x"]]);
    await clock.advance(50);
    assert.deepEqual(widget.said, ["x"]);
  }
});

test("when the socket drops, polls carry at once, and another socket is tried", async () => {
  const { clock, world, server, widget, happened } = open();
  await clock.advance(1_000);
  const outcomes = [];
  for (let n = 0; n < 20; n += 1) {
    outcomes.push(follow(widget.callRemote("say", n)));
    server.channel.say(["call", n, 0, "hear", [n]]);
    await clock.advance(n % 3 ? 5 : 15);
    world.cut();
    outcomes.push(follow(widget.callRemote("say", n)));
    await clock.advance(n % 4 ? 30 : 3_000);
  }
  await clock.advance(MINUTE);
  assert.deepEqual(outcomes.map(({ value }) => value), [...outcomes.keys()].map((n) => n >> 1));
  assert.deepEqual(widget.said, [...Array(20).keys()]);
  assert.equal(world.wires.size, 1);
  assert.equal(happened.length, 3, "nobody was told of a loss");
});

test("a socket that falls silent is asked after 20 seconds, and given up 10 later", async () => {
  const { clock, world, server } = open();
  await clock.advance(1_000);
  const [wire] = world.wires;
  const heard = [];
  const hear = wire.hear;
  wire.hear = (packet) => (heard.push(clock.time), hear(packet));
  await clock.advance(45_000);
  assert.equal(heard.length, 2);
  wire.hear = () => {};
  world.sockets = false;
  await clock.advance(30_000);
  assert.equal(world.wires.size, 0);
  assert.equal(world.underWay.poll, 1);
  assert.ok(server.channel);
});

test("a socket that is let in and told nothing holds the poll back for ten seconds at most", async () => {
  const { clock, server, world, widget } = open((world, server) => {
    server.socket = (wire) => (wire.hear = () => {});
  });
  await clock.advance(100);
  server.channel.say(["call", 1, 0, "hear", [1]]);
  server.channel.say(["call", 2, 0, "hear", [2]]);
  await clock.advance(11_000);
  server.channel.say(["call", 3, 0, "hear", [3]]);
  await clock.advance(11_000);
  assert.deepEqual(widget.said, [1, 2, 3]);
  await clock.advance(10 * MINUTE);
  assert.ok(world.asked.length < 200);
});

test("a carrier that takes over ends the socket, which is tried again after a pause", async () => {
  const { clock, server, world, happened, widget } = open();
  await clock.advance(1_000);
  server.channel.carry(null);
  await clock.advance(100);
  assert.equal(world.underWay.poll, 1);
  await clock.advance(5_000);
  assert.equal(world.wires.size, 1);
  const outcome = follow(widget.callRemote("say", "x"));
  await clock.advance(100);
  assert.equal(outcome.value, "x");
  assert.equal(happened.length, 3);
});

test("on a socket no more goes than the server's window; in a packet no more than 64 kB", async () => {
  const { clock, world, widget } = open();
  await clock.advance(1_000);
  const [wire] = world.wires;
  const sizes = [];
  const send = wire.send.bind(wire);
  wire.send = (json) => (sizes.push(json.length), send(json));
  const calls = [...Array(600).keys()].map((n) => follow(widget.callRemote("say", n)));
  const large = [...Array(20).keys()].map((n) => follow(widget.callRemote("say", `${n}`.padEnd(20_000))));
  await clock.advance(15);
  assert.equal(sizes.length, 1);
  await clock.advance(MINUTE);
  assert.deepEqual(calls.map(({ value }) => value), [...calls.keys()]);
  assert.ok(large.every(({ count }) => count === 1));
  assert.ok(Math.max(...sizes) < 66_000);
});

test("what was taken is acknowledged at once on a socket, though there is nothing to answer", async () => {
  const { clock, server, widget } = open();
  await clock.advance(1_000);
  widget.callRemote("say", "x");
  await clock.advance(50);
  assert.equal(server.channel.unacknowledged, 0);
});

test("what a request had under way when a socket came goes by that", async () => {
  const { clock, world, widget } = open((world) => (world.fate = (name) => (name === "send" ? "hung" : "")));
  const outcome = follow(widget.callRemote("say", "x"));
  await clock.advance(200);
  assert.equal(outcome.value, "x");
  assert.deepEqual(world.underWay, { open: 0, poll: 0, send: 0 });
  const { length } = world.asked;
  await clock.advance(MINUTE);
  assert.equal(world.asked.length, length);
});

test("sockets that are refused, hang or end at once are tried now and then only", async () => {
  for (const kind of ["refused", "hung", "brief"]) {
    const { clock, world, connection, widget } = open((world, server) => {
      if (kind !== "brief") return (world.sockets = kind);
      const { socket } = server;
      server.socket = (wire) => {
        socket.call(server, wire);
        server.clock.after(500, () => wire.end(1013));
      };
    });
    await clock.advance(20 * MINUTE);
    assert.ok(world.tried > 10 && world.tried < 40, `${kind}: ${world.tried}`);
    assert.ok(world.wires.size <= 1);
    const outcome = follow(widget.callRemote("say", "x"));
    await clock.advance(2 * MINUTE);
    assert.equal(outcome.value, "x");
    if (world.wires.size) continue;
    const { tried } = world;
    connection.probe();
    await clock.advance(50);
    assert.equal(world.tried, tried + 1, "news of a network is worth a try");
  }
});

test("no socket is tried while the server cannot be reached, and one as soon as it can", async () => {
  for (const fate of ["lost", "hung"]) {
    const { clock, world } = open();
    await clock.advance(MINUTE);
    world.fate = () => fate;
    world.cut();
    await clock.advance(30_000);
    assert.equal(world.tried, 1);
    world.fate = () => "";
    await clock.advance(15_000);
    assert.deepEqual([world.tried, world.wires.size], [2, 1]);
  }
});

test("a socket's first packet that comes when the socket was given up changes nothing", async () => {
  for (const late of [9_982, 9_985, 9_988]) {
    const { clock, server, widget } = open((world, server) => {
      server.socket = (wire) => (wire.hear = () => server.clock.after(late, () => wire.say({ ack: 0, messages: [] })));
    });
    await clock.advance(9_000);
    server.channel.say(["call", 1, 0, "hear", [1]]);
    await clock.advance(1_200);
    server.channel.say(["call", 2, 0, "hear", [2]]);
    await clock.advance(MINUTE);
    assert.deepEqual(widget.said, [1, 2]);
  }
});

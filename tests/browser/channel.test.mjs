/** The channel, over a network that fails. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, open } from "./page.mjs";

const MINUTE = 60_000;

test("a call is answered, and its order is kept", async () => {
  const { widget, clock, server } = open();
  const outcomes = ["a", "b", "c"].map((text) => follow(widget.callRemote("say", text)));
  await clock.advance(1_000);
  assert.deepEqual(outcomes.map(({ value }) => value), ["a", "b", "c"]);
  assert.deepEqual(server.channel.heard.map(([, , element, method, [text]]) => [element, method, text]), [
    [0, "say", "a"],
    [0, "say", "b"],
    [0, "say", "c"],
  ]);
});

test("the socket takes over, and the poll is not begun again", async () => {
  const { clock, server, world, happened } = open();
  await clock.advance(MINUTE);
  assert.equal(world.wires.size, 1);
  assert.equal(world.underWay.poll, 0);
  assert.equal(world.asked.filter(({ name }) => name === "poll").length, 1);
  assert.equal(server.channel.carriers, 2);
  assert.deepEqual(happened, ["connecting", "live", "made"]);
});

test("without WebSockets, or with a gateway that refuses them, polls carry all", async () => {
  for (const sockets of [false, "refused"]) {
    const { clock, server, widget, world } = open((world) => (world.sockets = sockets));
    const outcomes = [];
    for (let n = 0; n < 20; n += 1) {
      outcomes.push(follow(widget.callRemote("say", n)));
      server.channel?.say(["call", n, 0, "hear", [n]]);
      await clock.advance(5_000);
    }
    assert.deepEqual(outcomes.map(({ value }) => value), [...outcomes.keys()]);
    assert.deepEqual(widget.said, [...outcomes.keys()].slice(1));
    assert.deepEqual([world.most.poll, world.most.send], [1, 1]);
  }
});

test("whichever request is lost, loses its answer or comes twice, each call is done once", async () => {
  for (const fate of ["lost", "unanswered", "twice", "hung", 502, 403]) {
    for (let unlucky = 1; unlucky < 12; unlucky += 1) {
      let count = 0;
      const { clock, server, widget, happened } = open((world) => {
        world.sockets = false;
        world.fate = (name) => (name !== "open" && (count += 1) === unlucky ? fate : "");
      });
      await clock.advance(100);
      const outcomes = [];
      for (let n = 0; n < 4; n += 1) {
        outcomes.push(follow(widget.callRemote("say", n)));
        server.channel.say(["call", n, 0, "hear", [n]]);
        await clock.advance(100);
      }
      await clock.advance(2 * MINUTE);
      assert.deepEqual(outcomes.map(({ count, value }) => [count, value]), [[1, 0], [1, 1], [1, 2], [1, 3]]);
      assert.deepEqual(widget.said, [0, 1, 2, 3]);
      const results = server.channel.heard.filter(([kind]) => kind === "result");
      assert.deepEqual(results.map(([, id]) => id), [0, 1, 2, 3]);
      assert.equal(happened.filter((each) => each === "made").length, 1);
    }
  }
});

test("thirty seconds without a network cost no call, on either carrier", async () => {
  for (const sockets of [true, false]) {
    for (const start of [500, 3_000, 24_000, 26_000, 61_000]) {
      const { clock, server, widget, world, happened } = open((world) => (world.sockets = sockets));
      await clock.advance(start);
      world.silent = true;
      const outcomes = [];
      for (let n = 0; n < 30; n += 1) {
        outcomes.push(follow(widget.callRemote("say", n)));
        server.channel.say(["call", n, 0, "hear", [n]]);
        await clock.advance(1_000);
      }
      world.silent = false;
      await clock.advance(28_000);
      assert.deepEqual(outcomes.map(({ value }) => value), [...outcomes.keys()]);
      assert.deepEqual(widget.said, [...outcomes.keys()]);
      assert.ok(!happened.slice(3).includes("made"), `${happened}`);
      assert.equal(happened.at(-1), "live");
    }
  }
});

test("a server that refuses connections for thirty seconds is come back to within five", async () => {
  const { clock, world, server, widget, happened } = open((world) => (world.sockets = false));
  await clock.advance(1_000);
  world.fate = () => "lost";
  server.channel.say(["call", 1, 0, "hear", ["x"]]);
  const outcome = follow(widget.callRemote("say", 1));
  await clock.advance(30_000);
  assert.equal(happened.at(-1), "lost");
  const asked = world.asked.length;
  assert.ok(asked < 50, `${asked} requests`);
  world.fate = () => "";
  await clock.advance(5_000);
  assert.equal(outcome.value, 1);
  assert.equal(happened.at(-1), "live");
});

test("news of a network makes it try at once", async () => {
  const { clock, world, widget, connection } = open((world) => (world.sockets = false));
  await clock.advance(1_000);
  world.fate = () => "hung";
  const outcome = follow(widget.callRemote("say", 1));
  await clock.advance(5_000);
  world.fate = () => "";
  connection.probe();
  await clock.advance(50);
  assert.equal(outcome.value, 1);
  assert.deepEqual([world.most.poll, world.most.send], [1, 1]);
});

test("a server that answers late, later than one waits at first, is not asked for ever", async () => {
  const { clock, widget, world, happened } = open((world) => {
    world.sockets = false;
  });
  await clock.advance(100);
  world.latency = 9_000;
  const outcome = follow(widget.callRemote("say", 1));
  await clock.advance(2 * MINUTE);
  assert.equal(outcome.value, 1);
  assert.ok(!happened.slice(3).includes("made"));
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

test("what the server has no room for is sent again until it has", async () => {
  const { clock, server, widget, world } = open((world) => (world.sockets = false));
  await clock.advance(100);
  server.channel.room = 5;
  const outcomes = [...Array(12).keys()].map((n) => follow(widget.callRemote("say", n)));
  await clock.advance(MINUTE);
  assert.equal(server.channel.heard.length, 5);
  assert.ok(world.asked.length < 80, `${world.asked.length} requests`);
  server.channel.room = Infinity;
  await clock.advance(5_000);
  assert.deepEqual(outcomes.map(({ value }) => value), [...outcomes.keys()]);
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

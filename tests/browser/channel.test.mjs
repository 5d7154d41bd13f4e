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

test("what is said in whatever moment goes at once", async () => {
  for (const sockets of [true, false]) {
    for (let turns = 0; turns < 30; turns += 1) {
      const { clock, server, widget, connection } = open((world) => (world.sockets = sockets));
      await clock.advance(1_000);
      connection.probe();
      for (let n = 0; n < turns; n += 1) await null;
      const first = follow(widget.callRemote("say", 1));
      await clock.advance(20);
      for (let n = 0; n < turns; n += 1) await null;
      const second = follow(widget.callRemote("say", 2));
      await clock.advance(50);
      assert.deepEqual([first.value, second.value], [1, 2]);
      assert.equal(server.channel.heard.length, 2);
    }
  }
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
      await clock.advance(18_000);
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
  const outcomes = [];
  for (let n = 0; n < 300; n += 1) {
    outcomes.push(follow(widget.callRemote("say", n)));
    await clock.advance(100);
  }
  assert.equal(happened.at(-1), "lost");
  assert.ok(world.asked.length < 50, `${world.asked.length} requests`);
  world.fate = () => "";
  await clock.advance(5_000);
  assert.deepEqual(outcomes.map(({ value }) => value), [...outcomes.keys()]);
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
  const { clock, widget, world, server, happened, connection } = open((world) => (world.sockets = false));
  await clock.advance(100);
  world.latency = 9_000;
  connection.probe();
  const outcome = follow(widget.callRemote("say", 1));
  await clock.advance(2 * MINUTE);
  assert.equal(outcome.value, 1);
  server.channel.say(["call", 1, 0, "hear", ["x"]]);
  await clock.advance(2 * MINUTE);
  assert.deepEqual(widget.said, ["x"]);
  assert.ok(!happened.slice(3).includes("made"));
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

test("a server whose polls do not wait is not asked without a pause", async () => {
  const { clock, world, widget, server } = open((world, server) => {
    world.sockets = false;
    const { request } = server;
    server.request = (name, body, answer, signal) => request.call(server, name, { ...body, wait: 0 }, answer, signal);
  });
  await clock.advance(10_000);
  assert.ok(world.asked.length < 25, `${world.asked.length} requests`);
  server.channel.say(["call", 1, 0, "hear", ["x"]]);
  await clock.advance(600);
  assert.deepEqual(widget.said, ["x"]);
});

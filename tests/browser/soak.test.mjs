/** A thousand calls each way, over a network that fails in every way it knows, at random. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, open } from "./page.mjs";
import { chance } from "./world.mjs";

const CALLS = 1_000;
const FATES = ["lost", "unanswered", "twice", "hung", 502];

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`each of a thousand calls each way has one result, whatever the network does: ${seed}`, async () => {
    const { clock, server, widget, other, world, happened } = open();
    const random = chance(seed);
    const one = (of) => of[Math.floor(random() * of.length)];
    await clock.advance(random() * 2_000);
    const { channel } = server;
    const performed = [];
    server.perform = ([, id, , , [n]]) => (performed.push(n), ["result", id, n]);
    world.fate = (name) => (name !== "open" && random() < 0.3 ? one(FATES) : "");

    const outcomes = [];
    let called = 0;
    for (let turn = 0; outcomes.length < CALLS || called < CALLS; turn += 1) {
      for (let n = random() * 40; n > 0 && outcomes.length < CALLS; n -= 1) {
        outcomes.push(follow(widget.callRemote("say", outcomes.length)));
      }
      for (let n = random() * 40; n > 0 && called < CALLS; n -= 1) {
        channel.say(["call", called, 1, "hear", [called]]);
        called += 1;
      }
      if (random() < 0.2) world.cut();
      if (random() < 0.1) world.silent = !world.silent;
      if (random() < 0.05) channel.carry(null);
      world.sockets = one([true, true, "refused"]);
      channel.room = random() < 0.2 ? 3 : Infinity;
      world.latency = one([1, 10, 10, 400]);
      await clock.advance(random() * (random() < 0.1 ? 8_000 : 200));
    }
    channel.room = Infinity;
    world.silent = false;
    world.fate = () => "";
    await clock.advance(90_000);

    const all = [...Array(CALLS).keys()];
    assert.deepEqual(outcomes.map(({ count, value }) => [count, value]), all.map((n) => [1, n]));
    assert.deepEqual(performed, all);
    assert.deepEqual(other.said, all);
    const results = channel.heard.filter(([kind]) => kind === "result").map(([, id, value]) => [id, value]);
    assert.deepEqual(results, all.map((n) => [n, n]));
    assert.equal(channel.unacknowledged, 0);
    assert.deepEqual([world.most.poll, world.most.send], [1, 1]);
    assert.equal(happened.filter((each) => each === "made").length, 1);
    assert.equal(happened.at(-1), "live");
  });
}

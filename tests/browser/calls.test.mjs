/** Calls: what may be called, what comes back, and what is refused before it is sent. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ChannelFull, ChannelLost, RemoteError, Widget } from "../../chatapp/public/athena.js";
import { follow, NOWHERE, open, Thing } from "./page.mjs";

/** The page's errors are shown to its developer; here they are counted. */
const shown = mock.method(console, "error", () => {});

/**
 * What the server gets for a call of `method`.
 *
 * @param {new (node: HTMLElement) => Widget} [type]
 */
async function answerTo(method, args = [], type = Thing) {
  const { clock, server } = open(undefined, type);
  await clock.advance(1_000);
  server.channel.say(["call", 7, 0, method, args]);
  await clock.advance(1_000);
  return server.channel.heard;
}

test("the server may call what the widget's own classes define, and nothing else", async () => {
  class Base extends Widget {
    inherited = () => "a field";
    shared() {
      return "base";
    }
    connectionMade() {}
    get secret() {
      return () => "a getter's";
    }
    static made() {}
    toString() {
      return "";
    }
  }
  class Own extends Base {
    own() {
      return `own and ${super.shared()}`;
    }
  }
  assert.deepEqual(await answerTo("own", [], Own), [["result", 7, "own and base"]]);
  assert.deepEqual(await answerTo("shared", [], Own), [["result", 7, "base"]]);

  const names = new Set(["made", "nothing", "", "node"]);
  for (let each = new Own(NOWHERE); each; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  }
  for (const name of [...names].filter((name) => name !== "own" && name !== "shared")) {
    assert.deepEqual(await answerTo(name, [], Own), [["error", 7, "NoSuchMethod", `There is no method ${name}.`]]);
  }
  assert.ok(names.has("constructor") && names.has("callRemote") && names.has("__defineGetter__"));
});

test("a widget that is not there has no methods", async () => {
  const { clock, server } = open();
  await clock.advance(1_000);
  server.channel.say(["call", 7, 5, "hear", ["x"]]);
  await clock.advance(1_000);
  assert.deepEqual(server.channel.heard, [["error", 7, "NoSuchMethod", "There is no method hear."]]);
});

const OUTCOMES = {
  nothing: [() => undefined, ["result", 7, null]],
  falsehood: [() => false, ["result", 7, false]],
  promise: [async () => [1], ["result", 7, [1]]],
  thrown: [() => { throw new RangeError("too far"); }, ["error", 7, "RangeError", "too far"]],
  rejected: [async () => { throw new Error("later"); }, ["error", 7, "Error", "later"]],
  thrownString: [() => { throw "a string"; }, ["error", 7, "Error", "a string"]],
  verbose: [() => { throw new Error("x".repeat(100_000)); }, ["error", 7, "Error", "x".repeat(1_000)]],
  odd: [() => { throw Object.assign(new Error("odd"), { name: 5 }); }, ["error", 7, "5", "odd"]],
  large: [() => "x".repeat(70_000), ["error", 7, "ChannelFull", "This is 70015 bytes; 65536 is the most."]],
};

for (const [name, [method, expected]] of Object.entries(OUTCOMES)) {
  test(`a method's outcome goes back: ${name}`, async () => {
    class Own extends Widget {}
    Object.assign(Own.prototype, { method });
    shown.mock.resetCalls();
    assert.deepEqual(await answerTo("method", [], Own), [expected]);
    assert.equal(shown.mock.callCount(), expected[0] === "error" ? 1 : 0);
  });
}

test("what JSON cannot express is an error to the caller", async () => {
  class Own extends Widget {
    method() {
      return 1n;
    }
  }
  const [[kind, id, type]] = await answerTo("method", [], Own);
  assert.deepEqual([kind, id, type], ["error", 7, "TypeError"]);

  const { clock, server, widget } = open();
  const circle = [];
  circle.push(circle);
  const outcomes = [1n, circle].map((value) => follow(widget.callRemote("say", value)));
  await clock.advance(1_000);
  assert.ok(outcomes.every(({ error }) => error instanceof TypeError));
  assert.deepEqual(server.channel.heard, []);
});

test("calls are begun in their order, and answered when they are done", async () => {
  const begun = [];
  class Own extends Widget {
    method(n) {
      begun.push(n);
      return n ? n : new Promise((resolve) => setImmediate(() => setImmediate(resolve, 0)));
    }
  }
  const { clock, server } = open(undefined, Own);
  await clock.advance(1_000);
  for (const n of [0, 1, 2]) server.channel.say(["call", n, 0, "method", [n]]);
  await clock.advance(1_000);
  assert.deepEqual(begun, [0, 1, 2]);
  assert.deepEqual(server.channel.heard.map(([, id]) => id).sort(), [0, 1, 2]);
});

test("an error of the element's has its type and its text", async () => {
  const { clock, server, widget } = open();
  server.perform = ([, id]) => ["error", id, "NameTaken", "Somebody has it."];
  const outcome = follow(widget.callRemote("setUsername", "ann"));
  await clock.advance(1_000);
  assert.ok(outcome.error instanceof RemoteError && outcome.error instanceof Error);
  assert.deepEqual([outcome.error.name, outcome.error.message], ["NameTaken", "Somebody has it."]);
});

test("half a character is sent as one that stands for it, and nothing else is changed", async () => {
  const { clock, server, widget } = open();
  for (const [sent, comes] of [
    ["\ud83d", "\ufffd"],
    ["x\udc4by", "x\ufffdy"],
    ["\ud83d\udc4b", "\ud83d\udc4b"],
    ["\\ud83d \\\\ud83d \\\ud83d", "\\ud83d \\\\ud83d \\\ufffd"],
  ]) {
    const outcome = follow(widget.callRemote("say", sent));
    await clock.advance(1_000);
    assert.equal(outcome.value, comes);
  }
  server.channel.say(["call", 7, 0, "hear", ["\ud83d"]]);
  await clock.advance(1_000);
  assert.deepEqual(server.channel.heard.at(-1), ["result", 7, "\ufffd"]);
});

test("a second result, and one of a call that nobody made, change nothing", async () => {
  const { clock, server, widget } = open();
  const outcome = follow(widget.callRemote("say", "x"));
  await clock.advance(1_000);
  for (const message of [["result", 1, "y"], ["error", 1, "E", ""], ["result", 99, "z"]]) server.channel.say(message);
  for (const message of [null, 5, [], ["odd", 1], {}]) server.channel.say(message);
  await clock.advance(1_000);
  assert.deepEqual([outcome.count, outcome.value], [1, "x"]);
  assert.equal(follow(widget.callRemote("say", "on")).count, 0);
});

test("a call that is too large is not made, and the next one is", async () => {
  const { clock, server, widget } = open();
  await clock.advance(1_000);
  const large = follow(widget.callRemote("say", "é".repeat(40_000)));
  const small = follow(widget.callRemote("say", "x"));
  await clock.advance(1_000);
  assert.ok(large.error instanceof ChannelFull);
  assert.equal(small.value, "x");
  assert.equal(server.channel.heard.length, 1);
});

test("more calls than anybody can need are refused, and cost no memory", async () => {
  const { clock, widget } = open((world) => (world.fate = () => "lost"));
  const many = [...Array(10_000).keys()].map((n) => follow(widget.callRemote("say", n)));
  await clock.advance(0);
  const refused = many.filter(({ error }) => error instanceof ChannelFull).length;
  assert.ok(refused > 0 && refused < 5_000);
  const { widget: another } = open((world) => (world.fate = () => "lost"));
  const heavy = [...Array(1_000).keys()].map(() => follow(another.callRemote("say", "x".repeat(60_000))));
  await clock.advance(0);
  assert.ok(heavy.filter(({ error }) => error).length > 800);
});

test("a widget that is none of the page's can call nobody", async () => {
  await assert.rejects(new Thing(NOWHERE).callRemote("say", "x"), ChannelLost);
});

test("calls whose results do not come are counted, those that have theirs are not", async () => {
  const { clock, server, widget } = open();
  await clock.advance(1_000);
  const hundreds = async (count) => {
    const outcomes = [];
    for (let n = 0; n < count * 100; n += 1) {
      outcomes.push(follow(widget.callRemote("say", n)));
      if (n % 100 === 99) await clock.advance(100);
    }
    return outcomes.filter(({ error }) => error instanceof ChannelFull).length;
  };
  assert.equal(await hundreds(90), 0);
  server.perform = () => null;
  assert.ok((await hundreds(90)) > 0);
});

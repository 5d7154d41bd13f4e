/** A page with two widgets, put together as page.js does, in a world of the test's own. */

import { Calls } from "../../chatapp/public/athena/calls.js";
import { Connection } from "../../chatapp/public/athena/connection.js";
import { connect, Widget } from "../../chatapp/public/athena/widget.js";
import { Server } from "./server.mjs";
import { chance, World } from "./world.mjs";

export class Thing extends Widget {
  said = [];

  hear(text) {
    this.said.push(text);
    return text;
  }

  fail() {
    throw new RangeError("too far");
  }
}

/** What widgets are given that look at nothing there. */
export const NOWHERE = /** @type {HTMLElement} */ ({});

/**
 * Everything that one test looks at.
 *
 * @param {(world: World, server: Server) => unknown} [setUp]
 * @param {new (node: HTMLElement) => any} [type] of both widgets
 */
export function open(setUp = () => {}, type = Thing) {
  Math.random = chance(1);
  const server = new Server();
  const world = new World(server);
  setUp(world, server);
  const happened = [];
  const widgets = new Map([0, 1].map((element) => [element, widgetOf(element)]));
  function widgetOf(element) {
    const node = /** @type {HTMLElement} */ ({});
    connect(node, (method, args) => calls.call(element, method, args));
    return new type(node);
  }
  const calls = new Calls(
    (json) => connection.send(json),
    (element) => widgets.get(element),
  );
  const connection = new Connection(world, new URL("http://chat/live/"), {
    made: () => happened.push("made"),
    message: (message, reply) => calls.receive(message, reply),
    lost(reason) {
      calls.lost(reason);
      happened.push("lost");
    },
    changed: (state) => happened.push(state),
  });
  connection.run();
  return { server, world, clock: world.clock, connection, happened, widget: widgets.get(0), other: widgets.get(1) };
}

/** Follows a promise: how often it was settled, and with what. */
export function follow(promise) {
  const outcome = { count: 0 };
  promise.then(
    (value) => Object.assign(outcome, { value, count: outcome.count + 1 }),
    (error) => Object.assign(outcome, { error, count: outcome.count + 1 }),
  );
  return outcome;
}

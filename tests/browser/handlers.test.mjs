/** What a template binds. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { bind } from "../../chatapp/public/athena/handlers.js";

/** A node as far as `bind` looks at it. */
class Node extends EventTarget {
  constructor(attributes = {}, ...inside) {
    super();
    this.attributes = Object.entries(attributes).map(([name, value]) => ({ name, value }));
    this.inside = inside;
  }

  querySelectorAll() {
    return this.inside;
  }

  /** Whether what the browser does by itself was prevented. */
  fire(type) {
    const event = new Event(type, { cancelable: true });
    this.dispatchEvent(event);
    return event.defaultPrevented;
  }
}

class Thing {
  heard = [];

  doSay(event) {
    this.heard.push(event.type);
  }

  doNothing() {
    return false;
  }
}

test("an event calls the method, with itself, on the widget", () => {
  const [button, link, root] = [
    new Node({ "data-on-click": "doSay", "data-on-focus": "doSay", name: "doSay" }),
    new Node({ "data-on-click": "doNothing" }),
    new Node({ "data-on-click": "doSay" }),
  ];
  root.inside = [button, link];
  const widget = new Thing();
  bind(widget, /** @type {any} */ (root));
  assert.equal(button.fire("click"), false);
  assert.equal(button.fire("focus"), false);
  assert.equal(link.fire("click"), true, "false prevents what the browser would do");
  assert.equal(root.fire("click"), false);
  assert.deepEqual(widget.heard, ["click", "focus", "click"]);
});

test("a form is never sent, whatever its method does", (context) => {
  const shown = mock.method(console, "error", () => {});
  context.after(() => shown.mock.restore());
  for (const method of ["doSay", "doNothing", "missing"]) {
    const form = new Node({ "data-on-submit": method });
    bind(new Thing(), /** @type {any} */ (form));
    assert.equal(form.fire("submit"), true);
  }
  assert.equal(shown.mock.callCount(), 1);
  assert.match(shown.mock.calls[0].arguments[0], /Thing has no method missing/);
});

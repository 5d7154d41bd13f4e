/** The page's entry: makes a widget of each element's node, and connects them. */

import { Calls } from "./calls.js";
import { Connection } from "./connection.js";
import { bind } from "./handlers.js";
import { connect, Widget } from "./widget.js";
import { browser } from "./world.js";

/** Where the mount is: the page's modules and the channel's addresses lie there. */
const MOUNT = new URL("../", import.meta.url);

/** @type {Map<number, Widget>} by the number of the element */
const widgets = new Map();
const calls = new Calls(
  (json) => connection.send(json),
  (element) => widgets.get(element),
);
const connection = new Connection(browser, MOUNT, {
  made: () => each((widget) => widget.connectionMade()),
  message: (message, reply) => calls.receive(message, reply),
  lost(reason) {
    calls.lost(reason);
    each((widget) => widget.connectionLost(reason));
  },
  changed: (state) => each((widget) => widget.connectionChanged(state)),
});

/** @param {(widget: Widget) => void} act whatever one widget does with it, the others hear too */
function each(act) {
  for (const widget of widgets.values()) {
    try {
      act(widget);
    } catch (error) {
      console.error(error);
    }
  }
}

/** @param {HTMLElement} node */
async function build(node) {
  const element = Number(node.dataset.athena);
  const path = node.dataset.athenaClass ?? "";
  const dot = path.lastIndexOf(".");
  try {
    const module = await import(new URL(`${path.slice(0, dot)}.js`, MOUNT).href);
    const type = module[path.slice(dot + 1)];
    if (!(type?.prototype instanceof Widget)) throw new TypeError(`${path} is no Widget`);
    connect(node, (method, args) => calls.call(element, method, args));
    const widget = new type(node);
    bind(widget, node);
    widgets.set(element, widget);
  } catch (error) {
    console.error(error);
  }
}

/** @type {NodeListOf<HTMLElement>} */
const nodes = document.querySelectorAll("[data-athena]");
await Promise.all([...nodes].map(build));
if (widgets.size) {
  window.addEventListener("online", () => connection.probe());
  window.addEventListener("pagehide", () => connection.leave());
  window.addEventListener("pageshow", ({ persisted }) => persisted && connection.comeBack());
  document.addEventListener("visibilitychange", () => document.hidden || connection.probe());
  connection.run();
}

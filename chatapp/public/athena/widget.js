/** The part of a page that belongs to one element. */

import { ChannelLost } from "./errors.js";

/**
 * @typedef {import("./connection.js").State} State
 * @typedef {(method: string, args: unknown[]) => Promise<any>} Caller
 */

/** @type {WeakMap<Element, Caller>} */
const callers = new WeakMap();

/**
 * Gives the widget that will be made of this node its element.
 *
 * @param {Element} node
 * @param {Caller} caller
 */
export function connect(node, caller) {
  callers.set(node, caller);
}

export class Widget {
  /** @param {HTMLElement} node what the element's template has been put into */
  constructor(node) {
    this.node = node;
  }

  /**
   * @param {string} name of an attribute
   * @param {string} value
   * @returns {HTMLElement & Record<string, any>} the first node with it, in this widget
   * @throws {Error} the template has none
   */
  nodeByAttribute(name, value) {
    const selector = `[${CSS.escape(name)}="${CSS.escape(value)}"]`;
    const found = this.node.matches(selector) ? this.node : this.node.querySelector(selector);
    if (found instanceof HTMLElement) return found;
    throw new Error(`the template has no node with ${name}="${value}"`);
  }

  /**
   * Calls an exposed method of the element.
   *
   * @param {string} name
   * @param {...unknown} args whatever JSON can express
   * @returns {Promise<any>} its result; rejected with RemoteError (its `name` is the type of
   *   the element's error), ChannelLost, or, with nothing sent, ChannelFull or TypeError
   */
  callRemote(name, ...args) {
    const call = callers.get(this.node);
    return call ? call(name, args) : Promise.reject(new ChannelLost("This is not a widget of the page."));
  }

  /** The element is there; after a loss it is a new one, which knows nothing of the old. */
  connectionMade() {}

  /** @param {string} _reason why the channel was lost; a new one is opened by itself */
  connectionLost(_reason) {}

  /** @param {State} _state of the connection, for a line that shows it */
  connectionChanged(_state) {}
}

/**
 * @param {Widget} widget
 * @param {string} name
 * @returns {Function | undefined} the method, if the server may call it: one that its own
 *   class defines, or one between that and Widget, and that Widget has not
 */
export function methodOf(widget, name) {
  if (name in Widget.prototype) return undefined;
  let owner = Object.getPrototypeOf(widget);
  while (owner && owner !== Widget.prototype && !Object.hasOwn(owner, name)) {
    owner = Object.getPrototypeOf(owner);
  }
  const method = owner && Object.getOwnPropertyDescriptor(owner, name)?.value;
  return typeof method === "function" ? method : undefined;
}

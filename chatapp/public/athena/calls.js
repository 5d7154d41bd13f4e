/**
 * Calls both ways: the promises of those made here, and the methods called from there.
 *
 * Invariant: each promise is settled once, by its result, its error or the loss of the
 * channel. A call from there is answered by the channel on which it came, or not at all.
 *
 * @typedef {import("./widget.js").Widget} Widget
 * @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void }} Promised
 */

import { ChannelFull, ChannelLost, RemoteError } from "./errors.js";
import { methodOf } from "./widget.js";

/** How many results may be awaited at a time. */
const MOST = 8_192;
/** What is told of an error; it must fit in one message. */
const LONGEST = 1_000;

export class Calls {
  /** @type {Map<number, Promised>} */
  #awaited = new Map();
  #count = 0;

  /**
   * @param {(json: string) => void} send throws what the call is then rejected with
   * @param {(element: number) => Widget | undefined} find
   */
  constructor(send, find) {
    this.send = send;
    this.find = find;
  }

  /**
   * @param {number} element its number on the page
   * @param {string} method
   * @param {unknown[]} args
   * @returns {Promise<any>} rejected with RemoteError, ChannelLost; nothing was sent if it is
   *   ChannelFull, or TypeError for what JSON cannot express
   */
  call(element, method, args) {
    return new Promise((resolve, reject) => {
      if (this.#awaited.size >= MOST) throw new ChannelFull("Too many calls have no result yet.");
      const id = (this.#count += 1);
      this.send(encode(["call", id, element, String(method), args]));
      this.#awaited.set(id, { resolve, reject });
    });
  }

  /**
   * @param {unknown} message
   * @param {(json: string) => void} reply
   */
  receive(message, reply) {
    const [kind, id, ...rest] = Array.isArray(message) ? message : [];
    if (kind === "call") this.#answer(id, rest, reply);
    else if (kind === "result") this.#take(id)?.resolve(rest[0]);
    else if (kind === "error") this.#take(id)?.reject(new RemoteError(String(rest[0]), String(rest[1])));
    else console.error("the server sent a message that is none", message);
  }

  /**
   * The channel is gone, and so are the elements at its other end.
   *
   * @param {string} reason
   */
  lost(reason) {
    const awaited = [...this.#awaited.values()];
    this.#awaited.clear();
    for (const { reject } of awaited) reject(new ChannelLost(reason));
  }

  /** @param {number} id */
  #take(id) {
    const promised = this.#awaited.get(id);
    this.#awaited.delete(id);
    return promised;
  }

  /**
   * @param {unknown} id
   * @param {unknown[]} call
   * @param {(json: string) => void} reply
   */
  async #answer(id, [element, name, args], reply) {
    try {
      const widget = this.find(Number(element));
      const method = widget && methodOf(widget, String(name));
      if (!method || !Array.isArray(args)) throw new NoSuchMethod(`There is no method ${name}.`);
      reply(encode(["result", id, await method.apply(widget, args)]));
    } catch (error) {
      this.#refuse(id, error, reply);
    }
  }

  /**
   * @param {unknown} id
   * @param {unknown} error
   * @param {(json: string) => void} reply
   */
  #refuse(id, error, reply) {
    console.error(error);
    const [type, text] = error instanceof Error ? [error.name, error.message] : ["Error", String(error)];
    try {
      reply(encode(["error", id, String(type).slice(0, LONGEST), String(text).slice(0, LONGEST)]));
    } catch (full) {
      console.error(full);
    }
  }
}

/** A backslash, or half of a surrogate pair, as JSON has them. */
const HALF = /\\\\|\\ud[89a-f][0-9a-f]{2}/g;

/**
 * @param {unknown} message
 * @returns {string} as JSON, in which half a character is U+FFFD: in UTF-8 it has no form, and
 *   the server could not read all that comes with it
 */
function encode(message) {
  return JSON.stringify(message).replace(HALF, (found) => (found === "\\\\" ? found : "\ufffd"));
}

class NoSuchMethod extends Error {
  name = "NoSuchMethod";
}

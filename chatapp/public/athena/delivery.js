/**
 * What makes each message arrive once and in order, whatever carries it.
 *
 * Invariants:
 * - Each side numbers its messages 1, 2, 3 …; ours are kept until the server has said that
 *   it has them, so each can be sent again, by any carrier, any number of times.
 * - Theirs are taken only in the order of their numbers: what we have is dropped, and a
 *   packet that leaves a hole is not accepted.
 */

import { ChannelFull } from "./errors.js";

/**
 * How many bytes of messages go in one packet, unless a single one is larger: with that, a
 * packet fits into what the server takes on a WebSocket.
 */
const PACKET = 16_384;
/** What may be kept. Calls may fill half of it: what they have set off can be answered still. */
const MOST = 16_384;
const MOST_BYTES = 16_777_216;

const encoder = new TextEncoder();

export class Delivery {
  /** Bytes of one message; the server tells when the channel is opened. */
  largest = 65_536;
  /** How many may be under way. */
  window = 512;
  /** @type {{ text: string, size: number }[]} the first has the number #acked + 1 */
  #kept = [];
  #bytes = 0;
  #acked = 0;
  #taken = 0;

  /** The number of the last message of ours that the server has. */
  get acked() {
    return this.#acked;
  }

  /** The number of the last message of ours. */
  get last() {
    return this.#acked + this.#kept.length;
  }

  /** The number of the last message of theirs that we have. */
  get taken() {
    return this.#taken;
  }

  /**
   * @param {string} text a message as JSON
   * @param {number} [share] the part of the room that it may help to fill
   * @throws {ChannelFull} there is no room for it, or it is too large ever to be sent
   */
  add(text, share = 1) {
    const { length: size } = encoder.encode(text);
    if (size > this.largest) throw new ChannelFull(`This is ${size} bytes; ${this.largest} is the most.`);
    if (this.#kept.length >= MOST * share || this.#bytes + size > MOST_BYTES * share) {
      throw new ChannelFull("Too much waits to be sent.");
    }
    this.#kept.push({ text, size });
    this.#bytes += size;
  }

  /**
   * @param {number} sent the number of the last message that need not go in it
   * @param {Record<string, unknown>} [head] further fields
   * @returns {{ json: string, last: number }} a packet, and the number of its last message;
   *   `sent` if it has none
   */
  packet(sent, head = {}) {
    const from = Math.max(0, sent - this.#acked);
    let room = PACKET;
    const texts = [];
    for (const { text, size } of this.#kept.slice(from, this.window)) {
      if (texts.length && size > room) break;
      room -= size;
      texts.push(text);
    }
    const first = texts.length ? this.#acked + from + 1 : 0;
    const fields = JSON.stringify({ ...head, ack: this.#taken, first }).slice(0, -1);
    return { json: `${fields},"messages":[${texts.join(",")}]}`, last: sent + texts.length };
  }

  /**
   * @param {unknown} packet from the server
   * @returns {unknown[]} the messages in it that are new
   * @throws {TypeError} it is no packet of this channel; nothing has changed then
   */
  accept(packet) {
    const { ack, first = 0, messages = [] } = /** @type {Record<string, unknown>} */ (packet ?? {});
    if (!isNumber(ack) || ack > this.last || !isNumber(first) || !Array.isArray(messages)) {
      throw new TypeError("not a packet");
    }
    if (messages.length && (first < 1 || first > this.#taken + 1)) throw new TypeError("a hole in the messages");
    const done = this.#kept.splice(0, Math.max(0, ack - this.#acked));
    for (const { size } of done) this.#bytes -= size;
    this.#acked += done.length;
    const fresh = messages.slice(this.#taken + 1 - first);
    if (messages.length) this.#taken += fresh.length;
    return messages.length ? fresh : [];
  }
}

/**
 * @param {unknown} value
 * @returns {value is number} whether it is a whole number, 0 or more
 */
function isNumber(value) {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

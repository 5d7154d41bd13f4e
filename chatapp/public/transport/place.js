/**
 * How far a reader has come in a room, whatever brings it what is said: that is what makes each
 * message arrive once, and none be passed over, when one carrier takes over from another.
 *
 * @typedef {import("../pull.js").Batch} Batch
 */

export class Place {
  /** @param {string} cursor the room's log and a number in it, with a dot between */
  constructor(cursor) {
    this.cursor = cursor;
  }

  /**
   * @param {Batch} batch
   * @returns {Batch | null | undefined} what of it is new, and from now on counts as read; null if
   *   nothing is; undefined if there is a hole before it, which only the server can fill
   */
  take({ messages, cursor, gap }) {
    const { log, seq } = split(this.cursor);
    const end = split(cursor);
    if (end.log !== log && !gap.restarted) return undefined;
    const known = end.log === log ? seq : 0;
    if (end.log === log && end.seq <= known) return null;
    const first = messages[0]?.seq ?? end.seq + 1;
    if (first - 1 - known > gap.missed) return undefined;
    this.cursor = cursor;
    return { messages: messages.filter((message) => message.seq > known), cursor, gap };
  }
}

/** @param {string} cursor */
export function split(cursor) {
  const dot = cursor.lastIndexOf(".");
  return { log: cursor.slice(0, dot), seq: Number(cursor.slice(dot + 1)) };
}

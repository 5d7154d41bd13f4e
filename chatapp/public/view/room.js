/** What a page shows of a room beside what comes by its connection: the past, and who is here. */

import { Members } from "./members.js";
import { Older } from "./older.js";
import { mainRoom } from "./reading.js";

/** @typedef {import("../pull.js").Batch} Batch */

export class RoomView {
  #begun = false;

  /**
   * @param {import("../log.js").Log} log
   * @param {number | null} room its id; null for the main one
   */
  constructor(log, room) {
    this.log = log;
    this.room = room;
    this.older = new Older(log);
    this.members = new Members(log.nick);
  }

  /**
   * The connection is there, or there again. Not asked before: the session's first request is
   * the one that gives it its name.
   */
  async live() {
    if (this.#begun) {
      this.older.retry();
      this.members.refresh();
      return;
    }
    this.#begun = true;
    try {
      const room = this.room ?? (await mainRoom());
      await Promise.all([this.older.begin(room), this.members.begin(room)]);
    } catch {
      this.#begun = false; // the connection will be back, and we are told
    }
  }

  /** @param {Batch} batch */
  hear({ messages, gap }) {
    if (gap.restarted) this.older.stop();
    if (gap.restarted || gap.missed) this.members.refresh();
    this.members.hear(messages);
  }

  /** @param {string} nick what one is called from now on */
  rename(nick) {
    this.log.nick = this.members.nick = nick;
    this.members.refresh();
  }
}

/** What a page shows beside what comes by its connection: the past, who is here, other rooms. */

import { Members } from "./members.js";
import { Older } from "./older.js";
import { Rooms } from "./rooms.js";

/** @typedef {import("../pull.js").Batch} Batch */

export class RoomView {
  #begun = false;
  /** Known before it is live. */
  room = 0;
  rooms = new Rooms();

  /** @param {import("../log.js").Log} log */
  constructor(log) {
    this.log = log;
    this.older = new Older(log);
    this.members = new Members(log.nick);
  }

  /**
   * The connection is there, or there again. Not asked before: the session's first request is
   * the one that gives it its name.
   */
  live() {
    if (this.#begun) {
      this.older.retry();
      this.rooms.refresh();
      return;
    }
    this.#begun = true;
    this.older.begin(this.room);
    this.rooms.begin(this.room);
  }

  /** @param {Batch} batch */
  hear({ messages, gap }) {
    if (gap.restarted) this.older.stop();
    this.members.hear(messages);
  }

  /** @param {string} nick what one is called from now on */
  rename(nick) {
    this.log.nick = this.members.nick = nick;
  }
}

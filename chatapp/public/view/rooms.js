/**
 * All rooms, with what is unread in the others: a menu in the header, or a list beside the log
 * where there is space for one.
 */

import { roomPath } from "../address.js";
import { byId, make } from "../dom.js";
import { listing } from "../listing.js";
import { readUpTo } from "../reading.js";
import { browser, Pause } from "../transport/world.js";
import { badge } from "./badge.js";
import { asMenu } from "./menu.js";
import { relist } from "./relist.js";

/** @typedef {import("../listing.js").Entry} Entry */

const REFRESH = 15_000;
/** The same as in rooms.css. */
const WIDE = matchMedia("(width >= 76rem)");

export class Rooms {
  #details = byId("rooms", HTMLDetailsElement);
  #list = byId("rooms-list", HTMLUListElement);
  #elsewhere = byId("elsewhere", HTMLElement);
  #pause = new Pause(browser);
  #room = 0;
  /** @type {(name: string) => void} what this room is called by now */
  onName = () => {};

  constructor() {
    asMenu(this.#details, () => WIDE.matches);
    const fit = () => (this.#details.open = WIDE.matches);
    WIDE.addEventListener("change", fit);
    fit();
    this.#details.addEventListener("toggle", () => this.refresh());
    document.addEventListener("visibilitychange", () => this.refresh());
  }

  /** @param {number} room which one this is */
  async begin(room) {
    this.#room = room;
    for (;;) {
      await listing(browser, readUpTo).then(
        (entries) => this.#show(entries),
        () => {}, // the connection says that it is lost
      );
      await this.#pause.rest(document.hidden ? null : REFRESH);
    }
  }

  /** Asks now, if somebody looks. */
  refresh() {
    if (!document.hidden) this.#pause.wake();
  }

  /** @param {Entry[]} entries */
  #show(entries) {
    const shown = entries.map((entry) => (entry.id === this.#room ? { ...entry, unread: 0, more: false } : entry));
    const lines = shown.map((entry) => this.#line(entry));
    relist(this.#list, lines);
    const here = shown.find(({ id }) => id === this.#room);
    if (here) this.onName(here.name);
    const unread = shown.reduce((sum, entry) => sum + entry.unread, 0);
    this.#elsewhere.replaceChildren(...badge({ unread, more: shown.some(({ more }) => more) }));
  }

  /** @param {Entry} entry */
  #line({ id, name, unread, more }) {
    const link = make("a", "", make("bdi", "", name), ...badge({ unread, more }));
    link.href = roomPath(id);
    if (id === this.#room) link.ariaCurrent = "page";
    return make("li", "", link);
  }
}

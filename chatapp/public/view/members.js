/** Who is here: a button with their number, which opens the list of their names. */

import { byId, make } from "../dom.js";
import { asMenu } from "./menu.js";
import { membersOf } from "./reading.js";

/** @typedef {import("./grouping.js").Message} Message */

/** Milliseconds: who changes the name, and so the list, is asked for by everybody who is here. */
const SOON = 300;
const SPREAD = 1_500;
const inOrder = new Intl.Collator(undefined, { numeric: true }).compare;

export class Members {
  #details = byId("members", HTMLDetailsElement);
  #count = byId("members-count", HTMLElement);
  #list = byId("members-list", HTMLUListElement);
  #room = 0;
  #told = false;
  /** @type {Set<string>} */
  #names = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} nick who is marked as oneself */
  constructor(nick) {
    this.nick = nick;
    this.#details.addEventListener("toggle", () => this.#details.open && this.#opened());
    asMenu(this.#details);
  }

  /** @param {number} room */
  begin(room) {
    this.#room = room;
    return this.refresh();
  }

  /** @param {string[]} names of all who are here, from somebody who keeps asking: we need not */
  know(names) {
    this.#told = true;
    this.#names = new Set(names);
    this.#show();
  }

  /** Asks who is here; what it knows stays when it cannot be told. */
  async refresh() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#room || this.#told) return;
    try {
      this.#names = new Set(await membersOf(this.#room));
      this.#show();
    } catch {
      // The connection says that it is lost; when it is back we ask anew.
    }
  }

  /** @param {Message[]} messages what the room says now */
  hear(messages) {
    const size = this.#names.size;
    let changed = false;
    for (const { kind, sender } of messages) {
      if (kind === "join") this.#names.add(sender);
      if (kind === "leave") changed = this.#names.delete(sender) || changed;
      if (kind === "notice" && !this.#names.has(sender)) {
        this.#timer ??= setTimeout(() => this.refresh(), SOON + Math.random() * SPREAD);
      }
    }
    if (changed || this.#names.size !== size) this.#show();
  }

  #opened() {
    this.#show();
    this.refresh();
  }

  #show() {
    this.#details.inert = this.#names.size === 0;
    this.#count.textContent = String(this.#names.size);
    if (!this.#details.open) return;
    const names = [...this.#names].sort(inOrder);
    this.#list.replaceChildren(
      ...names.map((name) => make("li", "", make("bdi", "", name), name === this.nick ? " (you)" : "")),
    );
  }
}

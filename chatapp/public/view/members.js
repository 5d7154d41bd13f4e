/** Who is here: a button with their number, which opens the list of their names. */

import { byId, make } from "../dom.js";
import { asMenu } from "./menu.js";

/** @typedef {import("./grouping.js").Message} Message */

const inOrder = new Intl.Collator(undefined, { numeric: true }).compare;

export class Members {
  #details = byId("members", HTMLDetailsElement);
  #count = byId("members-count", HTMLElement);
  #list = byId("members-list", HTMLUListElement);
  /** @type {Set<string>} */
  #names = new Set();

  /** @param {string} nick who is marked as oneself */
  constructor(nick) {
    this.nick = nick;
    this.#details.addEventListener("toggle", () => this.#show());
    asMenu(this.#details);
  }

  /** @param {string[]} names of all who are here */
  know(names) {
    this.#names = new Set(names);
    this.#show();
  }

  /** @param {Message[]} messages what the room says now: sooner than all names are asked for anew */
  hear(messages) {
    const size = this.#names.size;
    if (!size) return; // nobody is known yet, so these would seem to be all
    let changed = false;
    for (const { kind, sender } of messages) {
      if (kind === "join") this.#names.add(sender);
      if (kind === "leave") changed = this.#names.delete(sender) || changed;
    }
    if (changed || this.#names.size !== size) this.#show();
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

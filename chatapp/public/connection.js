/** Says how the connection is, and by what. A screen reader hears what changes, not each second of it. */

import { byId } from "./dom.js";

/** @typedef {import("./feed.js").State} State */

const WORDS = {
  connecting: "Connecting…",
  live: "Connected",
  lost: "Connection lost, trying again",
  refused: "Not connected",
};

export class Connection {
  #place = byId("connection", HTMLElement);
  #words = byId("state", HTMLElement);
  #clock = byId("clock", HTMLElement);
  #by = byId("by", HTMLElement);
  #button = byId("retry", HTMLButtonElement);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  /** @param {() => void} retry */
  constructor(retry) {
    this.#button.addEventListener("click", retry);
  }

  /** @param {State} state */
  show(state) {
    clearInterval(this.#ticking);
    this.#place.dataset.state = state.name;
    if (this.#words.textContent !== WORDS[state.name]) this.#words.textContent = WORDS[state.name];
    this.#button.hidden = state.name === "connecting" || state.name === "live";
    this.#by.textContent = state.name === "live" ? `by ${state.transport}` : "";
    this.#clock.textContent = "";
    if (state.name !== "lost") return;
    this.#tick(state.retryAt);
    this.#ticking = setInterval(() => this.#tick(state.retryAt), 250);
  }

  /** @param {number | null} retryAt */
  #tick(retryAt) {
    const seconds = retryAt === null ? 0 : Math.ceil((retryAt - performance.now()) / 1_000);
    this.#clock.textContent = seconds > 0 ? ` in ${seconds} s` : " now";
  }
}

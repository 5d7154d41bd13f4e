/**
 * What the process does, in figures.
 *
 * @typedef {{
 *   matched: number, queued: number,
 *   totals: { clients: Record<string, number> } & Record<string, number>,
 * }} Status
 */

import { byId, make } from "../dom.js";
import { Refused } from "./api.js";
import { count } from "./words.js";

/** By the figure's name in `/status`. */
const LABELS = {
  people: "People",
  rooms: "Rooms",
  connections: "Connections",
  parked: "Parked requests",
  coroutines: "Coroutines",
  ready: "Ready to run",
  timers: "Timers",
  commit_queue: "Not yet kept",
  live_channels: "Live pages",
  live_calls: "Calls to pages",
};

export class Counters {
  #list = byId("counters", HTMLElement);
  #ready = byId("ready", HTMLElement);
  /** @type {Map<string, HTMLElement>} */
  #figures = new Map();

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /** @param {Status} status */
  show({ totals }) {
    const { clients, ...others } = totals;
    const all = Object.values(clients).reduce((sum, each) => sum + each, 0);
    this.#set("Clients", all);
    for (const [name, label] of Object.entries(LABELS)) this.#set(label, Number(others[name] ?? 0));
    for (const [transport, number] of Object.entries(clients)) this.#set(`by ${transport}`, number);
  }

  /**
   * Whether work may be sent to the server.
   *
   * @param {AbortSignal} signal
   */
  async ready(signal) {
    let said = "The server is ready: what is said can be kept.";
    try {
      await this.api.check("/readyz", signal);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      said = `The server is not ready: ${error.message}`;
    }
    if (this.#ready.textContent !== said) this.#ready.textContent = said;
  }

  /**
   * @param {string} label
   * @param {number} number
   */
  #set(label, number) {
    let figure = this.#figures.get(label);
    if (!figure) {
      figure = make("dd", "");
      this.#figures.set(label, figure);
      this.#list.append(make("div", "", make("dt", "", label), figure));
    }
    const shown = count(number);
    if (figure.textContent !== shown) figure.textContent = shown;
  }
}

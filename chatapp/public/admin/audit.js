/**
 * The view of the audit log, the newest first.
 *
 * @typedef {{
 *   id: number, time: number, who: string, address: string, action: string, target: string,
 *   details: Record<string, unknown>,
 * }} Note
 */

import { byId } from "../dom.js";
import { time, words } from "./columns.js";
import { PAGE, Pile } from "./pile.js";

export class AuditView {
  section = byId("audit", HTMLElement);
  /** @type {Pile<Note>} */
  #pile;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
    this.#pile = new Pile(
      "audit",
      [
        words("Number", "number", ({ id }) => String(id)),
        time("Time", "time", (note) => note.time),
        words("Who", "name", ({ who }) => who || "nobody known"),
        words("Address", "address", ({ address }) => address || "–"),
        words("Action", "kind", ({ action }) => action),
        words("Target", "target", ({ target }) => target || "–"),
        words("Details", "text", ({ details }) => told(details)),
      ],
      ({ id }) => id,
      "note",
      async ({ id }) => (await api.get(`/api/audit?before=${id}&limit=${PAGE}`)).notes,
    );
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    /** @type {{ notes: Note[] }} */
    const { notes } = await this.api.get(`/api/audit?limit=${PAGE}`, signal);
    const last = this.#pile.last;
    if (!notes.some(({ id }) => id === last)) return this.#pile.reset(notes); // there are too many new ones
    const fresh = notes.filter(({ id }) => id > last);
    if (fresh.length) this.#pile.add(fresh);
  }
}

/**
 * @param {Record<string, unknown>} details
 * @returns {string} a line for each
 */
function told(details) {
  const lines = Object.entries(details).filter(([, value]) => value !== "" && value !== null);
  return lines.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join("\n");
}

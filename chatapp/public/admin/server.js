/**
 * The view of the server: who is parked, and what the process does.
 *
 * @typedef {{
 *   number: number, room: number, transport: string, name: string, cursor: string | null,
 *   end: number, lag: number, queued: number, bound: number, readers: number, age: number,
 *   idle: number, address: string,
 * }} Client
 */

import { byId } from "../dom.js";
import { Refused } from "./api.js";
import { actions, words } from "./columns.js";
import { Counters } from "./counters.js";
import { Table } from "./table.js";
import { count, counted, say, span } from "./words.js";

/** Rows: more than anybody reads. */
const MOST = 200;

export class ServerView {
  section = byId("server", HTMLElement);
  #choice = byId("clients-choice", HTMLFormElement);
  #room = byId("clients-room", HTMLSelectElement);
  #transport = byId("clients-transport", HTMLSelectElement);
  #order = byId("clients-order", HTMLSelectElement);
  #count = byId("clients-count", HTMLElement);
  #counters;
  #anew = false;
  /** @type {Table<Client>} */
  #table;

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./roomlist.js").RoomList} rooms
   * @param {import("./forms.js").Question} question
   * @param {() => void} changed
   */
  constructor(api, rooms, question, changed) {
    this.api = api;
    this.rooms = rooms;
    this.question = question;
    this.changed = changed;
    this.#counters = new Counters(api);
    this.#table = new Table(
      byId("clients-table", HTMLTableElement),
      [
        words("Client", "number", ({ number }) => String(number)),
        words("Name", "name", ({ name }) => name),
        words("Room", "room", ({ room }) => rooms.name(room)),
        words("Transport", "kind", ({ transport }) => transport),
        words("Cursor", "cursor", ({ cursor }) => cursor ?? "–"),
        words("Behind", "figure", ({ lag }) => count(lag)),
        words("Queue", "figure", ({ queued, bound }) => `${queued} of ${bound}`),
        words("Age", "span", ({ age }) => span(age)),
        words("Idle", "span", ({ idle, readers }) => (readers ? "–" : span(idle))),
        words("Address", "address", ({ address }) => address || "–"),
        actions(
          ({ number }) => `client ${number}`,
          { label: "Wake", act: (client) => this.#wake(client) },
          { label: "Disconnect", act: (client) => this.#ask(client) },
        ),
      ],
      ({ number }) => number,
      { holds: true },
    );
    rooms.keep(this.#room, "All rooms");
    this.#choice.addEventListener("change", () => {
      this.#anew = true;
      changed();
    });
    this.#choice.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    await this.rooms.load(signal);
    const query = new URLSearchParams({ limit: String(MOST), order: this.#order.value });
    if (this.#room.value) query.set("room", this.#room.value);
    if (this.#transport.value) query.set("transport", this.#transport.value);
    const [status] = await Promise.all([this.api.get(`/status?${query}`, signal), this.#counters.ready(signal)]);
    this.#counters.show(status);
    this.#table.show(status.clients, this.#anew);
    this.#anew = false;
    const [shown, matched] = [status.clients.length, counted(status.matched, "client")];
    this.#count.textContent = shown < status.matched ? `The first ${count(shown)} of ${matched}` : matched;
  }

  /** @param {Client} client */
  async #wake({ number }) {
    try {
      await this.api.send("POST", `/status/${number}/wake`);
      say(`Client ${number} was woken.`);
      this.changed();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(error.message);
    }
  }

  /** @param {Client} client */
  #ask({ number, name, transport, room, address }) {
    const points = [
      `${name}, by ${transport} in ${this.rooms.name(room)}${address && `, from ${address}`}.`,
      "What it reads by ends and its queue goes. It may come back, and goes on from where it was.",
    ];
    this.question.ask(`Disconnect client ${number}?`, points, "Disconnect", async () => {
      await this.api.send("POST", `/status/${number}/disconnect`);
      say(`Client ${number} is disconnected.`);
    });
  }
}

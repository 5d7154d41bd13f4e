/**
 * The view of the people: who is in a room, and who may not speak or not be here.
 *
 * @typedef {{ name: string }} Member
 * @typedef {{
 *   id: number, kind: "mute" | "out", room: number | null, network: string, name: string,
 *   created: number, until: number, who: string, why: string,
 * }} Imposed
 */

import { byId } from "../dom.js";
import { Refused } from "./api.js";
import { actions, time, words } from "./columns.js";
import { Sanction } from "./sanction.js";
import { Table } from "./table.js";
import { count, counted, say } from "./words.js";

/** Names that are shown at a time. */
const MOST = 200;
const KINDS = { mute: "Muted", out: "Sent out" };

export class PeopleView {
  section = byId("people", HTMLElement);
  #room = byId("people-room", HTMLSelectElement);
  #find = byId("people-find", HTMLInputElement);
  #here = byId("people-count", HTMLElement);
  /** @type {Table<Member>} */
  #members;
  /** @type {Table<Imposed>} */
  #sanctions;
  /** @type {Member[]} */
  #all = [];
  #wanted = "";

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./roomlist.js").RoomList} rooms
   * @param {() => void} changed
   */
  constructor(api, rooms, changed) {
    this.api = api;
    this.rooms = rooms;
    this.changed = changed;
    const sanction = new Sanction(api, rooms, changed);
    this.#members = new Table(
      byId("people-table", HTMLTableElement),
      [
        words("Name", "name", ({ name }) => name),
        actions(
          ({ name }) => name,
          { label: "Mute", act: ({ name }) => sanction.ask("mute", name, this.#room.value) },
          { label: "Send out", act: ({ name }) => sanction.ask("out", name, this.#room.value) },
        ),
      ],
      ({ name }) => name,
    );
    this.#sanctions = new Table(
      byId("sanctions-table", HTMLTableElement),
      [
        words("Name", "name", ({ name }) => name),
        words("What", "kind", ({ kind }) => KINDS[kind]),
        words("Where", "room", ({ room }) => (room === null ? "all rooms" : rooms.name(room))),
        words("Network", "address", ({ network }) => network || "–"),
        time("Until", "time", ({ until }) => until),
        words("Reason", "why", ({ why }) => why || "–"),
        words("By", "who", ({ who }) => who),
        actions(({ name, id }) => `${name}, ${id}`, { label: "Lift", act: (imposed) => this.#lift(imposed) }),
      ],
      ({ id }) => id,
    );
    rooms.keep(this.#room);
    this.#room.addEventListener("change", () => {
      this.#wanted = this.#room.value;
      history.replaceState(null, "", `#people/${this.#wanted}`);
      changed();
    });
    this.#find.addEventListener("input", () => this.#draw());
    const other = byId("people-other", HTMLButtonElement);
    other.addEventListener("click", () => sanction.ask("mute", "", this.#room.value));
  }

  /** @param {string} argument the room's id; "" for the one that was chosen last */
  enter(argument) {
    if (argument) this.#wanted = argument;
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    await this.rooms.load(signal);
    if (this.rooms.all.some(({ id }) => String(id) === this.#wanted)) this.#room.value = this.#wanted;
    const [{ members }, { sanctions }] = await Promise.all([
      this.api.get(`/api/rooms/${this.#room.value}/members`, signal),
      this.api.get("/api/people/sanctions", signal),
    ]);
    this.#all = members;
    this.#draw();
    this.#sanctions.show(sanctions);
  }

  #draw() {
    const part = this.#find.value.trim().toLowerCase();
    const found = this.#all.filter(({ name }) => name.toLowerCase().includes(part));
    this.#members.show(found.slice(0, MOST));
    const all = counted(this.#all.length, "person", "people");
    const shown = Math.min(found.length, MOST);
    this.#here.textContent = shown < this.#all.length ? `${count(shown)} of ${all}` : all;
  }

  /** @param {Imposed} imposed */
  async #lift({ id, name, kind }) {
    try {
      await this.api.send("DELETE", `/api/people/sanctions/${id}`);
      say(kind === "mute" ? `${name} may speak again.` : `${name} may come in again.`);
      this.changed();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(error.message);
    }
  }
}

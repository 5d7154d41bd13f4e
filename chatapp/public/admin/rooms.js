/** The view of the rooms: added, renamed, removed. */

import { byId } from "../dom.js";
import { Refused } from "./api.js";
import { actions, words } from "./columns.js";
import { Dialog, onSubmit } from "./forms.js";
import { Table } from "./table.js";
import { count, counted, say } from "./words.js";

/** @typedef {import("./roomlist.js").Room} Room */

/** Names of people that a question tells. */
const NAMED = 12;

export class RoomsView {
  section = byId("rooms", HTMLElement);
  #name = byId("room-name", HTMLInputElement);
  #renamed = byId("rename-name", HTMLInputElement);
  /** @type {Table<Room>} */
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
    this.rename = new Dialog("rename", changed);
    this.#table = new Table(
      byId("rooms-table", HTMLTableElement),
      [
        words("Name", "name", ({ name }) => name),
        words("Number", "number", ({ id }) => String(id)),
        actions(
          ({ name }) => name,
          { label: "Messages", href: ({ id }) => `#messages/${id}` },
          { label: "People", href: ({ id }) => `#people/${id}` },
          { label: "Rename", act: (room) => this.askName(room) },
          { label: "Remove", act: (room) => this.askRemoval(room), offered: ({ id }) => id !== rooms.main },
        ),
      ],
      ({ id }) => id,
    );
    onSubmit(byId("room-form", HTMLFormElement), async () => {
      const room = await this.api.send("POST", "/api/rooms", { name: this.#name.value });
      this.#name.value = "";
      say(`The room ${room.name} is there.`);
      changed();
    });
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    await this.rooms.load(signal);
    this.#table.show(this.rooms.all);
  }

  /** @param {Room} room */
  askName(room) {
    this.#renamed.value = room.name;
    this.rename.open(`Rename ${room.name}`, async () => {
      const { name } = await this.api.send("PATCH", `/api/rooms/${room.id}`, { name: this.#renamed.value });
      say(`The room is called ${name}.`);
    });
    this.#renamed.select();
  }

  /** @param {Room} room */
  async askRemoval(room) {
    let points;
    try {
      points = await this.#lost(room);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return say(error.message);
    }
    this.question.ask(`Remove ${room.name}?`, points, "Remove the room", async () => {
      await this.api.send("DELETE", `/api/rooms/${room.id}`);
      say(`The room ${room.name} is gone.`);
    });
  }

  /**
   * @param {Room} room
   * @returns {Promise<string[]>} what goes with it
   */
  async #lost({ id }) {
    const [{ messages }, { members }] = await Promise.all([
      this.api.get(`/api/rooms/${id}/messages?limit=1`),
      this.api.get(`/api/rooms/${id}/members`),
    ]);
    const said = messages.length ? messages[0].seq : 0; // the numbers have no hole
    const names = members.slice(0, NAMED).map((/** @type {{ name: string }} */ { name }) => name);
    const more = members.length > NAMED ? ` and ${count(members.length - NAMED)} more` : "";
    return [
      said ? `With it goes all that was said there: ${counted(said, "message")}.` : "Nothing was ever said there.",
      names.length
        ? `${counted(members.length, "person is", "people are")} there and will be sent away: ${names.join(", ")}${more}.`
        : "Nobody is there.",
      "This cannot be taken back.",
    ];
  }
}

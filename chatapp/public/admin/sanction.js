/** The dialog by which somebody is muted or sent out, for a time. */

import { byId } from "../dom.js";
import { Dialog } from "./forms.js";
import { say, span } from "./words.js";

export class Sanction {
  #name = byId("sanction-name", HTMLInputElement);
  #mute = byId("sanction-mute", HTMLInputElement);
  #out = byId("sanction-out", HTMLInputElement);
  #number = byId("sanction-number", HTMLInputElement);
  #unit = byId("sanction-unit", HTMLSelectElement);
  #room = byId("sanction-room", HTMLSelectElement);
  #why = byId("sanction-why", HTMLInputElement);
  #network = byId("sanction-network", HTMLInputElement);

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./roomlist.js").RoomList} rooms
   * @param {() => void} done
   */
  constructor(api, rooms, done) {
    this.api = api;
    this.dialog = new Dialog("sanction", done);
    rooms.keep(this.#room, "All rooms");
  }

  /**
   * @param {"mute" | "out"} kind
   * @param {string} name "" for somebody whom the administrator names
   * @param {string} room its id, for a start
   */
  ask(kind, name, room) {
    this.dialog.form.reset();
    (kind === "mute" ? this.#mute : this.#out).checked = true;
    this.#name.value = name;
    this.#room.value = room;
    this.dialog.open("Mute or send out", () => this.#impose());
    (name ? this.#number : this.#name).focus();
  }

  async #impose() {
    const { name, kind } = await this.api.send("POST", "/api/people/sanctions", {
      kind: this.#mute.checked ? "mute" : "out",
      name: this.#name.value,
      seconds: this.#seconds,
      ...(this.#room.value ? { room: Number(this.#room.value) } : {}),
      why: this.#why.value.trim(),
      network: this.#network.checked,
    });
    say(`${name} is ${kind === "mute" ? "muted" : "sent out"} for ${span(this.#seconds)}.`);
  }

  get #seconds() {
    return Number(this.#number.value) * Number(this.#unit.value);
  }
}

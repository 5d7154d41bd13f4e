/** The server will not have this name, or has no such room: says why, and leads to another one. */

import { asking } from "./address.js";
import { byId, make } from "./dom.js";

export class Refusal {
  #dialog = byId("refusal", HTMLDialogElement);
  #title = byId("refusal-title", HTMLElement);
  #reason = byId("refusal-reason", HTMLElement);
  #leave = byId("refusal-leave", HTMLAnchorElement);

  /** @param {() => void} retry */
  constructor(retry) {
    byId("refusal-retry", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
      retry();
    });
  }

  /**
   * @param {string} nick
   * @param {number} status
   * @param {string} detail
   */
  show(nick, status, detail) {
    const name = make("bdi", "", `“${nick}”`);
    if (status === 409) {
      this.#title.replaceChildren(name, " is taken");
      this.#reason.textContent =
        "Somebody in the room goes by this name just now. It becomes free about a minute after they leave.";
      this.#leave.href = asking(`${[...nick].slice(0, 63).join("")}2`);
    } else if (status === 404) {
      this.#title.textContent = "This room is not there";
      this.#reason.textContent = "It has been removed, or never was. The others are on the list of rooms.";
      this.#leave.href = "/chats/";
    } else {
      this.#title.replaceChildren(...(status === 400 ? [name, " cannot be a name here"] : ["You cannot come in"]));
      this.#reason.textContent = detail || "A name has 1 to 64 characters, and at least one that can be seen.";
      this.#leave.href = asking();
    }
    this.#leave.textContent = status === 404 ? "Go to the list of rooms" : "Choose another name";
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  hide() {
    this.#dialog.close();
  }
}

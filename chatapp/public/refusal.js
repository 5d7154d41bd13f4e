/** The server will not have this name: says why, and leads to another one. */

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
      this.#leave.href = `/?${new URLSearchParams({ nick: `${[...nick].slice(0, 63).join("")}2` })}`;
    } else {
      this.#title.replaceChildren(...(status === 400 ? [name, " cannot be a name here"] : ["You cannot come in"]));
      this.#reason.textContent = detail || "A name has 1 to 64 characters, and at least one that can be seen.";
      this.#leave.href = "/";
    }
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  hide() {
    this.#dialog.close();
  }
}

/** The box one types in: Enter sends, Shift+Enter breaks the line. */

import { byId } from "./dom.js";
import { LIMIT, sizeOf } from "./push.js";

/** From here on the count is shown. */
const NEAR = LIMIT * 0.8;
/** The key code of a key that an input method has eaten; Safari sets it after isComposing. */
const EATEN = 229;
const number = new Intl.NumberFormat("en");

export class Composer {
  #form = byId("composer", HTMLFormElement);
  #box = byId("text", HTMLTextAreaElement);
  #button = byId("send", HTMLButtonElement);
  #note = byId("note", HTMLElement);
  #count = byId("count", HTMLElement);

  /** @param {(text: string) => void} send */
  constructor(send) {
    this.send = send;
    this.#box.addEventListener("input", () => this.#refresh());
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#refresh();
  }

  focus() {
    this.#box.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const composing = event.isComposing || event.keyCode === EATEN;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit() {
    const text = this.#box.value.trimEnd();
    const size = sizeOf(text);
    this.focus();
    if (!text) return;
    if (size > LIMIT) {
      this.#note.textContent = `Too long to send: ${number.format(size)} bytes, and ${number.format(LIMIT)} is the most.`;
      this.#box.setAttribute("aria-invalid", "true");
      return;
    }
    this.#box.value = "";
    this.#refresh();
    this.send(text);
  }

  #refresh() {
    const text = this.#box.value.trimEnd();
    const size = sizeOf(text);
    this.#button.disabled = !text;
    this.#count.textContent = size < NEAR ? "" : `${number.format(size)} of ${number.format(LIMIT)} bytes`;
    this.#count.classList.toggle("over", size > LIMIT);
    if (size <= LIMIT) this.#box.removeAttribute("aria-invalid");
    this.#note.textContent = "";
  }
}

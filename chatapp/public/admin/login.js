/** The form by which one logs in; it stands in the place of the page while nobody is logged in. */

import { byId } from "../dom.js";
import { Refused } from "./api.js";
import { onSubmit } from "./forms.js";
import { span } from "./words.js";

export class LoginForm {
  #section = byId("login", HTMLElement);
  #why = byId("login-why", HTMLElement);
  #name = byId("login-name", HTMLInputElement);
  #password = byId("login-password", HTMLInputElement);
  #note = byId("login-note", HTMLElement);

  /** @param {(name: string, password: string) => Promise<void>} login rejected with Refused */
  constructor(login) {
    onSubmit(byId("login-form", HTMLFormElement), async () => {
      try {
        await login(this.#name.value, this.#password.value);
      } catch (error) {
        if (error instanceof Refused) throw this.#told(error);
        throw error;
      }
    });
  }

  /** One can log in here just now. */
  get shown() {
    return !this.#section.hidden;
  }

  /**
   * @param {string} why one has to log in
   * @param {string} name who had been logged in; "" for nobody
   */
  show(why, name) {
    this.#section.hidden = false;
    document.title = "Log in – ChatApp administration";
    this.#why.textContent = why;
    if (name) this.#name.value = name;
    (this.#name.value ? this.#password : this.#name).focus();
  }

  hide() {
    this.#section.hidden = true;
    this.#password.value = "";
    this.#note.textContent = "";
  }

  /** @param {Refused} error */
  #told(error) {
    if (error.status === 403) {
      this.#password.focus();
      this.#password.select();
    }
    if (error.status !== 429 || !error.wait) return error;
    const detail = `There were too many tries to log in. You can try again in ${span(error.wait)}.`;
    return new Refused(429, detail, error.wait);
  }
}

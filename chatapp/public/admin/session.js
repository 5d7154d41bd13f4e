/**
 * Who is logged in, in all tabs of this browser.
 *
 * The session itself is a cookie that no script can read. Here is the token that goes with it, and
 * a mark in the local storage, which says no more than that there was a login: by it a page that
 * nobody has logged in at need not ask, and the other tabs hear of a login and a logout.
 */

import { Api, Refused } from "./api.js";

const MARK = "chatapp.administrator";

export class Session {
  name = "";
  api = new Api(() => this.#end());

  /**
   * @param {() => void} begun
   * @param {(why: string) => void} ended why: "" when it is simply over
   */
  constructor(begun, ended) {
    this.begun = begun;
    this.ended = ended;
    addEventListener("storage", (event) => {
      if (event.key !== MARK) return;
      if (event.newValue) this.resume();
      else this.#end();
    });
  }

  /** After the page was loaded, or another tab has logged in. */
  async resume() {
    if (!marked()) return this.#end();
    try {
      this.#begin(await this.api.get("/admin/session"));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#end(error.status === 401 ? "" : error.message);
    }
  }

  /**
   * @param {string} name
   * @param {string} password
   * @returns {Promise<void>} rejected with Refused
   */
  async login(name, password) {
    const known = await this.api.send("POST", "/admin/login", { name, password });
    mark(String(Date.now()));
    this.#begin(known);
  }

  /** @returns {Promise<void>} rejected with Refused: it goes on */
  async logout() {
    await this.api.send("POST", "/admin/logout");
    mark("");
    location.reload(); // nothing of it stays in the page's memory
  }

  /** @param {{ name: string, csrf: string }} known */
  #begin({ name, csrf }) {
    if (this.name && name !== this.name) return location.reload(); // what is here is another one's
    this.name = name;
    this.api.use(csrf);
    this.begun();
  }

  #end(why = "") {
    this.api.use("");
    if (!why) mark("");
    this.ended(why);
  }
}

// Where a browser keeps no storage, each tab has to be told by the server.

function marked() {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return true;
  }
}

/** @param {string} value "" for none */
function mark(value) {
  try {
    if (value) localStorage.setItem(MARK, value);
    else localStorage.removeItem(MARK);
  } catch {
    // nothing to be done
  }
}

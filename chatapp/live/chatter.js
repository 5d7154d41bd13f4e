/**
 * The chat's half in the browser: a box for a name, then one to say something, and the log.
 *
 * @typedef {import("./chatter_log.js").Line} Line
 */

import { ChannelLost, Widget } from "./athena.js";
import { ChatterLog } from "./chatter_log.js";

/** Milliseconds until it tries again to log in after a loss. */
const AGAIN = 3_000;
/** With these the server has no place for the name; what else it says may pass. */
const REFUSED = ["NameTaken", "BadName"];

const STATES = {
  connecting: "Connecting…",
  live: "Connected",
  lost: "Connection lost, trying again",
};

export class ChatterWidget extends Widget {
  /** Who we are in the room, or were before a loss; "" before we are anybody. */
  #name = "";
  /** Where we are in the room: the next channel goes on from there. */
  #cursor = "";
  /** Does the element at the other end know us? */
  #here = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;
  /** The number of the wall in the alert. */
  #alerted = 0;

  /** @param {HTMLElement} node */
  constructor(node) {
    super(node);
    const part = (/** @type {string} */ name) => this.nodeByAttribute("data-part", name);
    this.connection = part("connection");
    this.alertBox = part("alertBox");
    this.alertText = part("alertText");
    this.scrollArea = part("scrollArea");
    this.note = part("note");
    this.chooseBox = part("chooseBox");
    this.username = part("username");
    this.sendLine = part("sendLine");
    this.userMessage = part("userMessage");
    this.loggedInAs = part("loggedInAs");
    this.nameLine = part("name");
    this.log = new ChatterLog(this.scrollArea);
  }

  // The connection

  connectionMade() {
    if (this.#name) this.#comeBack();
  }

  connectionLost() {
    this.#here = false;
    clearTimeout(this.#later);
  }

  /** @param {keyof typeof STATES} state */
  connectionChanged(state) {
    this.connection.dataset.state = state;
    this.connection.textContent = STATES[state];
  }

  // What the reader does

  async doSetUsername() {
    try {
      await this.#enter(this.username.value);
      this.#tell("");
      this.userMessage.focus();
    } catch (error) {
      this.#tell(wordsOf(error));
      this.username.focus();
    }
  }

  async doSay() {
    const text = this.userMessage.value.trimEnd();
    if (!text) return;
    if (!this.#here) {
      this.#tell("Not sent: there is no connection. Your text is still here.");
      return;
    }
    this.userMessage.value = "";
    this.#tell("");
    this.log.toEnd();
    try {
      this.#call(await this.callRemote("say", text));
    } catch (error) {
      this.userMessage.value = [text, this.userMessage.value].filter(Boolean).join(" ");
      const perhaps = error instanceof ChannelLost ? "Perhaps not sent" : "Not sent";
      this.#tell(`${perhaps}: ${wordsOf(error)} Your text is still here.`);
    }
  }

  doCloseAlert() {
    this.#unalert();
    this.userMessage.focus();
  }

  // What the server calls

  /** @param {string} name that the reader has already, by another tab or before a reload */
  suggest(name) {
    if (this.#name || this.username.value) return;
    this.username.value = name;
    this.username.select();
  }

  /**
   * What was said before we came: no alert is raised any more.
   *
   * @param {Line[]} lines
   * @param {string} cursor where we are after them; "" when that has not changed
   * @param {string} name who we are by now
   */
  displayPast(lines, cursor, name) {
    this.#call(name);
    this.#cursor = cursor || this.#cursor;
    this.log.add(lines, name);
  }

  /**
   * What is said now; see `displayPast`.
   *
   * @param {Line[]} lines
   * @param {string} cursor
   * @param {string} name
   */
  displayLines(lines, cursor, name) {
    this.displayPast(lines, cursor, name);
    for (const [kind, sender, text, number] of lines) {
      if (kind === "wall") this.wall(sender, text, number);
      if (kind === "removal" && number === this.#alerted) this.#unalert();
    }
  }

  /**
   * An alert for everybody.
   *
   * @param {string} sender
   * @param {string} text
   * @param {number} number by which it can be taken back
   */
  wall(sender, text, number) {
    this.#alerted = number;
    this.alertBox.hidden = false;
    this.alertText.textContent = `${sender}: ${text}`;
  }

  /** @param {string} reason */
  loggedOut(reason) {
    this.#here = false;
    this.username.value = this.#name;
    this.#name = "";
    this.#show();
    this.#tell(reason);
    this.username.focus();
  }

  // Inside

  #unalert() {
    this.alertBox.hidden = true;
    this.alertText.textContent = "";
  }

  /** @param {string} name */
  async #enter(name) {
    this.#call(await this.callRemote("setUsername", name, this.#cursor));
    this.#here = true;
    this.#show();
  }

  async #comeBack() {
    try {
      await this.#enter(this.#name);
      if (this.#later) this.#tell("");
      this.#later = undefined;
    } catch (error) {
      if (error instanceof ChannelLost) return;
      const { name } = /** @type {Error} */ (error);
      if (REFUSED.includes(name)) return this.loggedOut(wordsOf(error));
      if (name === "BadCursor") this.#cursor = "";
      this.#tell(wordsOf(error));
      this.#later = setTimeout(() => this.#comeBack(), AGAIN);
    }
  }

  #show() {
    const here = this.#here;
    this.chooseBox.hidden = here;
    this.sendLine.hidden = this.loggedInAs.hidden = !here;
    if (here) this.scrollArea.hidden = false;
  }

  /** @param {string} name what we are called now */
  #call(name) {
    this.#name = this.nameLine.textContent = name;
  }

  /** @param {string} text */
  #tell(text) {
    this.note.textContent = text;
  }
}

/**
 * @param {unknown} error
 * @returns {string} a sentence
 */
function wordsOf(error) {
  const words = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

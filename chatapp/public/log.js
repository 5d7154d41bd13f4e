/** The log on the page: what the room said, in its order, the oldest let go in time. */

import { make } from "./dom.js";
import { dayElement, messageElement, removeWords } from "./message.js";
import { Announcer } from "./view/announcer.js";
import { dateOf, placeOf, said } from "./view/grouping.js";
import { hold } from "./view/hold.js";
import { Marker } from "./view/marker.js";
import { Outgoing } from "./view/outgoing.js";
import { Sheets } from "./view/sheets.js";
import { noticeElement } from "./view/words.js";

/**
 * @typedef {import("./pull.js").Batch} Batch
 * @typedef {import("./view/grouping.js").Message} Message
 * @typedef {{ message: Message, element: HTMLElement }} Entry
 */

/** How many lines the page keeps; up to thrice as many while one reads further up. */
const KEPT = 6_000;
/** More at once are no news, and need not move. */
const NEWS = 20;

export class Log {
  /** @type {Entry[]} in the order of the room */
  #entries = [];
  /** @type {Map<number, Entry>} by their numbers */
  #bySeq = new Map();
  /** @type {Set<number>} what was removed while we were here */
  #removed = new Set();
  /** @type {Message | null} what the next message is set against */
  #before = null;
  /** The number of the newest message. */
  #end = 0;
  /** @type {Outgoing} */
  #outgoing;
  /** @type {(nonce: string, text: string) => void} the reader wants it sent once more */
  onAgain = () => {};
  /** @type {(nonce: string) => void} the reader does not want it sent any more */
  onDrop = () => {};

  /**
   * @param {HTMLElement} element
   * @param {string} nick whose messages are marked as own
   */
  constructor(element, nick) {
    this.element = element;
    this.nick = nick;
    const [older, lines, outgoing] = ["older", "lines", "outgoing"].map((name) => make("div", name));
    element.prepend(older, lines);
    element.append(outgoing);
    element.ariaLive = "off"; // the announcer tells what is new, and not each line of the past
    this.older = older;
    this.sheets = new Sheets(lines);
    this.marker = new Marker(element);
    this.announcer = new Announcer(element);
    this.#outgoing = new Outgoing(
      outgoing,
      (nonce, text) => this.onAgain(nonce, text),
      (nonce) => this.onDrop(nonce),
    );
  }

  /** @returns {number | null} the number of the oldest message shown, of the log that is */
  get start() {
    const first = this.#entries.find((entry) => this.#bySeq.get(entry.message.seq) === entry);
    return first?.message.seq ?? null;
  }

  /** @param {Batch} batch */
  append({ messages, gap }) {
    const looking = this.marker.isLooking();
    /** @type {HTMLElement[]} */
    const lines = [];
    if (gap.restarted) lines.push(this.#beginAnew());
    if (gap.missed) lines.push(this.#gap(gap.missed === 1 ? "1 message missed" : `${gap.missed} messages missed`));
    const news = /** @type {Message[]} */ (messages).filter(({ seq }) => seq > this.#end);
    for (const message of news) {
      if (message.sender === this.nick) this.#outgoing.heard(message);
      if (!looking && this.#calls(message) && this.marker.isDue()) lines.push(this.#mark());
      lines.push(...this.#take(message));
    }
    this.#end = news.at(-1)?.seq ?? this.#end;
    this.#outgoing.heardTo(this.#end);
    this.announcer.hear(news, this.nick);
    if (lines.length <= NEWS) lines.forEach((line) => line.classList.add("arriving"));
    this.#unempty();
    this.sheets.append(lines);
    this.#shorten(looking ? KEPT : 3 * KEPT);
  }

  /**
   * What was said before all that is shown; what is read stays where it is.
   *
   * @param {Message[]} messages oldest first
   * @param {() => void} [beside] changes something else in the same moment
   */
  prepend(messages, beside = () => {}) {
    const start = this.start ?? Infinity;
    const older = messages.filter(({ seq, kind }) => seq < start && kind !== "removal");
    hold(this.element, this.sheets, () => {
      beside();
      if (!older.length) return;
      /** @type {Entry[]} */
      const entries = [];
      const lines = [];
      let before = null;
      for (const message of older) {
        lines.push(...this.#linesOf(before, message, entries));
        before = message;
      }
      this.#join(/** @type {Message} */ (before));
      this.#entries.unshift(...entries);
      if (!Number.isFinite(start)) {
        this.#before = before;
        this.#end = messages.at(-1)?.seq ?? 0;
      }
      this.#unempty();
      this.sheets.prepend(lines);
    });
  }

  /**
   * One's own words, on their way.
   *
   * @param {string} nonce
   * @param {string} text
   */
  pending(nonce, text) {
    this.#unmark();
    this.#unempty();
    this.#outgoing.pending(nonce, text);
  }

  /**
   * The server has them; they stay where they are until the room says them.
   *
   * @param {string} nonce
   * @param {Message | null} message null when there is nothing that the room would say (`/nick`)
   */
  settled(nonce, message) {
    this.#outgoing.settled(nonce, message, this.#end);
  }

  /**
   * @param {string} nonce
   * @param {string} reason for people
   */
  failed(nonce, reason) {
    this.#outgoing.failed(nonce, reason);
    this.announcer.say(`Not sent: ${reason}`);
  }

  /**
   * @param {Message} message the newest
   * @returns {HTMLElement[]} its lines
   */
  #take(message) {
    if (message.kind === "removal") {
      this.#remove(message.removes ?? 0);
      return [];
    }
    if (message.sender === this.nick && said(message)) this.#unmark();
    const lines = this.#linesOf(this.#before, message, this.#entries);
    this.#before = message;
    return lines;
  }

  /**
   * @param {Message | null} before
   * @param {Message} message
   * @param {Entry[]} entries to which it is added
   * @returns {HTMLElement[]}
   */
  #linesOf(before, message, entries) {
    const { newDay, again } = placeOf(before, message);
    const entry = { message, element: this.#elementOf(message, again) };
    entries.push(entry);
    this.#bySeq.set(message.seq, entry);
    return newDay ? [dayElement(dateOf(message)), entry.element] : [entry.element];
  }

  /**
   * @param {Message} message
   * @param {boolean} again
   */
  #elementOf(message, again) {
    if (!said(message)) return noticeElement(message.text, message.kind, message.sender);
    const element = messageElement(message, { own: message.sender === this.nick, again });
    if (this.#removed.has(message.seq)) removeWords(element);
    return element;
  }

  /** @param {Message} before what comes above the topmost line that there is */
  #join(before) {
    const day = this.sheets.first;
    const top = this.#entries[0];
    if (!top || !day?.classList.contains("day") || day.nextElementSibling !== top.element) return;
    const { newDay, again } = placeOf(before, top.message);
    if (newDay) return;
    this.sheets.remove(day);
    if (!again) return;
    const element = this.#elementOf(top.message, true);
    top.element.replaceWith(element);
    top.element = element;
  }

  /** @param {number} seq */
  #remove(seq) {
    this.#removed.add(seq);
    const entry = this.#bySeq.get(seq);
    if (!entry) return;
    entry.message = { ...entry.message, kind: "removed", text: "" };
    if (entry.element.matches(".notice")) entry.element.textContent = "message removed";
    else removeWords(entry.element);
    this.announcer.say(`A message from ${entry.message.sender} was removed`);
  }

  /** @param {Message} message */
  #calls({ kind, sender }) {
    return kind === "wall" || (sender !== this.nick && (kind === "say" || kind === "notice"));
  }

  #mark() {
    this.#unmark();
    this.#apart();
    return this.marker.make();
  }

  #unmark() {
    const { line } = this.marker;
    if (line?.isConnected) this.sheets.remove(line);
    else if (line) line.hidden = true; // it comes in this moment
    this.marker.line = null;
  }

  #beginAnew() {
    this.#end = 0;
    this.#bySeq.clear();
    this.#removed.clear();
    return this.#gap("The room was restarted");
  }

  /** @param {string} text */
  #gap(text) {
    this.#apart();
    this.announcer.say(text);
    return noticeElement(text, "gap");
  }

  /** The next message stands by itself. */
  #apart() {
    this.#before &&= { ...this.#before, kind: "gap" };
  }

  #unempty() {
    this.element.querySelector(".empty")?.remove();
  }

  /** @param {number} most */
  #shorten(most) {
    if (this.sheets.length <= most) return;
    this.sheets.shorten(most);
    while (this.#entries.length && !this.#entries[0]?.element.isConnected) {
      const seq = this.#entries.shift()?.message.seq ?? 0;
      if (!this.#bySeq.get(seq)?.element.isConnected) this.#bySeq.delete(seq);
    }
  }
}

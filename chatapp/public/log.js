/** The log on the page: what the room said, in its order, the oldest let go in time. */

import { make } from "./dom.js";
import { dayElement, messageElement, removeWords } from "./message.js";
import { Announcer } from "./view/announcer.js";
import { dateOf, placeOf, said } from "./view/grouping.js";
import { hold } from "./view/hold.js";
import { Marker } from "./view/marker.js";
import { Outgoing } from "./view/outgoing.js";
import { Sheets } from "./view/sheets.js";
import { Shown } from "./view/shown.js";
import { isNews } from "./view/speech.js";
import { noticeElement } from "./view/words.js";
import { wishOf } from "./wish.js";

/**
 * @typedef {import("./pull.js").Batch} Batch
 * @typedef {import("./view/grouping.js").Message} Message
 * @typedef {import("./view/shown.js").Entry} Entry
 */

/** How many lines the page keeps; up to thrice as many while one reads further up. */
const KEPT = 6_000;
/** More at once need not move. */
const FEW = 20;

export class Log {
  #shown = new Shown();
  /** @type {Set<number>} what was removed while we were here */
  #removed = new Set();
  /** @type {Message | null} what the next message is set against */
  #before = null;
  /** The number of the newest message. */
  #end = 0;
  /** @type {(nonce: string) => void} the reader wants it sent once more */
  onAgain = () => {};
  /** @type {(nonce: string) => void} the reader does not want it sent any more */
  onDrop = () => {};
  /** The oldest lines were let go. */
  onShortened = () => {};

  /**
   * @param {HTMLElement} element
   * @param {string} nick whose messages are marked as own
   */
  constructor(element, nick) {
    this.element = element;
    this.nick = nick;
    this.older = make("div", "older");
    const [lines, outgoing] = [make("div", "lines"), make("div", "outgoing")];
    element.prepend(this.older, lines);
    element.append(outgoing);
    element.ariaLive = "off"; // the announcer tells what is new, and not each line of the past
    this.sheets = new Sheets(lines);
    this.marker = new Marker(element);
    this.announcer = new Announcer(element);
    this.outgoing = new Outgoing(
      outgoing,
      (nonce) => this.onAgain(nonce),
      (nonce) => this.onDrop(nonce),
    );
  }

  /** @returns {number | null} the number of the oldest message that is shown */
  get start() {
    return this.#shown.start;
  }

  /** @param {Batch} batch */
  append({ messages, gap }) {
    const looking = this.marker.isLooking();
    /** @type {HTMLElement[]} */
    const lines = [];
    /** @type {Set<HTMLElement>} */
    const known = new Set();
    if (gap.restarted) lines.push(this.#beginAnew());
    if (gap.missed) lines.push(this.#gap(gap.missed === 1 ? "1 message missed" : `${gap.missed} messages missed`));
    const news = /** @type {Message[]} */ (messages).filter(({ seq }) => seq > this.#end);
    for (const message of news) {
      if (!looking && isNews(message, this.nick) && this.marker.isDue()) lines.push(this.#mark());
      const taken = this.#take(message);
      lines.push(...taken);
      if (this.outgoing.heard(message)) for (const line of taken) known.add(line);
    }
    this.#end = news.at(-1)?.seq ?? this.#end;
    this.outgoing.heardTo(this.#end);
    this.announcer.hear(news.filter(({ seq }) => !this.#removed.has(seq)), this.nick);
    const arriving = lines.length <= FEW ? lines.filter((line) => !known.has(line)) : [];
    for (const line of arriving) line.classList.add("arriving");
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
    const start = this.start;
    const older = messages.filter(({ seq, kind }) => kind !== "removal" && (start === null || seq < start));
    /** @type {Entry[]} */
    const entries = [];
    const lines = older.flatMap((message, n) => this.#linesOf(older[n - 1] ?? null, message, entries));
    hold(this.element, this.sheets.place, () => {
      beside();
      const last = older.at(-1);
      if (!last) return;
      this.#join(last);
      if (start === null) {
        this.#before = last;
        this.#end = Math.max(this.#end, messages.at(-1)?.seq ?? 0);
      }
      this.#shown.prepend(entries);
      this.#unempty();
      this.sheets.prepend(lines);
    });
  }

  /**
   * What one has typed, on its way.
   *
   * @param {string} nonce
   * @param {string} typed
   */
  pending(nonce, typed) {
    const { verb, text } = wishOf(typed);
    const words = { say: text, me: `${this.nick} ${text}`, nick: typed }[verb];
    const kind = verb === "say" ? "say" : "notice";
    const message = { seq: 0, time: Date.now() * 1_000, sender: this.nick, kind, text: words };
    const element = this.#elementOf(message, placeOf(this.outgoing.last ?? this.#before, message).again);
    if (verb !== "nick") {
      this.#unmark();
      this.#unempty();
    }
    this.outgoing.pending(nonce, message, make("div", `outgoing-${verb}`, element));
  }

  /**
   * The server has them; they stay where they are until the room says them.
   *
   * @param {string} nonce
   * @param {Message | null} message null when there is nothing that the room would say (`/nick`)
   */
  settled(nonce, message) {
    this.outgoing.settled(nonce, message, this.#end);
  }

  /**
   * @param {string} nonce
   * @param {string} reason for people
   */
  failed(nonce, reason) {
    this.outgoing.failed(nonce, reason);
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
    if (message.sender === this.nick && (said(message) || message.kind === "notice")) this.#unmark();
    /** @type {Entry[]} */
    const entries = [];
    const lines = this.#linesOf(this.#before, message, entries);
    for (const entry of entries) this.#shown.append(entry);
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
    const element = this.#elementOf(message, again);
    entries.push({ message, element });
    return newDay ? [dayElement(dateOf(message)), element] : [element];
  }

  /**
   * @param {Message} message
   * @param {boolean} again
   */
  #elementOf(message, again) {
    const now = this.#removed.has(message.seq) ? { ...message, kind: "removed" } : message;
    if (!said(now)) return noticeElement(now.text, now.kind, now.sender);
    return messageElement(now, { own: now.sender === this.nick, again });
  }

  /** @param {Message} before what comes above the topmost line that there is */
  #join(before) {
    const { first: day } = this.sheets;
    const { top } = this.#shown;
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
    this.announcer.forget(seq);
    const entry = this.#shown.get(seq);
    if (!entry) return;
    if (said(entry.message)) removeWords(entry.element);
    else entry.element.textContent = "message removed";
    entry.message = { ...entry.message, kind: "removed", text: "" };
    this.announcer.say(`A message from ${entry.message.sender} was removed`);
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
    this.#shown.beginAnew();
    this.#removed.clear();
    this.outgoing.beginAnew();
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
    this.#shown.shorten();
    this.onShortened();
  }
}

/**
 * The view of one room's messages, the newest first; each can be removed.
 *
 * @typedef {{
 *   seq: number, time: number, sender: string, kind: string, text: string, removes?: number,
 * }} Message
 */

import { byId, make } from "../dom.js";
import { actions, time, words } from "./columns.js";
import { PAGE, Pile } from "./pile.js";
import { say } from "./words.js";

/** Characters of a message that a question tells. */
const TOLD = 300;
/** Messages that are asked for at a time when they are new; if there are more, one begins anew. */
const MOST = 1_000;

export class MessagesView {
  section = byId("messages", HTMLElement);
  under = "rooms";
  #heading = byId("messages-room", HTMLElement);
  #id = 0;
  #cursor = "";
  /** @type {Pile<Message>} */
  #pile;

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./roomlist.js").RoomList} rooms
   * @param {import("./forms.js").Question} question
   */
  constructor(api, rooms, question) {
    this.api = api;
    this.rooms = rooms;
    this.question = question;
    this.#pile = new Pile(
      "messages",
      [
        words("Number", "number", ({ seq }) => String(seq)),
        time("Time", "time", (message) => message.time),
        words("From", "name", ({ sender }) => sender),
        words("Kind", "kind", ({ kind }) => kind),
        words("Text", "text", ({ text }) => text),
        actions(({ seq }) => `message ${seq}`, {
          label: "Remove",
          act: (message) => this.#ask(message),
          offered: ({ kind }) => kind !== "removed" && kind !== "removal",
        }),
      ],
      ({ seq }) => seq,
      "message",
      ({ seq }) => this.#page(`before=${seq}&limit=${PAGE}`),
    );
  }

  /** @param {string} argument the room's id */
  enter(argument) {
    const id = Number(argument) || 0;
    if (id !== this.#id) {
      this.#cursor = "";
      this.#pile.reset([]);
    }
    this.#id = id;
    this.#name();
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    await this.rooms.load(signal);
    this.#name();
    if (!this.#cursor) return this.#begin(signal);
    const path = `/api/rooms/${this.#id}/messages?since=${encodeURIComponent(this.#cursor)}&limit=${MOST}`;
    const { messages, cursor, gap } = await this.api.get(path, signal);
    if (gap.missed || gap.restarted || messages.length >= MOST) return this.#begin(signal);
    this.#cursor = cursor;
    if (messages.length) this.#pile.add(messages.toReversed());
    for (const { removes } of messages) if (removes) this.#pile.change(removes, removed);
  }

  /** @param {AbortSignal} signal */
  async #begin(signal) {
    const { messages, cursor } = await this.api.get(`/api/rooms/${this.#id}/messages?limit=${PAGE}`, signal);
    this.#cursor = cursor;
    this.#pile.reset(messages.toReversed());
  }

  /**
   * @param {string} query
   * @returns {Promise<Message[]>}
   */
  async #page(query) {
    return (await this.api.get(`/api/rooms/${this.#id}/messages?${query}`)).messages.toReversed();
  }

  #name() {
    const name = this.rooms.name(this.#id);
    if (this.#heading.textContent !== name) this.#heading.textContent = name;
  }

  /** @param {Message} message */
  #ask({ seq, sender, text }) {
    const id = this.#id;
    const told = [...text].slice(0, TOLD).join("") + (text.length > TOLD ? "…" : "");
    const points = [
      make("bdi", "", `${sender}: ${told}`),
      "Its text goes from the room, the store and everybody's page; its place stays. This cannot be taken back.",
    ];
    this.question.ask(`Remove message ${seq}?`, points, "Remove the message", async () => {
      await this.api.send("DELETE", `/api/rooms/${id}/messages/${seq}`);
      if (id === this.#id) this.#pile.change(seq, removed);
      say(`Message ${seq} is removed.`);
    });
  }
}

/**
 * @param {Message} message
 * @returns {Message}
 */
const removed = (message) => ({ ...message, kind: "removed", text: "" });

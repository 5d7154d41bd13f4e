/** The chat page: its parts, put together. */

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { byId } from "./dom.js";
import { Feed } from "./feed.js";
import { Follow } from "./follow.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { Refusal } from "./refusal.js";
import { Unread } from "./unread.js";
import { RoomView } from "./view/room.js";

/** @param {string} nick */
function enter(nick) {
  byId("me", HTMLElement).textContent = nick;
  const element = byId("log", HTMLElement);
  const log = new Log(element, nick);
  const view = new RoomView(log, null);
  const follow = new Follow(element, byId("unseen", HTMLButtonElement));
  const unread = new Unread(`${nick} – ChatApp`);

  /** @param {import("./pull.js").Batch} batch */
  function hear(batch) {
    const own = batch.messages.filter(({ sender }) => sender === nick);
    follow.during(batch.messages.length, () => log.append(batch));
    view.hear(batch);
    const said = batch.messages.filter(({ kind }) => kind === "say" || kind === "wall");
    unread.arrived(said.filter(({ sender }) => sender !== nick).length);
    for (const message of own) {
      outbox.heard(message);
      composer.heard(message.text);
    }
  }

  /** @param {import("./feed.js").State} state */
  function show(state) {
    const leftBehind = document.activeElement?.id === "retry";
    connection.show(state);
    if (state.name === "live") view.live();
    if (state.name === "refused") refusal.show(nick, state.status, state.detail);
    else refusal.hide();
    if (state.name === "live" && leftBehind) composer.focus();
  }

  const feed = new Feed(nick, hear, show);
  const retry = () => feed.probe();
  const connection = new Connection(retry);
  const refusal = new Refusal(retry);
  const outbox = new Outbox(
    () => feed.reach(),
    (text, why) => {
      composer.giveBack(text, why);
      if (why.doubtful) feed.probe();
    },
  );
  const composer = new Composer((text) => {
    follow.toEnd();
    outbox.send(text);
  });

  byId("unseen", HTMLButtonElement).addEventListener("click", () => composer.focus());
  window.addEventListener("online", retry);
  window.addEventListener("offline", retry);
  window.addEventListener("pageshow", (event) => event.persisted && feed.probe());
  document.addEventListener("visibilitychange", () => document.hidden || feed.hurry());
  feed.run();
}

const nick = new URLSearchParams(location.search).get("nick")?.trim().normalize();
if (nick) enter(nick);
else location.replace("/");

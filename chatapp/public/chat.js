/** The chat page: its parts, put together. */

import { asking, onRemembered, read, remember } from "./address.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { byId } from "./dom.js";
import { Feed } from "./feed.js";
import { Follow } from "./follow.js";
import { Kept } from "./kept.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { Reading } from "./reading.js";
import { Refusal } from "./refusal.js";
import { browser } from "./transport/world.js";
import { Unread } from "./unread.js";
import { RoomView } from "./view/room.js";
import { isNews } from "./view/speech.js";

/** @param {import("./address.js").Address} address */
function enter({ nick, room, start, history }) {
  const element = byId("log", HTMLElement);
  const log = new Log(element, nick);
  const view = new RoomView(log);
  const follow = new Follow(element, log.outgoing.place, byId("unseen", HTMLButtonElement));
  const unread = new Unread(`${nick} – ChatApp`);
  const reading = new Reading();
  const retry = byId("retry", HTMLButtonElement);

  /** Is what comes first the past? */
  let past = history > 0;

  /** @param {import("./pull.js").Batch} batch */
  function hear(batch) {
    reading.reached(batch.cursor);
    if (past) {
      past = false;
      return log.prepend(batch.messages);
    }
    const news = batch.messages.filter((message) => isNews(message, log.nick)).length;
    follow.during(news, () => log.append(batch));
    view.hear(batch);
    unread.arrived(news);
  }

  /** @param {import("./feed.js").State} state */
  function show(state) {
    const leftBehind = document.activeElement === retry;
    connection.show(state);
    if (state.name === "live") view.live();
    if (state.name === "refused") refusal.show(log.nick, state.status, state.detail);
    else refusal.hide();
    if (leftBehind && retry.hidden) composer.focus();
  }

  /** @param {string} name */
  function be(name) {
    feed.nick = name;
    view.rename(name);
    byId("me", HTMLElement).textContent = name;
    byId("leave", HTMLAnchorElement).href = asking(name);
    unread.title = `${name} – ChatApp`;
    unread.arrived(0);
  }

  /** @param {import("./feed.js").Room} entered */
  function stand(entered) {
    reading.room = view.room = entered.id;
    view.rooms.onName(entered.name);
  }

  /** @param {string} cursor */
  function begin(cursor) {
    remember(log.nick);
    reading.reached(cursor);
  }

  const feed = new Feed(nick, room, { start, history }, {
    entered: stand,
    begun: begin,
    batch: hear,
    state: show,
    members: (names) => view.members.know(names),
  });
  const connection = new Connection(() => feed.probe());
  const refusal = new Refusal(() => feed.again());
  const kept = new Kept(`chatapp outbox ${room ?? "main"}`);
  const outbox = new Outbox(() => feed.reach(), browser, kept, {
    pending(nonce, text) {
      log.pending(nonce, text);
      follow.toEnd();
    },
    settled: (nonce, message) => log.settled(nonce, message),
    failed: (nonce, reason) => log.failed(nonce, reason),
    named(name) {
      be(name);
      remember(name);
      keepAddress(name);
    },
  });
  const composer = new Composer((text) => outbox.send(text));
  log.onAgain = (nonce) => {
    outbox.again(nonce);
    composer.focus();
  };
  log.onDrop = (nonce) => {
    outbox.drop(nonce);
    composer.focus();
  };

  view.rooms.onName = (name) => {
    if (history) byId("room", HTMLElement).textContent = name;
  };
  onRemembered((name) => {
    be(name);
    keepAddress(name);
  });

  be(nick);
  byId("unseen", HTMLButtonElement).addEventListener("click", () => composer.focus());
  window.addEventListener("online", () => feed.changed());
  window.addEventListener("offline", () => feed.changed());
  window.addEventListener("pageshow", (event) => event.persisted && feed.probe());
  document.addEventListener("visibilitychange", () => document.hidden || feed.hurry());
  feed.run();
  outbox.resume();
}

/** @param {string} nick who one is if the page is loaded anew */
function keepAddress(nick) {
  const { searchParams, pathname } = new URL(location.href);
  searchParams.set("nick", nick);
  history.replaceState(null, "", `${pathname}?${searchParams}`);
}

const address = read(location);
if (address.nick) enter(address);
else location.replace(asking());

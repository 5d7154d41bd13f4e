/** The page with the list of rooms: shown, and kept true while somebody looks at it. */

import { backoff } from "./backoff.js";
import { byId, make } from "./dom.js";
import { listing } from "./listing.js";
import { readUpTo } from "./reading.js";
import { browser, Pause } from "./transport/world.js";
import { badge } from "./view/badge.js";
import { relist } from "./view/relist.js";

/** @typedef {import("./listing.js").Entry} Entry */

const REFRESH = 5_000;

const list = byId("rooms", HTMLElement);
const state = byId("state", HTMLElement);
const pause = new Pause(browser);

/** @param {Entry} entry */
function line({ id, name, people, members, unread, more }) {
  const link = make("a", "", name);
  link.href = `/chats/${id}/`;
  link.dir = "auto";
  return make("li", "", link, make("p", "here", ...whoIs(people, members)), ...badge({ unread, more }));
}

/**
 * @param {number} people
 * @param {string[]} members
 * @returns {(Node | string)[]}
 */
function whoIs(people, members) {
  if (!people) return ["Nobody is here"];
  const names = members.flatMap((name) => [", ", make("bdi", "", name)]);
  const others = people - members.length;
  return [...names.slice(1), ...(others > 0 ? [` and ${others} more`] : [])];
}

/** @param {Entry[]} entries */
function show(entries) {
  const lines = entries.map(line);
  list.hidden = !lines.length;
  relist(list, lines);
  say(lines.length ? "" : "No chats are available.");
}

/** @param {string} words */
function say(words) {
  if (state.textContent !== words) state.textContent = words;
}

document.addEventListener("visibilitychange", () => document.hidden || pause.wake());
window.addEventListener("online", () => pause.wake());
for (let failures = 0; ; ) {
  try {
    show(await listing(browser, readUpTo));
    failures = 0;
  } catch {
    failures += 1;
    say("The server does not answer, trying again…");
  }
  await pause.rest(document.hidden ? null : failures ? backoff(failures) : REFRESH);
}

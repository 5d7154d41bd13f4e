/**
 * What a page's address says: which room, how it is heard at first, and who one is.
 *
 * `/chat/` is the main room, from now on; `/chats/<id>/` and `/chats/long_poll/<id>/` begin with
 * what was said last.
 *
 * @typedef {object} Address
 * @property {number | null} room null: the main one
 * @property {import("./feed.js").Start} start
 * @property {number} history how many messages of the past
 * @property {string} nick empty if it is not known
 */

const ROOM = /^\/chats\/(long_poll\/)?(\d+)\/?$/;
const HISTORY = 50;
const NICK = "chatapp nick";

/**
 * @param {Location} location
 * @returns {Address}
 */
export function read({ pathname, search }) {
  const nick = new URLSearchParams(search).get("nick")?.trim().normalize() ?? "";
  const found = ROOM.exec(pathname);
  if (!found) return { room: null, start: "long_poll", history: 0, nick };
  const start = found[1] ? "long_poll" : "websocket";
  return { room: Number(found[2]), start, history: HISTORY, nick: nick || remembered() };
}

/**
 * @param {number} room
 * @returns {string} its page, which begins on the same transport as this one
 */
export function roomPath(room) {
  const longPoll = ROOM.exec(location.pathname)?.[1] ?? "";
  return `/chats/${longPoll}${room}/`;
}

/**
 * @param {string} nick that the server has accepted; the other rooms' pages need not ask for it
 */
export function remember(nick) {
  try {
    localStorage.setItem(NICK, nick);
  } catch {
    // Then they ask.
  }
}

/**
 * @param {(nick: string) => void} hear what another tab was called: this one too, for they are one session
 */
export function onRemembered(hear) {
  window.addEventListener("storage", ({ key, newValue }) => {
    if (key === NICK && newValue) hear(newValue);
  });
}

/** @returns {string} empty if there is none */
function remembered() {
  try {
    return localStorage.getItem(NICK) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string} nick as a proposal
 * @returns {string} the page that asks for a name, and then leads back here
 */
export function asking(nick = "") {
  const query = new URLSearchParams();
  if (nick) query.set("nick", nick);
  if (ROOM.test(location.pathname)) query.set("to", location.pathname);
  return `/${query.size ? "?" : ""}${query}`;
}

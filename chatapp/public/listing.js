/**
 * The rooms by name, with who is there (the first by their names), and how much was said there since one has read.
 *
 * @typedef {{ id: number, name: string, people: number, members: string[], unread: number, more: boolean }} Entry
 *   `more`: than have been counted
 */

import { ask } from "./transport/ask.js";

/** So many are counted, in all rooms together; whoever sees that there is more knows enough. */
const MOST = 200;
/** Rooms that one question may be about. */
const ROOMS = 50;
const SAID = new Set(["say", "wall"]);

/**
 * @param {import("./transport/world.js").World} world
 * @param {(room: number) => string | null} readUpTo a cursor; null in a room where one never was
 * @returns {Promise<Entry[]>} rejected with Refused or Unreachable
 */
export async function listing(world, readUpTo) {
  const { rooms } = await ask(world, "/api/rooms");
  /** @type {Map<number, string>} */
  const behind = new Map();
  for (const { id, cursor } of rooms) {
    const read = readUpTo(id);
    if (read !== null && read !== cursor && behind.size < ROOMS) behind.set(id, read);
  }
  const messages = behind.size ? await since(world, behind) : [];
  const all = messages.length < MOST;
  return rooms.map((/** @type {Entry} */ { id, name, people, members }) => {
    const unread = messages.filter(({ room, kind }) => room === id && SAID.has(kind)).length;
    return { id, name, people, members, unread, more: !all && unread > 0 };
  });
}

/**
 * @param {import("./transport/world.js").World} world
 * @param {Map<number, string>} cursors by room
 * @returns {Promise<{ room: number, kind: string }[]>} the oldest so many; without waiting, for who
 *   waits in a room is there
 */
async function since(world, cursors) {
  const query = new URLSearchParams({
    rooms: [...cursors.keys()].join(),
    cursor: [...cursors].map(([room, cursor]) => `${room}:${cursor}`).join(),
    limit: String(MOST),
  });
  const { messages } = await ask(world, `/api/events?${query}`);
  return messages;
}

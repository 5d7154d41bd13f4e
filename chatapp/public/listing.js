/**
 * The rooms by name, with who is there (the first by their names), and how much was said there since one has read.
 *
 * @typedef {{ id: number, name: string, people: number, members: string[], unread: number, more: boolean }} Entry
 *   `more`: than have been counted
 */

import { Refused } from "./pull.js";
import { ask } from "./transport/ask.js";
import { split } from "./transport/place.js";
import { isNews } from "./view/speech.js";

/**
 * So many are looked at, in all rooms together: of each its share of the newest, so that none hides
 * another. Whoever sees that there is more knows enough.
 */
const MOST = 1_000;
/** Rooms that one question may be about. */
const ROOMS = 50;

/**
 * @param {import("./transport/world.js").World} world
 * @param {(room: number) => string | null} readUpTo a cursor; null in a room where one never was
 * @returns {Promise<Entry[]>} rejected with Refused or Unreachable
 */
export async function listing(world, readUpTo) {
  const { rooms } = await ask(world, "/api/rooms");
  /** @type {[number, string, string][]} */
  const behind = [];
  for (const { id, cursor } of rooms) {
    const read = readUpTo(id);
    if (read !== null && read !== cursor && behind.length < ROOMS) behind.push([id, read, cursor]);
  }
  const share = Math.floor(MOST / behind.length);
  const from = new Map(behind.map(([id, read, end]) => [id, start(read, end, share)]));
  const cursors = new Map([...from].map(([id, { cursor }]) => [id, cursor]));
  const messages = cursors.size ? await since(world, cursors) : [];
  return rooms.map((/** @type {Entry} */ { id, name, people, members }) => {
    const unread = messages.filter((message) => message.room === id && isNews(message, "")).length;
    return { id, name, people, members, unread, more: unread > 0 && from.get(id)?.passed === true };
  });
}

/**
 * @param {string} read
 * @param {string} end of the room
 * @param {number} share how many may be counted
 * @returns {{ cursor: string, passed: boolean }} from where it is counted; whether something before it is unread too
 */
function start(read, end, share) {
  const { log, seq } = split(end);
  const known = split(read);
  const first = known.log === log ? known.seq : 0; // of a log that began anew all is unread
  const from = Math.max(first, seq - share);
  return { cursor: `${log}.${from}`, passed: from > first };
}

/**
 * @param {import("./transport/world.js").World} world
 * @param {Map<number, string>} cursors by room
 * @returns {Promise<(import("./view/grouping.js").Message & { room: number })[]>} without waiting, for who waits in a room is
 *   there; nothing of a room that one may not read, or that has gone
 */
async function since(world, cursors) {
  const query = new URLSearchParams({
    rooms: [...cursors.keys()].join(),
    cursor: [...cursors].map(([room, cursor]) => `${room}:${cursor}`).join(),
    limit: String(MOST),
  });
  try {
    return (await ask(world, `/api/events?${query}`)).messages;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (cursors.size === 1) return [];
    return (await Promise.all([...cursors].map((each) => since(world, new Map([each]))))).flat();
  }
}

/**
 * What the page asks the room for, beside what the room tells by itself.
 *
 * @typedef {import("./grouping.js").Message} Message
 */

const PATIENCE = 15_000;

/**
 * @param {number} room
 * @param {number | null} before the number of a message; null: the newest
 * @param {number} limit
 * @returns {Promise<Message[]>} oldest first; rejected if they cannot be had now
 */
export async function messagesOf(room, before, limit) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (before !== null) query.set("before", String(before));
  const { messages } = await ask(`/api/rooms/${room}/messages?${query}`);
  return /** @type {Message[]} */ (messages);
}

/**
 * @param {number} room
 * @returns {Promise<string[]>} who is here
 */
export async function membersOf(room) {
  const { members } = await ask(`/api/rooms/${room}/members`);
  return /** @type {{ name: string }[]} */ (members).map(({ name }) => name);
}

/** @returns {Promise<number>} the room where people speak who name none */
export async function mainRoom() {
  const { rooms } = await ask("/api/rooms");
  return Math.min(.../** @type {{ id: number }[]} */ (rooms).map(({ id }) => id));
}

/**
 * @param {string} path
 * @returns {Promise<Record<string, unknown>>}
 */
async function ask(path) {
  const headers = { Accept: "application/json" };
  const response = await fetch(path, { headers, signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
  return response.json();
}

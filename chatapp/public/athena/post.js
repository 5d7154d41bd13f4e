/** One request of the channel. */

/** The server is not there, or not itself: worth another try. */
export class Unreachable extends Error {
  /** @param {number} [retryAfter] milliseconds that the server asked for */
  constructor(retryAfter = 0) {
    super("no answer from the server");
    this.retryAfter = retryAfter;
  }
}

/** The server knows no such channel, or will never take this: trying again is of no use. */
export class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(status === 404 ? "The server no longer knows this page." : "The server refused what was sent.");
    this.status = status;
  }
}

/** Anything else than these may be a gateway's word, and not the server's. */
const REFUSALS = new Set([400, 404, 410, 413]);

/**
 * @param {import("./world.js").World} world
 * @param {URL} url
 * @param {string} json
 * @param {{ patience: number, signal?: AbortSignal }} how milliseconds for all of the answer;
 *   what gives the request up
 * @returns {Promise<unknown>} the answer's JSON; rejected with Unreachable or Refused
 */
export async function post(world, url, json, { patience, signal }) {
  const ending = new AbortController();
  const end = () => ending.abort();
  const callOff = world.after(patience, end);
  signal?.addEventListener("abort", end);
  try {
    const response = await world.fetch(url, {
      method: "POST",
      body: json,
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      cache: "no-store",
      redirect: "error",
      signal: ending.signal,
    });
    if (response.ok) return await response.json();
    if (REFUSALS.has(response.status)) throw new Refused(response.status);
    throw new Unreachable(1_000 * Number(response.headers.get("Retry-After")) || 0);
  } catch (error) {
    throw error instanceof Refused || error instanceof Unreachable ? error : new Unreachable();
  } finally {
    callOff();
    signal?.removeEventListener("abort", end);
  }
}

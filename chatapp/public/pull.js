/**
 * The pull by which a page comes in under its name, over XMLHttpRequest.
 *
 * @typedef {object} Message
 * @property {number} seq its place in the room's log
 * @property {number} time microseconds since the Unix epoch
 * @property {string} sender
 * @property {string} kind "say", or what is shown as a line of its own
 * @property {string} text
 *
 * @typedef {object} Batch
 * @property {Message[]} messages
 * @property {string} cursor opaque; the next poll's `since`
 * @property {{ missed: number, restarted: boolean }} gap
 */

/** The server is not there, or not itself: worth another try. */
export class Unreachable extends Error {
  /** @param {number} [retryAfter] milliseconds that the server asked for */
  constructor(retryAfter = 0) {
    super("no answer from the server");
    this.retryAfter = retryAfter;
  }
}

/** The server understood, and said no: trying again unchanged is of no use. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const PATIENCE = 10_000;
const REFUSALS = new Set([400, 401, 403, 404, 409]);
/** Names that a URL's path cannot carry, however they are escaped. */
const DOTS = /^\.\.?$/;

/**
 * @param {string} nick
 * @param {{ tab: string, room: number, signal: AbortSignal }} how
 * @returns {Promise<Batch>} where the room is now; rejected with Refused or Unreachable
 */
export function pull(nick, { tab, room, signal }) {
  const query = new URLSearchParams({ tab, timeout: "0", room: String(room) });

  return new Promise((resolve, reject) => {
    if (DOTS.test(nick)) return reject(new Refused(400, "A name of dots alone cannot be used."));
    const xhr = new XMLHttpRequest();
    xhr.open("GET", `/chat/pull/${encodeURIComponent(nick)}?${query}`);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.timeout = PATIENCE;
    signal.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.onloadend = () => {
      const answer = parse(xhr.responseText);
      if (xhr.status === 200 && isBatch(answer)) resolve(answer);
      else if (REFUSALS.has(xhr.status)) reject(new Refused(xhr.status, detailOf(answer)));
      else reject(new Unreachable(1_000 * Number(xhr.getResponseHeader("Retry-After")) || 0));
    };
    xhr.send();
  });
}

/**
 * @param {string} body
 * @returns {unknown} undefined if it is not JSON
 */
function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} problem an application/problem+json (RFC 9457), if the server sent one
 * @returns {string} what it says for people, or nothing
 */
function detailOf(problem) {
  const { detail, title } = /** @type {Record<string, unknown>} */ (problem ?? {});
  return typeof detail === "string" ? detail : typeof title === "string" ? title : "";
}

/**
 * @param {unknown} answer
 * @returns {answer is Batch}
 */
function isBatch(answer) {
  const { messages, cursor, gap } = /** @type {Partial<Batch>} */ (answer ?? {});
  return Array.isArray(messages) && typeof cursor === "string" && typeof gap === "object";
}

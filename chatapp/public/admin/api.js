/** Asks the server, as the administrator who has logged in. */

/** Milliseconds: a room's removal may take its time. */
const LONGEST = 60_000;

/** The server will not do it (its status), or cannot be reached (0). The message is for people. */
export class Refused extends Error {
  name = "Refused";

  /**
   * @param {number} status
   * @param {string} detail
   * @param {number} wait seconds until it may be asked again; 0 if that is not known
   */
  constructor(status, detail, wait = 0) {
    super(detail);
    this.status = status;
    this.wait = wait;
  }
}

export class Api {
  /** What shows that a change comes from our page; nowhere but here. */
  #csrf = "";

  /** @param {() => void} over the session has ended */
  constructor(over) {
    this.over = over;
  }

  /** @param {string} csrf "" when nobody is logged in */
  use(csrf) {
    this.#csrf = csrf;
  }

  /**
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>} what the JSON says
   */
  get(path, signal) {
    return this.#json(path, { signal });
  }

  /**
   * Whether that is answered well.
   *
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {Promise<void>}
   */
  async check(path, signal) {
    await (await this.#ask(path, { signal })).text();
  }

  /**
   * @param {"POST" | "PATCH" | "DELETE"} method
   * @param {string} path
   * @param {unknown} [content] goes as JSON
   * @returns {Promise<any>} what the JSON says; null if there is none
   */
  send(method, path, content) {
    /** @type {Record<string, string>} */
    const headers = this.#csrf ? { "X-CSRF-Token": this.#csrf } : {};
    if (content === undefined) return this.#json(path, { method, headers });
    headers["Content-Type"] = "application/json";
    return this.#json(path, { method, headers, body: JSON.stringify(content) });
  }

  /**
   * @param {string} path
   * @param {RequestInit} request
   */
  async #json(path, request) {
    const answer = await this.#ask(path, request);
    return answer.status === 204 ? null : answer.json().catch(unreachable);
  }

  /**
   * @param {string} path
   * @param {RequestInit} request
   * @returns {Promise<Response>} a good one
   */
  async #ask(path, request) {
    const csrf = this.#csrf;
    const signals = [AbortSignal.timeout(LONGEST), ...(request.signal ? [request.signal] : [])];
    const headers = { Accept: "application/json", ...request.headers };
    let answer;
    try {
      answer = await fetch(path, { cache: "no-store", ...request, headers, signal: AbortSignal.any(signals) });
    } catch {
      request.signal?.throwIfAborted();
      return unreachable();
    }
    if (answer.ok) return answer;
    // A late answer to the session before is no news of this one.
    if (answer.status === 401 && csrf && csrf === this.#csrf) this.over();
    throw await refused(answer);
  }
}

/** @returns {never} */
function unreachable() {
  throw new Refused(0, "The server cannot be reached.");
}

/** @param {Response} answer */
async function refused(answer) {
  const wait = Number(answer.headers.get("Retry-After")) || 0;
  if (answer.status === 401) return new Refused(401, "Not done: you were logged out. Do it again.");
  const problem = await answer.json().catch(() => null);
  return new Refused(answer.status, problem?.detail || `The server answers ${answer.status}.`, wait);
}

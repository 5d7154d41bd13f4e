/** One request to the server, and its answer as JSON. */

import { Refused, Unreachable } from "../pull.js";

/** Milliseconds for an answer that nothing is waited for. */
const PATIENCE = 15_000;
/** What the server will say again, however often it is asked. */
const REFUSALS = new Set([400, 401, 403, 404, 409, 413]);

/**
 * @param {import("./world.js").World} world
 * @param {string} path
 * @param {{ body?: unknown, text?: string, wait?: number, signal?: AbortSignal }} [how] `body` is
 *   posted as JSON, `text` as it is, and answered so; milliseconds that the server may wait; what
 *   gives the request up
 * @returns {Promise<any>} rejected with Refused or Unreachable
 */
export async function ask(world, path, { body, text, wait = 0, signal } = {}) {
  const sent = text ?? (body === undefined ? null : JSON.stringify(body));
  const ending = new AbortController();
  const end = () => ending.abort();
  const callOff = world.after(wait + PATIENCE, end);
  signal?.addEventListener("abort", end);
  try {
    const response = await world.fetch(world.url(path), {
      method: sent === null ? "GET" : "POST",
      body: sent,
      headers: { Accept: "application/json", ...(body !== undefined && { "Content-Type": "application/json" }) },
      cache: "no-store",
      redirect: "error",
      signal: ending.signal,
    });
    if (response.ok) return await (text === undefined ? response.json() : response.text());
    throw await refusalOf(response);
  } catch (error) {
    throw error instanceof Refused || error instanceof Unreachable ? error : new Unreachable();
  } finally {
    callOff();
    signal?.removeEventListener("abort", end);
  }
}

/**
 * A refusal is the chat's own if it says itself which one it is; else it is a gateway's word.
 *
 * @param {Response} response that is not ok
 * @returns {Promise<Refused | Unreachable>}
 */
export async function refusalOf(response) {
  const problem = await response.json().catch(() => null);
  if (REFUSALS.has(response.status) && problem?.status === response.status) {
    return new Refused(response.status, String(problem.detail ?? problem.title ?? ""));
  }
  return new Unreachable(1_000 * Number(response.headers.get("Retry-After")) || 0);
}

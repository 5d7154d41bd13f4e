/** One request: what its answer means. */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { post, Refused, Unreachable } from "../../chatapp/public/athena/post.js";
import { browser } from "../../chatapp/public/athena/world.js";
import { Clock } from "./world.mjs";

const URL_ = new URL("http://chat/live/send");

/** Asks a server that answers like this. */
function ask(answer, signal) {
  const clock = new Clock();
  return post({ ...browser, fetch: answer, after: clock.after }, URL_, "{}", { patience: 1_000, signal }).finally(() =>
    assert.equal(clock.timers, 0),
  );
}

const respond = (status, body, headers) => async () => new Response(body, { status, headers });

test("JSON is an answer, and nothing else is", async () => {
  assert.deepEqual(await ask(respond(200, '{"ack": 1}')), { ack: 1 });
  assert.deepEqual(await ask(respond(201, "{}")), {});
  await assert.rejects(ask(respond(200, "<html>Log in to this hotel")), Unreachable);
  await assert.rejects(ask(respond(200, '{"ack": ')), Unreachable);
  await assert.rejects(ask(() => Promise.reject(new TypeError("network"))), Unreachable);
});

test("a refusal is final, whatever else goes wrong is not", async () => {
  for (const status of [400, 404, 410, 413]) await assert.rejects(ask(respond(status, "")), Refused);
  for (const status of [401, 403, 407, 408, 429, 500, 502, 503, 504]) {
    await assert.rejects(ask(respond(status, "")), Unreachable);
  }
  await assert.rejects(ask(respond(503, "", { "Retry-After": "3" })), { retryAfter: 3_000 });
  await assert.rejects(ask(respond(503, "", { "Retry-After": "tomorrow" })), { retryAfter: 0 });
});

test("a request that is given up is aborted, and leaves nothing behind", async () => {
  const giving = new AbortController();
  let aborted = 0;
  const hang = (url, { signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(((aborted += 1), new Error("aborted"))));
    });
  const asked = ask(hang, giving.signal);
  giving.abort();
  await assert.rejects(asked, Unreachable);
  assert.equal(aborted, 1);

  const { signal } = new AbortController();
  for (let n = 0; n < 3; n += 1) await ask(respond(200, "{}"), signal);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

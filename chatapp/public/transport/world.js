/**
 * All that the transports need from the browser, in one place, so that a test can put a server, a
 * clock and other tabs of its own there.
 *
 * @typedef {{ say(message: unknown): void }} Channel to the other tabs of this browser
 *
 * @typedef {object} More
 * @property {(path: string) => URL} url
 * @property {(name: string, hear: (message: any) => void) => Channel | null} channel null where
 *   tabs cannot know of each other
 * @property {(name: string, shared: boolean) => Promise<void>} hold a name among all tabs, for as
 *   long as this page is there; kept when it is ours
 * @property {() => Promise<string[]>} held the names that tabs hold
 *
 * @typedef {import("../athena/world.js").World & More} World
 */

import { browser as page } from "../athena/world.js";

export { Pause } from "../athena/world.js";

/** @type {World} */
export const browser = {
  ...page,
  url: (path) => new URL(path, location.href),
  channel(name, hear) {
    if (!("BroadcastChannel" in globalThis) || !navigator.locks) return null;
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => hear(data);
    return { say: (message) => channel.postMessage(message) };
  },
  hold: (name, shared) =>
    new Promise((kept) => {
      const mode = shared ? "shared" : "exclusive";
      const held = navigator.locks.request(name, { mode }, () => {
        kept(undefined);
        return new Promise(() => {});
      });
      held.catch(() => {}); // where the browser forbids it, nobody leads
    }),
  async held() {
    const { held = [] } = await navigator.locks.query();
    return held.map(({ name = "" }) => name);
  },
};

/**
 * The views, of which the address's fragment shows one: `#people/2`.
 *
 * The one that is shown is brought up to date every few seconds: not while the page is hidden, nor
 * when nobody has touched it for long, so that a session that was left alone ends as it should.
 *
 * @typedef {{
 *   section: HTMLElement,
 *   under?: string,
 *   enter?: (argument: string) => void,
 *   refresh?: (signal: AbortSignal) => Promise<void>,
 * }} View `under`: another view, as whose part it is shown in the navigation; `refresh` is rejected
 *   with Refused
 */

import { byId } from "../dom.js";
import { Refused } from "./api.js";
import { now, say } from "./words.js";

const EVERY = 4_000;
const ALONE = 600_000;

export class Views {
  #nav = byId("nav", HTMLElement);
  #state = byId("state", HTMLElement);
  #pause = byId("pause", HTMLButtonElement);
  /** @type {View | undefined} */
  #view;
  #running = false;
  #fresh = true;
  #timer = 0;
  #stop = new AbortController();
  #touched = performance.now();

  /**
   * @param {Record<string, View>} views the first one is shown when the fragment names none
   */
  constructor(views) {
    this.views = views;
    addEventListener("hashchange", () => this.#go(true));
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => this.#touch(), true);
    this.#pause.addEventListener("click", () => {
      this.#pause.ariaPressed = this.#paused ? "false" : "true";
      if (this.#paused) this.#state.textContent = `Paused at ${now()}`;
      else this.refresh();
    });
  }

  get #paused() {
    return this.#pause.ariaPressed === "true";
  }

  /** Somebody has logged in. */
  start() {
    this.#running = true;
    this.#touched = performance.now();
    this.#go(false);
  }

  /** Nobody is logged in. */
  stop() {
    this.#running = false;
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  /** Now, and from then on in time. */
  refresh = async () => {
    this.#stop.abort();
    clearTimeout(this.#timer);
    if (!this.#running || !this.#view) return;
    const { signal } = (this.#stop = new AbortController());
    try {
      await this.#view.refresh?.(signal);
      this.#say(true, `As of ${now()}`);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refused)) throw error;
      this.#say(false, `Not up to date: ${error.message}`);
    }
    if (!signal.aborted) this.#wait();
  };

  #wait() {
    this.#timer = setTimeout(() => {
      const alone = performance.now() - this.#touched > ALONE;
      if (alone) this.#state.textContent = "Paused, as nobody has touched this page for ten minutes";
      if (alone || this.#paused || document.hidden) this.#wait();
      else this.refresh();
    }, EVERY);
  }

  #touch() {
    const alone = performance.now() - this.#touched > ALONE;
    this.#touched = performance.now();
    if (alone && !this.#paused) this.refresh();
  }

  /**
   * @param {boolean} fresh
   * @param {string} text
   */
  #say(fresh, text) {
    if (!this.#paused || !fresh) this.#state.textContent = text;
    if (fresh !== this.#fresh) say(fresh ? "Up to date again." : text);
    this.#fresh = fresh;
  }

  /** @param {boolean} moved by the reader: the focus goes there as well */
  #go(moved) {
    if (!this.#running) return;
    const [wanted, argument = ""] = location.hash.slice(1).split("/");
    const name = Object.hasOwn(this.views, wanted) ? wanted : Object.keys(this.views)[0];
    const view = (this.#view = this.views[name]);
    for (const each of Object.values(this.views)) each.section.hidden = each !== view;
    for (const link of this.#nav.querySelectorAll("a")) {
      const current = link.hash === `#${view.under ?? name}`;
      link.ariaCurrent = current ? "page" : null;
    }
    view.enter?.(argument);
    const heading = /** @type {HTMLElement} */ (view.section.querySelector("h2"));
    document.title = `${heading.dataset.title ?? heading.textContent} – ChatApp administration`;
    if (moved) {
      heading.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    this.refresh();
  }
}

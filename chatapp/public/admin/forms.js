/** Forms, in the page and in dialogs: each does one thing, and what was refused stays as it is. */

import { byId } from "../dom.js";
import { Refused } from "./api.js";

/**
 * @param {HTMLFormElement} form has an element with the role alert
 * @param {() => Promise<void>} act
 */
export function onSubmit(form, act) {
  const note = /** @type {HTMLElement} */ (form.querySelector("[role=alert]"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // Not by `disabled`: the button would lose the focus.
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    note.textContent = "";
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      note.textContent = error.message;
    } finally {
      form.ariaBusy = "false";
    }
  });
}

/**
 * Dialogs that stood open when the session ended, the first one lowest.
 *
 * @type {HTMLDialogElement[]}
 */
let suspended = [];

/** Nothing stands before the login. */
export function suspendDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    if (!dialog.open) continue;
    suspended.push(dialog);
    dialog.close();
  }
}

/** They come back with what was typed there. */
export function restoreDialogs() {
  for (const dialog of suspended) dialog.showModal();
  suspended = [];
}

/** The heading of the view that is shown gets the focus. */
export function focusHeading() {
  const heading = document.querySelector("#page section:not([hidden]) h2");
  if (heading instanceof HTMLElement) heading.focus();
}

/** A dialog with a form: done when that is, given up by Escape or its other button. */
export class Dialog {
  /** @type {() => Promise<void>} */
  #act = async () => {};

  /**
   * @param {string} id of the dialog; its form's, note's and title's begin with it
   * @param {() => void} done something has been changed
   */
  constructor(id, done) {
    this.element = byId(id, HTMLDialogElement);
    this.form = byId(`${id}-form`, HTMLFormElement);
    this.note = byId(`${id}-note`, HTMLElement);
    this.title = byId(`${id}-title`, HTMLElement);
    byId(`${id}-cancel`, HTMLButtonElement).addEventListener("click", () => this.element.close());
    onSubmit(this.form, async () => {
      await this.#act();
      this.element.close();
      // What opened it may be hidden by now, and a browser finds that out late.
      if (document.activeElement === document.body || !document.activeElement?.checkVisibility()) focusHeading();
      done();
    });
  }

  /**
   * @param {string} title
   * @param {() => Promise<void>} act rejected with Refused: the dialog stays and says why
   */
  open(title, act) {
    this.#act = act;
    this.title.textContent = title;
    this.note.textContent = "";
    this.element.showModal();
  }
}

/** Asks before something is done that cannot be taken back. */
export class Question extends Dialog {
  #points = byId("question-points", HTMLElement);
  #yes = byId("question-yes", HTMLButtonElement);

  /**
   * @param {string} title
   * @param {(Node | string)[]} points what comes of it, a paragraph each
   * @param {string} yes what the button says
   * @param {() => Promise<void>} act
   */
  ask(title, points, yes, act) {
    // Asked late, as its points had to be loaded, it takes no other question's place under the pointer.
    if (document.querySelector("dialog[open]")) return;
    this.#points.replaceChildren(
      ...points.map((point) => {
        const paragraph = document.createElement("p");
        paragraph.dir = "auto";
        paragraph.append(point);
        return paragraph;
      }),
    );
    this.#yes.textContent = yes;
    this.open(title, act);
  }
}

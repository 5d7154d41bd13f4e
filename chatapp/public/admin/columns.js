/**
 * Kinds of columns. What people wrote is text, in its own direction.
 *
 * @template T
 * @typedef {import("./table.js").Column<T>} Column
 */

import { make } from "../dom.js";
import { moment } from "./words.js";

/**
 * @template T
 * @param {string} label
 * @param {string} className
 * @param {(item: T) => string} text
 * @returns {Column<T>}
 */
export function words(label, className, text) {
  return {
    label,
    className,
    fill(cell, { item }) {
      const shown = text(item);
      const place = cell.firstElementChild ?? cell.appendChild(make("bdi", ""));
      if (place.textContent !== shown) place.textContent = shown;
    },
  };
}

/**
 * @template T
 * @param {string} label
 * @param {string} className
 * @param {(item: T) => number} micros since 1970
 * @returns {Column<T>}
 */
export function time(label, className, micros) {
  return {
    label,
    className,
    fill(cell, { item }) {
      if (!cell.firstElementChild) cell.append(moment(micros(item)));
    },
  };
}

/**
 * @template T
 * @typedef {{
 *   label: string,
 *   act?: (item: T) => unknown,
 *   href?: (item: T) => string,
 *   offered?: (item: T) => boolean,
 * }} Action it does something, once at a time, or leads somewhere
 */

/**
 * @template T
 * @param {(item: T) => string} what it is done to, for who does not see the row
 * @param {...Action<T>} actions
 * @returns {Column<T>}
 */
export function actions(what, ...actions) {
  return {
    label: "Actions",
    className: "actions",
    fill(cell, row) {
      actions.forEach((action, index) => {
        const part = /** @type {HTMLElement} */ (cell.children[index] ?? cell.appendChild(made(action, row)));
        part.hidden = action.offered?.(row.item) === false;
        if (part instanceof HTMLAnchorElement && action.href) part.href = action.href(row.item);
        const hint = /** @type {HTMLElement} */ (part.lastElementChild);
        const name = ` ${what(row.item)}`;
        if (hint.textContent !== name) hint.textContent = name;
      });
    },
  };
}

/**
 * @template T
 * @param {Action<T>} action
 * @param {import("./table.js").Row<T>} row
 */
function made({ label, act, href }, row) {
  const hint = make("span", "visually-hidden");
  if (href) return make("a", "small button quiet", label, hint);
  const button = make("button", "small quiet", label, hint);
  button.type = "button";
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    try {
      await act?.(row.item);
    } finally {
      busy = false;
    }
  });
  return button;
}

/**
 * What a `<details>` does as a menu: it closes when one looks elsewhere.
 *
 * @param {HTMLDetailsElement} details
 * @param {() => boolean} [stays] whether it is no menu now
 */
export function asMenu(details, stays = () => false) {
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || stays() || !details.open) return;
    details.open = false;
    details.querySelector("summary")?.focus();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!stays() && !details.contains(/** @type {Node} */ (target))) details.open = false;
  });
}

/**
 * Puts other lines into a list, if they are other ones; who had the focus on a link has it on the
 * same one again.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement[]} lines
 */
export function relist(list, lines) {
  if (list.innerHTML === lines.map(({ outerHTML }) => outerHTML).join("")) return;
  const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  list.replaceChildren(...lines);
  for (const link of list.querySelectorAll("a")) if (link.getAttribute("href") === focused) link.focus();
}

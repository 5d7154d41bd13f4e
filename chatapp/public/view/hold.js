/** Pixels from the end within which the reader still counts as being there. */
const NEAR = 48;

/**
 * @param {HTMLElement} area that scrolls
 * @returns {boolean}
 */
export function isAtEnd({ scrollHeight, clientHeight, scrollTop }) {
  return scrollHeight - clientHeight - scrollTop <= NEAR;
}

/**
 * Changes something above what is being read, and leaves that where it is.
 *
 * @param {HTMLElement} area that scrolls
 * @param {import("./sheets.js").Sheets} sheets in it
 * @param {() => void} change
 */
export function hold(area, sheets, change) {
  const atEnd = isAtEnd(area);
  const line = sheets.lineAt(area.getBoundingClientRect().top);
  const before = line?.getBoundingClientRect().top ?? 0;
  area.style.overflowAnchor = "none"; // or the browser would move it as well
  change();
  if (atEnd) area.scrollTop = area.scrollHeight;
  else if (line?.isConnected) area.scrollTop += line.getBoundingClientRect().top - before;
  requestAnimationFrame(() => area.style.removeProperty("overflow-anchor"));
}

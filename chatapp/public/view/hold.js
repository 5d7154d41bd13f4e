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
 * @param {HTMLElement} part of it; what is changed comes before its end
 * @param {() => void} change
 */
export function hold(area, part, change) {
  const atEnd = isAtEnd(area);
  const { bottom } = part.getBoundingClientRect();
  area.style.overflowAnchor = "none"; // or the browser would move it as well
  change();
  if (atEnd) area.scrollTop = area.scrollHeight;
  else area.scrollTop += part.getBoundingClientRect().bottom - bottom;
  requestAnimationFrame(() => area.style.removeProperty("overflow-anchor"));
}

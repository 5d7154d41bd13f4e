/**
 * When one clicked on a page, and when a message stood on another and was painted there: in
 * milliseconds of the machine's clock, which all pages of a browser have in common. Put into both
 * pages before their own scripts, by people.py.
 *
 * @typedef {object} Arrival
 * @property {number} standing in the document
 * @property {number} painted
 */

{
  const now = () => performance.timeOrigin + performance.now();

  /** @type {Map<string, Promise<Arrival>>} by the message's words */
  const arrivals = new Map();
  /** @type {Map<string, (arrival: Promise<Arrival>) => void>} who waits for which */
  const waiting = new Map();

  /** A frame's callbacks come before its painting, a message's after it. */
  const painted = () =>
    new Promise((/** @type {(time: number) => void} */ resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(now());
      requestAnimationFrame(() => port2.postMessage(null));
    });

  const observer = new MutationObserver((records) => {
    const standing = now();
    for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (!(node instanceof Element) || !node.closest("#log")) continue;
      for (const element of node.matches(".text") ? [node] : node.querySelectorAll(".text")) {
        const text = element.textContent ?? "";
        if (arrivals.has(text)) continue;
        arrivals.set(text, painted().then((time) => ({ standing, painted: time })));
        waiting.get(text)?.(/** @type {Promise<Arrival>} */ (arrivals.get(text)));
      }
    }
  });
  observer.observe(document, { subtree: true, childList: true });

  const stopwatch = {
    now,
    /** When the button was clicked last. */
    clicked: 0,
    /**
     * @param {string} text a message's words
     * @param {number} patience milliseconds until it is given up
     * @returns {Promise<Arrival>}
     */
    arrival: (text, patience) =>
      arrivals.get(text) ??
      new Promise((resolve, reject) => {
        waiting.set(text, resolve);
        setTimeout(() => reject(new Error(`"${text}" has not come`)), patience);
      }),
  };
  document.addEventListener(
    "click",
    ({ target, timeStamp }) => {
      if (target instanceof Element && target.closest("#send")) stopwatch.clicked = performance.timeOrigin + timeStamp;
    },
    { capture: true },
  );
  Object.assign(globalThis, { stopwatch });
}

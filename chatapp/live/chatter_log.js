/**
 * What the room says, as lines of text in a scroll area.
 *
 * @typedef {[kind: string, sender: string, text: string, number: number]} Line what somebody has
 *   said, what has happened in the room, or an "aside": what the server says to this page alone;
 *   and its number, or that of what a "removal" takes away
 */

/** How many lines are kept. */
const KEPT = 2_000;
/** Pixels from the end within which the reader still counts as being there. */
const NEAR = 48;

export class ChatterLog {
  #following = true;
  /** Where the view stood when it was last looked at. */
  #top = 0;

  /** @param {HTMLElement} area */
  constructor(area) {
    this.area = area;
    area.addEventListener("scroll", () => this.#look(), { passive: true });
    new ResizeObserver(() => this.#following && this.toEnd()).observe(area);
  }

  /**
   * @param {Line[]} lines
   * @param {string} me whose own they may be
   */
  add(lines, me) {
    // A scroll is told of only with the next frame; a line may be faster.
    if (this.area.scrollTop < this.#top) this.#look();
    for (const line of lines) {
      if (line[0] === "removal") this.#remove(line[3]);
      this.area.append(lineElement(line, me));
    }
    while (this.area.childElementCount > KEPT) this.area.firstElementChild?.remove();
    if (this.#following) this.toEnd();
  }

  toEnd() {
    this.#following = true;
    this.area.scrollTop = this.area.scrollHeight;
    this.#top = this.area.scrollTop;
  }

  /** @param {number} number of a message, which loses its words */
  #remove(number) {
    const line = [...this.area.querySelectorAll(`[data-number="${number}"]`)].at(-1);
    if (line instanceof HTMLElement) line.replaceWith(lineElement(["removed", line.dataset.sender ?? "", "", 0], ""));
  }

  #look() {
    const { scrollHeight, clientHeight, scrollTop } = this.area;
    this.#top = scrollTop;
    this.#following = scrollHeight - clientHeight - scrollTop <= NEAR;
  }
}

/**
 * @param {Line} line
 * @param {string} me
 */
function lineElement(line, me) {
  const [kind, sender, , number] = line;
  const element = kind === "say" ? saidElement(line, me) : happenedElement(line);
  if (kind !== "removal" && number) Object.assign(element.dataset, { number, sender });
  return element;
}

/**
 * @param {Line} line
 * @param {string} me
 */
function saidElement([, sender, text], me) {
  const said = make("p", sender === me ? "say own" : "say");
  said.append(make("bdi", "sender", sender), ": ", make("bdi", "text", text));
  return said;
}

/** @param {Line} line */
function happenedElement([kind, sender, text]) {
  const words =
    { aside: text, wall: ` ! ${sender}: ${text}`, removed: ` * a message from ${sender} was removed` }[kind] ??
    ` * ${text}`;
  const happened = make("p", kind, words);
  happened.dir = "auto";
  return happened;
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text] as text, never as markup
 */
function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

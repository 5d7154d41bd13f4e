/**
 * What comes as text/event-stream (HTML standard, 9.2), piece by piece.
 *
 * @typedef {{ type: string, data: string, id: string }} Event
 */

export class EventStream {
  #rest = "";
  #type = "";
  /** @type {string[]} */
  #data = [];
  #id = "";

  /**
   * @param {string} text a piece, which may end anywhere
   * @returns {Event[]} those that are whole by now
   */
  feed(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    const events = [];
    for (const line of lines) {
      const event = this.#line(line.replace(/\r$/, ""));
      if (event) events.push(event);
    }
    return events;
  }

  /**
   * @param {string} line
   * @returns {Event | null} that ends with it
   */
  #line(line) {
    if (!line) return this.#end();
    const [, field, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "event") this.#type = value;
    if (field === "data") this.#data.push(value);
    if (field === "id") this.#id = value;
    return null;
  }

  #end() {
    const event = { type: this.#type || "message", data: this.#data.join("\n"), id: this.#id };
    const whole = this.#data.length > 0;
    this.#type = "";
    this.#data = [];
    return whole ? event : null;
  }
}

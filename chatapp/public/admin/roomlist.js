/** The rooms there are, as all views know them; and the boxes in which one of them is chosen. */

/** @typedef {{ id: number, name: string }} Room */

export class RoomList {
  /** @type {Room[]} */
  all = [];
  /** @type {Map<HTMLSelectElement, string>} */
  #boxes = new Map();

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /** @param {AbortSignal} [signal] */
  async load(signal) {
    this.all = (await this.api.get("/api/rooms", signal)).rooms;
    for (const [box, everywhere] of this.#boxes) {
      // Or a room that goes while one is asked about it would turn into all rooms.
      if (!box.closest("dialog[open]")) this.#fill(box, everywhere);
    }
  }

  /** The one that there always is: it was the first. */
  get main() {
    return Math.min(...this.all.map(({ id }) => id));
  }

  /** @param {number} id */
  name(id) {
    return this.all.find((room) => room.id === id)?.name ?? `room ${id}`;
  }

  /**
   * @param {HTMLSelectElement} box has all rooms from now on
   * @param {string} [everywhere] what stands for all of them, with the value ""
   */
  keep(box, everywhere = "") {
    this.#boxes.set(box, everywhere);
  }

  /**
   * @param {HTMLSelectElement} box
   * @param {string} everywhere
   */
  #fill(box, everywhere) {
    const wanted = [...(everywhere ? [["", everywhere]] : []), ...this.all.map(({ id, name }) => [String(id), name])];
    const there = [...box.options].map(({ value, text }) => [value, text]);
    if (JSON.stringify(there) === JSON.stringify(wanted)) return;
    const chosen = box.value;
    box.replaceChildren(...wanted.map(([value, text]) => new Option(text, value)));
    if (wanted.some(([value]) => value === chosen)) box.value = chosen;
  }
}

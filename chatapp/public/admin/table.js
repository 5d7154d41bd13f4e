/**
 * A table whose rows are brought up to date in place: who has the focus in one keeps it.
 *
 * @template T
 * @typedef {{ item: T, element: HTMLTableRowElement }} Row
 */

/**
 * @template T
 * @typedef {{
 *   label: string,
 *   className: string,
 *   fill: (cell: HTMLElement, row: Row<T>) => void,
 * }} Column `fill` brings a cell up to date
 */

/** @template T */
export class Table {
  /** @type {Map<unknown, Row<T>>} */
  #rows = new Map();

  /**
   * @param {HTMLTableElement} table has a caption, and stands in a section with a heading
   * @param {Column<T>[]} columns the first one says which row it is
   * @param {(item: T) => unknown} key
   * @param {{ holds?: boolean }} options holds: the rows stay where they are as long as somebody
   *   points at them or has the focus there; those of what has gone become pale
   */
  constructor(table, columns, key, { holds = false } = {}) {
    this.table = table;
    this.columns = columns;
    this.key = key;
    this.holds = holds;
    const head = table.createTHead().insertRow();
    for (const { label, className } of columns) {
      const cell = cellOf("th", "columnheader", className);
      cell.setAttribute("scope", "col");
      cell.textContent = label;
      head.append(cell);
    }
    this.body = table.createTBody();
    // Said again, as some browsers forget it of what is shown as cards.
    table.setAttribute("role", "table");
    head.setAttribute("role", "row");
    for (const group of [this.body, head.parentElement]) group?.setAttribute("role", "rowgroup");
  }

  /**
   * @param {T[]} items all there are, in their order
   * @param {boolean} [anew] others were asked for: no row is held
   */
  show(items, anew = false) {
    const focused = document.activeElement;
    const held = this.holds && !anew && this.body.matches(":hover, :focus-within");
    const gone = new Map(this.#rows);
    const rows = items.map((item) => {
      gone.delete(this.key(item));
      return this.#row(item);
    });
    if (held) {
      for (const { element } of gone.values()) element.classList.add("gone");
      this.body.append(...rows.map((row) => row.element).filter((element) => !element.isConnected));
      return;
    }
    for (const [key, row] of gone) this.#drop(key, row);
    let next = this.body.firstElementChild;
    for (const { element } of rows) {
      if (element === next) next = next.nextElementSibling;
      else this.body.insertBefore(element, next);
    }
    if (focused instanceof HTMLElement && focused.isConnected && focused !== document.activeElement) {
      focused.focus({ preventScroll: true });
    }
  }

  /** @param {number} [index] of the row, the first one if it is left out, that gets the focus */
  focus(index = 0) {
    focusOn(this.body.rows[index], this.table);
  }

  /** @param {T} item */
  #row(item) {
    const key = this.key(item);
    let row = this.#rows.get(key);
    if (!row) {
      const element = document.createElement("tr");
      element.setAttribute("role", "row");
      this.columns.forEach(({ label, className }, index) => {
        const cell = index ? cellOf("td", "cell", className) : cellOf("th", "rowheader", className);
        if (!index) cell.setAttribute("scope", "row");
        cell.dataset.label = label;
        element.append(cell);
      });
      row = { item, element };
      this.#rows.set(key, row);
    }
    row.item = item;
    row.element.classList.remove("gone");
    const cells = row.element.children;
    this.columns.forEach(({ fill }, index) => fill(/** @type {HTMLElement} */ (cells[index]), row));
    return row;
  }

  /**
   * @param {unknown} key
   * @param {Row<T>} row
   */
  #drop(key, { element }) {
    const near = element.nextElementSibling ?? element.previousElementSibling;
    const focused = element.contains(document.activeElement);
    this.#rows.delete(key);
    element.remove();
    if (focused) focusOn(near, this.table);
  }
}

/**
 * @param {Element | null | undefined} row its first button gets the focus, if it has one
 * @param {HTMLTableElement} table else the heading above it
 */
function focusOn(row, table) {
  const part = row?.querySelector(":is(a, button):not([hidden])") ?? table.closest("section")?.querySelector("h2");
  if (part instanceof HTMLElement) part.focus();
}

/**
 * @param {"td" | "th"} tag
 * @param {string} role
 * @param {string} className
 */
function cellOf(tag, role, className) {
  const cell = document.createElement(tag);
  cell.setAttribute("role", role);
  cell.className = className;
  return cell;
}

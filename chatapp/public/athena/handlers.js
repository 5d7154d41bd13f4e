/** What a template binds: `<form data-on-submit="doSay">` calls the widget's method `doSay`. */

const PREFIX = "data-on-";

/**
 * @param {object} widget
 * @param {Element} node the widget's
 */
export function bind(widget, node) {
  for (const each of [node, ...node.querySelectorAll("*")]) {
    for (const { name, value } of each.attributes) {
      if (name.startsWith(PREFIX)) listen(widget, each, name.slice(PREFIX.length), value);
    }
  }
}

/**
 * @param {object} widget
 * @param {Element} node
 * @param {string} type of the event
 * @param {string} name
 */
function listen(widget, node, type, name) {
  const method = /** @type {Record<string, any>} */ (widget)[name];
  const known = typeof method === "function";
  if (!known) console.error(`${widget.constructor.name} has no method ${name} for ${PREFIX}${type}`);
  node.addEventListener(type, (event) => {
    // A form that is sent would take the page away, and the channel with it.
    if (type === "submit") event.preventDefault();
    if (known && method.call(widget, event) === false) event.preventDefault();
  });
}

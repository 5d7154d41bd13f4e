/** The first page: the curl lines show this host and the name in the box. */

import { byId } from "./dom.js";

const nick = byId("nick", HTMLInputElement);
const pull = byId("curl-pull", HTMLElement);
const push = byId("curl-push", HTMLElement);

/** What encodeURIComponent leaves alone, and a shell would not. */
const SHELL_MARKS = /['()*!]/g;

function showLines() {
  const name = encodeURIComponent(nick.value.trim() || nick.defaultValue).replace(
    SHELL_MARKS,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  );
  pull.textContent = `curl -s -c jar -b jar ${location.origin}/chat/pull/${name}`;
  push.textContent = `curl -d hello -c jar -b jar ${location.origin}/chat/push`;
}

/** Who was on the way to a room goes on there. */
const to = new URLSearchParams(location.search).get("to") ?? "";
if (/^\/chats\/(long_poll\/)?\d+\/?$/.test(to)) byId("join", HTMLFormElement).action = to;

nick.value = new URLSearchParams(location.search).get("nick") || nick.value;
nick.addEventListener("input", showLines);
nick.addEventListener("focus", () => nick.select());
if (document.activeElement === nick) nick.select();
showLines();

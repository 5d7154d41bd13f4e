// As little as a page can do that says and hears by a WebSocket; its parts are called as the chat's.
const by = /** @type {HTMLElement} */ (document.getElementById("by"));
const log = /** @type {HTMLElement} */ (document.getElementById("log"));
const box = /** @type {HTMLTextAreaElement} */ (document.getElementById("text"));
const socket = new WebSocket(`ws://${location.host}/socket`);

socket.onopen = () => (by.textContent = "by WebSocket");
socket.onmessage = ({ data }) => {
  const line = document.createElement("p");
  line.className = "text";
  line.textContent = data;
  log.append(line);
};
document.getElementById("composer")?.addEventListener("submit", (event) => {
  event.preventDefault();
  socket.send(box.value);
  box.value = "";
});

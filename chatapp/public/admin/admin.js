/** The administrator's page: the login, or one of the views. */

import { byId } from "../dom.js";
import { Refused } from "./api.js";
import { AuditView } from "./audit.js";
import { focusHeading, Question, restoreDialogs, suspendDialogs } from "./forms.js";
import { LoginForm } from "./login.js";
import { MessagesView } from "./messages.js";
import { PeopleView } from "./people.js";
import { RoomList } from "./roomlist.js";
import { RoomsView } from "./rooms.js";
import { ServerView } from "./server.js";
import { Session } from "./session.js";
import { Views } from "./views.js";
import { WallView } from "./wall.js";
import { say } from "./words.js";

const page = byId("page", HTMLElement);
const me = byId("me", HTMLElement);

/** What had the focus when the session ended. @type {Element | null} */
let left = null;

const session = new Session(begun, ended);
const { api } = session;
const login = new LoginForm((name, password) => session.login(name, password));
const rooms = new RoomList(api);
const changed = () => void views.refresh();
const question = new Question("question", changed);

/** @type {Views} */
const views = new Views({
  rooms: new RoomsView(api, rooms, question, changed),
  messages: new MessagesView(api, rooms, question),
  people: new PeopleView(api, rooms, changed),
  wall: new WallView(api),
  server: new ServerView(api, rooms, question, changed),
  audit: new AuditView(api),
});

function begun() {
  me.textContent = session.name;
  const asked = login.shown;
  page.hidden = false;
  login.hide();
  views.start();
  if (!asked) return;
  if (left instanceof HTMLElement && left !== document.body) left.focus();
  else focusHeading();
  restoreDialogs();
}

/** @param {string} why */
function ended(why) {
  views.stop();
  if (!page.hidden) {
    suspendDialogs();
    left = document.activeElement;
  }
  const again = session.name && "You were logged out. Log in to go on: what you typed is still there.";
  page.hidden = true;
  login.show(why || again, session.name);
}

byId("logout", HTMLButtonElement).addEventListener("click", async () => {
  try {
    await session.logout();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(`You are still logged in. ${error.message}`);
  }
});

session.resume();

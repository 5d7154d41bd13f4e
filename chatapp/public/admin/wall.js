/** The view by which the administrator speaks to all rooms. */

import { byId } from "../dom.js";
import { onSubmit } from "./forms.js";
import { say } from "./words.js";

export class WallView {
  section = byId("wall", HTMLElement);

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    const text = byId("wall-text", HTMLTextAreaElement);
    onSubmit(byId("wall-form", HTMLFormElement), async () => {
      await api.send("POST", "/api/wall", { text: text.value });
      text.value = "";
      say("All rooms have heard it.");
    });
  }
}

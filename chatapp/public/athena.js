/**
 * Live elements in the browser: a page's widgets, and calls both ways between each of them
 * and its element on the server.
 *
 *     import { Widget } from "./athena.js";
 *
 *     export class EchoWidget extends Widget {
 *       async doSay() {
 *         this.addText(await this.callRemote("say", this.nodeByAttribute("name", "message").value));
 *       }
 *       addText(text) { ... }  // the server may call it too
 *     }
 */

export { ChannelFull, ChannelLost, RemoteError } from "./athena/errors.js";
export { Widget } from "./athena/widget.js";

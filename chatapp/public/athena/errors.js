/** How a call to the server can fail. */

/** The element's method said no; `name` is the type of its error. */
export class RemoteError extends Error {
  /**
   * @param {string} type
   * @param {string} message for people
   */
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

/** The channel is gone. If the call had been sent, it is not known whether it was done. */
export class ChannelLost extends Error {
  name = "ChannelLost";
}

/** Nothing was sent: the call is too large, or too much is waiting already. */
export class ChannelFull extends Error {
  name = "ChannelFull";
}

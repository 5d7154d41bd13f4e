// The page of the element in echo.py; the benchmark's pages need no browser.
import { Widget } from "./athena.js";

export class EchoWidget extends Widget {
  /** @param {unknown} value */
  echo(value) {
    return value;
  }
}

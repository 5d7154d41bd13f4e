// The page of the element in echo.py; the benchmark's pages need no browser.
import { Widget } from "./athena.js";

export class EchoWidget extends Widget {
  echo(value) {
    return value;
  }
}

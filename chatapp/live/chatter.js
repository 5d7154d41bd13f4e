import { Widget } from "./athena.js";

export class ChatterWidget extends Widget {}

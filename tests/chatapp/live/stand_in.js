export class StandIn {}

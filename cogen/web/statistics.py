"""What a server is doing, at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from cogen.core.schedulers import Statistics as SchedulerStatistics

__all__ = ["ServerStatistics"]


@dataclass(frozen=True, slots=True)
class ServerStatistics:
    """A server at one moment.

    Attributes:
        since: when it began to listen, in seconds since 1970.
        accepted: connections since the start.
        requests: requests that reached the application since the start.
        answers: that have begun since the start, by class of status: ``1xx`` to ``5xx``.
        refusals: answers of the server's own (400, 408, 500, 503 ...) since the start.
        turned_away: connections over ``max_connections`` since the start.
        connections: open now.
        handshakes: TLS handshakes under way now.
        parked: requests that wait for an operation now.
        most: so many connections may be open.
        accepting: False while no file descriptor is free, or when it is being stopped.
        pauses: how often descriptors have run out since the start.
        log_lines_lost: lines of the access log that could not be written.
        scheduler: of the scheduler.
    """

    since: float
    accepted: int
    requests: int
    answers: dict[str, int]
    refusals: int
    turned_away: int
    connections: int
    handshakes: int
    parked: int
    most: int
    accepting: bool
    pauses: int
    log_lines_lost: int
    scheduler: SchedulerStatistics

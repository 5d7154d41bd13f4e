"""The figures of the server and the chat, for Prometheus.

They are read from what the parts count for themselves, when somebody asks: nobody pays for it else.
Base units; and no label that grows with rooms or people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol, get_args

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from chatapp.broker.durations import STEPS, Durations
from chatapp.broker.local import LocalBroker
from chatapp.model.client import Transport
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster

__all__ = ["CONTENT_TYPE", "Metrics", "Pages", "Parts"]

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4


class Pages(Protocol):
    """Channels of live pages.

    Attributes:
        calls: of their methods, that have no answer yet.
    """

    @property
    def calls(self) -> int: ...

    def __len__(self) -> int: ...


class Parts(NamedTuple):
    """Of the chat.

    Attributes:
        pages: the live ones that are mounted in it.
    """

    rooms: Rooms
    roster: Roster
    broker: LocalBroker
    pages: Sequence[Pages] = ()


class Metrics:
    """All of them, of one process.

    Args:
        parts: what is looked at.
    """

    def __init__(self, parts: Parts) -> None:
        self._registry = CollectorRegistry()
        self._server = _Server()
        self._registry.register(self._server)
        self._registry.register(_Chat(parts))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def text(self, server: Any) -> bytes:
        """As Prometheus wants to have them.

        Args:
            server: the `cogen.web.service.Service`.
        """
        self._server.server = server
        return generate_latest(self._registry)


class _Server(Collector):
    """Of cogen.

    Attributes:
        server: the one that was asked last; None before.
    """

    server: Any = None

    def collect(self) -> Iterator[Metric]:
        if self.server is None:
            return
        now = self.server.statistics()
        yield _count("cogen_connections_accepted", "Connections that were accepted", now.accepted)
        yield _count("cogen_connections_turned_away", "Connections over the limit", now.turned_away)
        yield _count("cogen_requests", "Requests that have reached the application", now.requests)
        answers = CounterMetricFamily(
            "cogen_answers", "Answers that have begun, by class of status.", labels=["class"]
        )
        for name, value in now.answers.items():
            answers.add_metric([name], value)
        yield answers
        yield _count(
            "cogen_refusals", "Answers of the server's own: 400, 408, 503 ...", now.refusals
        )
        yield _count(
            "cogen_descriptor_pauses", "Times when no file descriptor was free", now.pauses
        )
        yield _count(
            "cogen_access_log_lines_lost", "Lines that could not be written", now.log_lines_lost
        )
        yield _gauge("cogen_connections", "Connections that are open", now.connections)
        yield _gauge("cogen_connections_limit", "Connections that may be open", now.most)
        yield _gauge("cogen_handshakes", "TLS handshakes that are under way", now.handshakes)
        yield _gauge("cogen_requests_parked", "Requests that wait for an operation", now.parked)
        yield _gauge("cogen_coroutines", "Begun and not ended", now.scheduler.coroutines)
        yield _gauge("cogen_ready", "Items in the ready queue", now.scheduler.ready)
        yield _gauge("cogen_timers", "Timeouts that are set", now.scheduler.timers)
        yield _gauge("cogen_listen_start_time_seconds", "When it began to listen", now.since)


class _Chat(Collector):
    """Of the chat."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        rooms, roster, broker, pages = self._parts
        said, gaps = broker.statistics(), rooms.gaps
        yield _count("chat_messages", "Messages that were accepted and kept", said.accepted)
        yield _count("chat_messages_refused", "Messages that could not be kept", said.refused)
        yield _count("chat_gaps", "Times that a reader was told of a gap", gaps.told)
        yield _count("chat_messages_missed", "Messages in these gaps", gaps.missed)
        yield _gauge("chat_rooms", "Rooms that there are", len(rooms))
        yield _gauge("chat_people", "Sessions that are in a room", len(roster.people))
        clients = GaugeMetricFamily(
            "chat_clients", "Readers of rooms, also between two polls", labels=["transport"]
        )
        for transport in get_args(Transport):
            clients.add_metric([transport], roster.transports[transport])
        yield clients
        yield _gauge("chat_clients_limit", "Readers that may be there", roster.most)
        yield _gauge("chat_commit_queue", "Messages that are not kept yet", said.waiting)
        yield _gauge("chat_commit_queue_limit", "Messages that may wait for it", said.most)
        yield _histogram("chat_commit_seconds", "Keeping a group of messages", said.commits)
        yield _gauge("chat_live_channels", "Live pages that are open", sum(map(len, pages)))
        calls = sum(each.calls for each in pages)
        yield _gauge("chat_live_calls", "Calls to browsers that have no answer yet", calls)


def _count(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, f"{text}.", value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, f"{text}.", value)


def _histogram(name: str, text: str, durations: Durations) -> Metric:
    steps = [*map(str, STEPS), "+Inf"]
    buckets = list(zip(steps, durations.counts(), strict=True))
    return HistogramMetricFamily(name, f"{text}.", buckets=buckets, sum_value=durations.total)

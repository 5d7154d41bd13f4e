"""Where the time of one delivery goes: ``python -m bench.stages`` prints a table.

The real connections, on a transport that throws away what is written and a loop that is run by
hand: what the kernel and uvloop add is not in it, but for the two system calls, which are timed on
a socket by themselves. Each figure is the best of many rounds, in microseconds a delivery.
"""

from __future__ import annotations

import gc
import socket
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.text import aligned
from chatapp.config.environment import load_environment
from chatapp.config.middleware import assemble
from chatapp.config.settings import ChatSettings
from chatapp.model.message import Message
from chatapp.store.opening import open_store
from cogen.core.pubsub import PublishSubscribeQueue
from cogen.testing import FakeLoop
from cogen.web.connection import Connection
from cogen.web.environ import Peer, prototype, template
from cogen.web.gate import Gate, install
from cogen.web.http11 import Limits, RequestParser
from cogen.web.response import Response
from cogen.web.server import Server
from cogen.web.settings import ServerSettings

CLIENTS = 200
ROUNDS = 100
HEAD = b"GET %b HTTP/1.1\r\nHost: localhost:5001\r\nUser-Agent: bench\r\nAccept: */*\r\n%b\r\n"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", "5")]


class Transport:
    """Takes everything and keeps the last of it."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written = data

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 50000) if name == "peername" else None


class Crowd:
    """Clients of one application, without a network."""

    def __init__(self, application: Any) -> None:
        self.loop = FakeLoop()
        with socket.socket() as sock:
            make = Server(application, ServerSettings())._make_service
            self.service = make(self.loop.scheduler(), sock)
        self.connections = [self.connect() for _ in range(CLIENTS)]

    def connect(self) -> tuple[Connection, Transport]:
        connection, transport = Connection(self.service), Transport()
        connection.connection_made(transport)
        return connection, transport

    def stages(self, requests: list[bytes], push: Callable[[], object]) -> dict[str, float]:
        """What each part of a round costs a client, at best."""
        best = dict.fromkeys(("read", "begin", "wake", "answer"), float("inf"))
        pairs = [(c.data_received, r) for (c, _), r in zip(self.connections, requests, strict=True)]
        for _ in range(ROUNDS):
            marks = [perf_counter()]
            for receive, request in pairs:
                receive(request)
            marks.append(perf_counter())
            self.loop.run_until_idle()
            marks.append(perf_counter())
            push()
            marks.append(perf_counter())
            self.loop.run_until_idle()
            marks.append(perf_counter())
            for stage, before, after in zip(best, marks, marks[1:], strict=False):
                best[stage] = min(best[stage], (after - before) / CLIENTS)
        return best


def engine() -> dict[str, float]:
    """A plain WSGI application that waits."""
    log: PublishSubscribeQueue[bytes] = PublishSubscribeQueue(maxlen=100)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        gate = environ["cogen.wsgi"]
        gate.operation = log.fetch(log.subscribe(), timeout=10.0)
        yield b""
        body = gate.take()[0]
        start_response("200 OK", HEADERS)
        yield body

    crowd = Crowd(application)
    return crowd.stages([HEAD % (b"/pull", b"")] * CLIENTS, lambda: log.publish(b"hello"))


def chat() -> dict[str, float]:
    """The whole ChatApp, a session each. A push is what readers see of it: the room hears it."""
    with tempfile.TemporaryDirectory() as folder:
        opened = open_store("", Path(folder))
    environment = load_environment(ChatSettings(), opened.store, opened.rooms)
    room = environment.rooms.main
    crowd = Crowd(assemble(environment, "s" * 64, lambda environ, start_response: []))

    def hear() -> None:
        room.hear(Message(room.id, room.log.end + 1, room.time + 1, "bob", "say", "hello"))

    requests = []
    for connection, transport in crowd.connections:
        connection.data_received(HEAD % (b"/chat/pull", b""))
        crowd.loop.run_until_idle()
        lines = transport.written.split(b"\r\n")
        (cookie,) = [line for line in lines if line.startswith(b"Set-Cookie: ")]
        value = cookie.removeprefix(b"Set-Cookie: ").partition(b";")[0]
        requests.append(HEAD % (b"/chat/pull", b"Cookie: %b\r\n" % value))
    return crowd.stages(requests, hear)


def alone(function: Callable[[], object], times: int = 2000) -> float:
    """Seconds a call, at best."""
    best = float("inf")
    for _ in range(20):
        begun = perf_counter()
        for _ in range(times):
            function()
        best = min(best, (perf_counter() - begun) / times)
    return best


def parts() -> dict[str, float]:
    """Single steps, each by itself."""
    limits, peer = Limits(), Peer("127.0.0.1", "50000", "http")
    request_bytes, shared = HEAD % (b"/pull", b""), template(("localhost", "5001"), "bench")
    parser = RequestParser(limits)

    def parse() -> Any:
        parser.last = None
        parser.feed(request_bytes)
        return parser.received.pop()

    request = parse()
    made = prototype(shared, peer, request)

    def environ() -> None:
        copy, gate = made.copy(), Gate()
        copy["wsgi.input"] = request.body.open()
        install(copy, gate, request.body)

    def respond() -> None:
        response = Response(request, b"Date: x\r\nServer: cogen\r\n", True, [0] * 6)
        response.start("200 OK", HEADERS)
        response.send(b"hello")
        response.finish()

    return {
        "parse a request that is new": alone(parse),
        "environ and gate of one that is known": alone(environ),
        "head and body of the answer": alone(respond),
        **system_calls(),
    }


def system_calls() -> dict[str, float]:
    """What the kernel takes to hand over a request, and to send an answer on loopback."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        here = stack.enter_context(socket.create_connection(listener.getsockname()))
        there = stack.enter_context(listener.accept()[0])
        here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent, received = float("inf"), float("inf")
        for _ in range(200):
            begun = perf_counter()
            for _ in range(100):
                here.send(b"a" * 150)
            between = perf_counter()
            for _ in range(100):
                there.recv(150)
            sent = min(sent, (between - begun) / 100)
            received = min(received, (perf_counter() - between) / 100)
    return {"recv, the system call": received, "send, the system call": sent}


def main() -> None:
    gc.disable()  # as good as: the server freezes what it has, and seldom looks
    of_engine, of_chat, single = engine(), chat(), parts()
    table = [["a delivery, microseconds", "cogen", "ChatApp"]]
    for stage in of_engine:
        table.append([stage, f"{of_engine[stage] * 1e6:.2f}", f"{of_chat[stage] * 1e6:.2f}"])
    table.append(["all", *(f"{sum(each.values()) * 1e6:.2f}" for each in (of_engine, of_chat))])
    print(aligned(table))
    print()
    rows = [[name, f"{seconds * 1e6:.2f}"] for name, seconds in single.items()]
    print(aligned([["a step by itself, microseconds", ""], *rows]))


if __name__ == "__main__":
    main()

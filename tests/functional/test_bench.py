"""What `make bench` measures with, on real servers; no speed is asserted."""

from __future__ import annotations

import contextlib
import sys

import pytest

from bench.askers import ask_for
from bench.crowd import Crowd
from bench.gathering import gathered
from bench.peers import PLAIN
from bench.plan import Sizes
from bench.processes import Process, free_port
from bench.pusher import Pusher
from bench.readers import Reader
from bench.rows import (
    batches,
    calls,
    clicks,
    clients,
    latency,
    longpoll,
    memory,
    polled_calls,
    pushes,
    start,
)
from bench.stream import LENGTH, Failure
from bench.subjects import SUBJECTS
from bench.table import ROWS
from bench.wire import get, post
from cogen.core.pubsub import PublishSubscribeQueue
from tests.functional.servers import serving

SMALL = Sizes(
    warm_up=0, seconds=0.05, waiting=4, pushers=3, listening=4, rate=500, pushes=3, parked=8,
    connections=2, crowds=(2, 3, 4), speakers=3, calling=3, width=5, clicks=3,
)  # fmt: skip
CALLS = {column.key for column in ROWS["calls"].columns}
CLICKS = {column.key for column in ROWS["clicks"].columns}


def faulty(fault):
    """A server whose answers are what ``fault`` makes of the message and the one before."""
    log, last = PublishSubscribeQueue(maxlen=100), [b""]

    def application(environ, start_response):
        if environ["PATH_INFO"] == "/push":
            last.append(log.publish(environ["wsgi.input"].read()) and log.since(log.end - 1)[0])
            body = b"ok"
        else:
            yield environ["cogen.call"](log.fetch)(log.subscribe(), timeout=10)
            body = fault(environ["cogen.wsgi"].take()[0], last[-2])
        start_response("200 OK", [("Content-Length", str(len(body)))])
        yield body

    return application


@contextlib.contextmanager
def crowd_before(application):
    """Three readers and a pusher."""
    with serving(application) as server:
        crowd = Crowd()
        pusher = Pusher(server.port, crowd.stream, slice(None))
        pusher.head = post("/push", LENGTH)
        crowd.add_pusher(pusher)
        for number in range(3):
            crowd.add_reader(Reader(server.port, crowd.stream, number, get("/pull")))

        def say():
            server.until(lambda: server.parked() == 3)
            crowd.say()

        with contextlib.closing(crowd):
            yield crowd, say


def test_a_server_without_fault_passes():
    with crowd_before(faulty(lambda message, before: message)) as (crowd, say):
        for _ in range(3):
            say()
        crowd.rest(0.01)
        assert crowd.stream.pushed == 3
        assert [reader.at for reader in crowd.readers] == 3 * [3 * LENGTH]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda message, before: message + message, "twice"),
        (lambda message, before: before or message, "twice"),
        (lambda message, before: message + before, "twice|before"),
        (lambda message, before: b"" if before else message, "no messages"),
        (lambda message, before: message[:-1], "no messages"),
    ],
    ids=["doubled", "the one before again", "the one before behind it", "lost", "cut"],
)
def test_a_server_with_a_fault_is_noticed(fault, said):
    with (
        crowd_before(faulty(fault)) as (_, say),
        pytest.raises(Failure, match=f"reader [012]: .*({said})"),
    ):
        for _ in range(2):
            say()


def test_a_message_that_never_comes_is_missed():
    def application(environ, start_response):
        if environ["PATH_INFO"] == "/pull":
            yield environ["cogen.core"].events.Sleep(60)
        start_response("200 OK", [("Content-Length", "0")])
        yield b""

    with crowd_before(application) as (crowd, _):
        crowd.pushers[0].push()
        with pytest.raises(Failure, match="message 0 has not reached 3 of 3 readers"):
            crowd.finish(patience=0.05)


@pytest.mark.parametrize("name", ["cogen", "cogen4", "chatapp"])
def test_our_servers_do_the_work(name, tmp_path):
    subject = SUBJECTS[name]
    with (
        subject.running(tmp_path) as process,
        gathered(subject, process, readers=5) as crowd,
    ):
        for _ in range(4):
            crowd.say()
            crowd.arrived()
            process.doze()
        crowd.rest()
        assert [reader.at for reader in crowd.readers] == 5 * [4 * LENGTH]
        assert process.memory() > 0
        assert process.cpu() > 0


@pytest.mark.parametrize(
    ("row", "name", "keys"),
    [
        (longpoll, "cogen", {"wall", "cpu", "busy", "load", "waited"}),
        (batches, "cogen", {"wall", "cpu", "busy", "load", "waited", "batch"}),
        (batches, "chatapp", {"wall", "cpu", "busy", "load", "waited", "batch"}),
        (pushes, "chatapp", {"wall", "cpu", "busy", "load", "waited"}),
        (pushes, "chatapp-power", {"wall", "cpu", "busy", "load", "waited"}),
        (latency, "chatapp", {"p50", "p99", "waited"}),
        (memory, "chatapp", {"bytes"}),
        (clients, "cogen", {"cpu0", "cpu1", "cpu2", "wall0", "wall1", "wall2", "growth"}),
        (start, "chatapp", {"seconds"}),
        (calls, "chatapp", CALLS),
        (calls, "websockets", CALLS),
        (polled_calls, "chatapp", CALLS),
        (clicks, "page-websocket", CLICKS),
        (clicks, "page-events", CLICKS),
        (clicks, "page-longpoll", CLICKS),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_every_row_can_be_measured(row, name, keys, tmp_path):
    figures = row.measure(SUBJECTS[name], SMALL, tmp_path)
    assert set(figures) == keys
    assert all(value >= 0 for value in figures.values())


def test_without_wrk_we_ask_ourselves(tmp_path):
    with SUBJECTS["cogen"].running(tmp_path) as process:
        assert ask_for(process.port, get("/plain"), PLAIN, connections=3, seconds=0.05) >= 3
        with pytest.raises(Failure, match="another answer"):
            ask_for(process.port, get("/plain"), b"x", connections=3, seconds=5)


def test_who_closes_after_each_answer_is_asked_again():
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "1"), ("Connection", "close")])
        return [b"x"]

    with serving(application) as server:
        assert ask_for(server.port, get("/"), b"x", connections=2, seconds=0.1) > 2


def test_a_server_that_does_not_start_says_why(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit('the port is taken')"]
    with (
        Process(command, free_port(), tmp_path / "log") as process,
        pytest.raises(Failure, match="did not start: the port is taken"),
    ):
        process.listen()

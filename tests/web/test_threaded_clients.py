"""Threaded: clients that are slow, go away or stand in the line; and the server's end."""

import threading
import time

from cogen.core.threads import WorkersStatistics
from cogen.web.passage import ClientGone
from tests.web.harness import GET, dechunk, split
from tests.web.threads import Steps, ThreadedServed


def test_who_makes_more_than_the_client_reads_waits():
    made = []

    def application(environ, start_response):
        start_response("200 OK", [])
        for _ in range(200):
            made.append(1)
            yield b"x" * 10_000

    served = ThreadedServed(application)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    served.until(lambda: client.connection.exchange.blocked)
    before = -1
    while len(made) != before:  # until it makes no more
        before = len(made)
        time.sleep(0.05)
        served.settle()
    assert len(client.transport.unwritten) + len(made) * 10_000 < 500_000
    assert len(made) < 50
    total = 0
    while client.connection.exchange is not None:
        client.transport.read(50_000)
        served.settle()
        total += len(client.take())
    client.transport.read(10_000_000)
    assert len(made) == 200
    assert total + len(client.take()) > 2_000_000


def test_the_client_goes_while_the_application_works():
    steps = Steps(b"one", b"two", b"three")
    served = ThreadedServed(steps)
    client = served.client().send(GET)
    steps.go.release()
    served.until(lambda: b"one" in client.transport.arrived)
    client.reset()
    assert "closed" not in steps.log
    steps.go.release(2)
    served.rest()
    assert steps.log == ["called /", "gives b'one'", "gives b'two'", "closed"]
    assert len(steps.threads) == 1


def test_the_client_goes_while_the_thread_waits_for_it():
    log = []

    def application(environ, start_response):
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 10_000
        finally:
            log.append(threading.get_ident())

    served = ThreadedServed(application)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    served.until(lambda: client.connection.exchange.blocked)
    client.reset()
    served.rest()
    assert len(log) == 1
    assert log[0] != threading.get_ident()


def test_write_says_that_the_client_has_gone(caplog):
    seen, going = [], threading.Event()

    def application(environ, start_response):
        write = start_response("200 OK", [])
        write(b"a")
        assert going.wait(10)
        try:
            write(b"b")
        except ConnectionAbortedError as error:
            seen.append(type(error))
            raise

    served = ThreadedServed(application)
    client = served.client().send(GET)
    served.until(lambda: client.transport.arrived.endswith(b"a\r\n"))
    client.reset()
    going.set()
    served.rest()
    assert seen == [ClientGone]
    assert caplog.text == ""


def test_what_fails_after_the_client_has_gone_is_told(caplog):
    caplog.set_level("INFO", "cogen.web.threaded")
    steps = Steps(b"a", ValueError("too late"))
    served = ThreadedServed(steps)
    client = served.client().send(GET)
    steps.go.release()
    served.until(lambda: b"a" in client.transport.arrived)
    client.reset()
    steps.go.release()
    served.rest()
    assert steps.log[-1] == "closed"
    assert "ValueError: too late" in caplog.text


def test_more_requests_than_threads_wait_in_order():
    steps = Steps(b"done")
    served = ThreadedServed(steps, threads=1)
    clients = []
    for number in range(4):
        clients.append(served.client().send(GET.replace(b"/ ", b"/%d " % number)))
        served.until(lambda: "called /0" in steps.log)
    assert served.threaded.statistics() == WorkersStatistics(1, 0, 3)
    clients[1].reset()
    assert served.threaded.statistics() == WorkersStatistics(1, 0, 2)
    steps.go.release(3)
    served.rest()
    assert [entry for entry in steps.log if entry.startswith("called")] == [
        "called /0",
        "called /2",
        "called /3",
    ]
    for client in (clients[0], clients[2], clients[3]):
        assert dechunk(split(client.take())[2]) == b"done"


def test_a_stop_lets_it_finish():
    steps = Steps(b"one", b"two")
    served = ThreadedServed(steps, threads=1)
    clients = [served.client().send(GET) for _ in range(2)]  # one at work, one in the line
    steps.go.release()
    served.until(lambda: b"one" in clients[0].transport.arrived)
    for _ in range(3):
        served.shut()
    steps.go.release(3)
    served.until(lambda: all(client.closed for client in clients))
    for client in clients:
        assert dechunk(split(client.take())[2]) == b"onetwo"

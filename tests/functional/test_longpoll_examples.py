"""The examples of a long-poll, each as its own process: no thread waits, no one is forgotten."""

import contextlib
import http.client
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.functional.chat_server import free_port
from tests.functional.wire import Wire

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("longpoll_*.py"))

# The example, on a port of its own; in front of it, what says how many threads there are.
RUN = """
import sys, threading
from cogen.web.server import Server
from cogen.web.settings import ServerSettings

path, port = sys.argv[1:]
sys.path.insert(0, path.rpartition("/")[0])
example = __import__(path.rpartition("/")[2].removesuffix(".py"))

def application(environ, start_response):
    if environ["PATH_INFO"] != "/counts":
        return example.application(environ, start_response)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{threading.active_count()} {example.room.statistics().waiting}".encode()]

Server(application, ServerSettings(port=int(port))).run()
"""


class Example:
    """One that runs."""

    def __init__(self, path):
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(path), str(self.port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as sock:
                reached = sock.connect_ex(("127.0.0.1", self.port)) == 0
                if reached and sock.getsockname() != sock.getpeername():
                    return
            time.sleep(0.02)
        self.process.kill()
        raise AssertionError(f"it did not start:\n{self.process.communicate()}")

    def counts(self):
        """How many threads there are, and how many polls wait."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", "/counts")
            threads, waiting = connection.getresponse().read().split()
        return int(threads), int(waiting)

    def until_waiting(self, count):
        deadline = time.monotonic() + 10
        while (counts := self.counts())[1] != count:
            assert time.monotonic() < deadline, counts
            time.sleep(0.01)

    async def parked(self, count):
        """So many polls, which wait."""
        polls = [Wire(self.port) for _ in range(count)]
        for poll in polls:
            await poll.send("GET", "/poll")
        self.until_waiting(count)
        return polls


@pytest.fixture(params=EXAMPLES, ids=[path.stem for path in EXAMPLES])
def example(request):
    example = Example(request.param)
    yield example
    example.process.kill()
    example.process.communicate()


def test_there_are_four_and_they_are_short():
    assert [path.stem for path in EXAMPLES] == [
        "longpoll_django",
        "longpoll_flask",
        "longpoll_pyramid",
        "longpoll_wsgi",
    ]
    for path in EXAMPLES:
        assert len(path.read_text().splitlines()) < 40, path


@pytest.mark.asyncio
async def test_fifty_wait_without_a_thread_and_all_are_answered(example):
    before, _ = example.counts()
    polls = await example.parked(50)
    assert example.counts() == (before, 50)
    assert before == 1
    for number, poll in enumerate(polls[:10]):
        poll.close(abort=bool(number % 2))
    example.until_waiting(40)
    pusher = Wire(example.port)
    answer = await pusher.ask("POST", "/push", b"news")
    assert (answer.status, answer.body) == (200, b"1\r\n")
    for poll in polls[10:]:
        answer = await poll.answer()
        assert (answer.status, answer.body) == (200, b"news")
    assert example.counts() == (1, 0)
    for wire in (*polls, pusher):
        wire.close()


@pytest.mark.asyncio
async def test_a_stop_answers_them(example):
    polls = await example.parked(50)
    example.process.terminate()
    for poll in polls:
        assert (await poll.answer()).status == 204
    _, errors = example.process.communicate(timeout=20)
    assert (example.process.returncode, errors) == (0, b"")
    for poll in polls:
        poll.close()

"""1,000 calls each way while everything between goes wrong: each has one result, in order.

Requests are lost before, within and after the server takes them, and come twice; answers are lost;
polls and sockets take turns, and are cut while something is on its way.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from chatapp.live import RemoteError, expose
from chatapp.live.delivery import Delivery
from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from tests.chatapp.live.page_client import PageClient
from tests.chatapp.live.stage import PREFIX, Socket, Stage, StandIn

CALLS = 1000
STEPS = 20_000  # in which it must be over


class Partner(StandIn):
    """The server's side.

    Attributes:
        called: with which numbers, in order.
        results: of its own calls.
    """

    timeout = 100_000.0

    def __init__(self) -> None:
        self.called: list[int] = []
        self.results: dict[int, list[Any]] = {number: [] for number in range(CALLS)}

    def connectionMade(self) -> Any:
        dice = random.Random(1)
        for number in range(CALLS):
            self.begin(self.asks(number, self.callRemote("echo", number)))
            if dice.random() < 0.3:
                yield Sleep(dice.random() / 2)

    def asks(self, number: int, call: Any) -> Any:
        try:
            self.results[number].append((yield call))
        except RemoteError as error:
            self.results[number].append(error.message)

    @expose
    def echo(self, number: int) -> Any:
        self.called.append(number)
        return self.later(number) if number % 3 else number

    @coro
    def later(self, number: int) -> Any:
        yield Sleep(number % 7 / 10)
        return number


class Trial:
    """One run.

    Args:
        seed: of all that happens.
    """

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.elements: list[Partner] = []
        self.stage = Stage(self.made)
        self.curl = self.stage.curl()
        self.performed: list[int] = []
        self.page = PageClient(self.perform)
        self.page.opened(self.curl.post(f"{PREFIX}/open", {}).body)
        self.made_calls = 0
        self.parked: Any = None
        self.socket: Socket | None = None
        self.old: list[tuple[str, bytes]] = []  # requests that may come once more

    def made(self) -> Partner:
        self.elements.append(Partner())
        return self.elements[-1]

    def perform(self, element: int, method: str, arguments: list[Any]) -> Any:
        assert (element, method) == (0, "echo")
        (number,) = arguments
        self.performed.append(number)
        if number % 11 == 0:
            raise ValueError(f"{number}")
        return number

    def run(self) -> None:
        partner = self.elements[-1]
        for _ in range(STEPS):
            self.step()
            if self.over(partner):
                break
        answers = self.page.outcomes
        assert partner.called == [*range(CALLS)]
        assert answers == {number + 1: [["result", number]] for number in range(CALLS)}
        assert self.performed == [*range(CALLS)]
        for number, results in partner.results.items():
            assert results == [number if number % 11 else f"{number}"]
        self.curl.post(f"{PREFIX}/close", {"channel": self.page.channel})
        self.stage.advance(1)
        assert self.stage.left() == (0, 0, 0)

    def over(self, partner: Partner) -> bool:
        page = self.page
        still = self.made_calls < CALLS or page.open or page.waiting
        return not still and all(partner.results.values())

    def step(self) -> None:
        dice = self.dice
        if self.made_calls < CALLS and dice.random() < 0.2:
            for _ in range(min(dice.randrange(1, 6), CALLS - self.made_calls)):
                self.page.call("echo", self.made_calls)
                self.made_calls += 1
        dice.choice((self.send, self.poll, self.read_poll, self.use_socket, self.use_socket))()
        if dice.random() < 0.05 and self.old:
            self.ask(*dice.choice(self.old)).reset()  # a copy that was long on its way
        self.stage.advance(dice.random() / 10)

    def ask(self, door: str, body: bytes, settle: bool = True) -> Any:
        path = f"{PREFIX}/{door}"
        return self.curl.ask("POST", path, body, settle=settle, Content_Type="application/json")

    def send(self) -> None:
        body = self.page.packet()
        fate = self.dice.random()
        if fate < 0.1:  # lost on its way
            return
        line = self.ask("send", body, settle=fate > 0.2)
        self.old = [*self.old[-20:], ("send", body)]
        if fate < 0.35:  # cut while it is worked on, or its answer is lost
            line.reset()
            return
        self.hear(line)

    def hear(self, line: Any) -> None:
        response = self.curl.take(line)
        assert response.status == 200, response.text
        self.page.hear(response.body)

    def poll(self) -> None:
        if self.parked is not None or (self.socket is not None and self.dice.random() < 0.9):
            return
        body = self.page.poll(self.dice.choice((0, 0.2, 5)))
        self.old = [*self.old[-20:], ("poll", body)]
        self.parked = self.ask("poll", body, settle=self.dice.random() < 0.7)

    def read_poll(self) -> None:
        line = self.parked
        if line is None:
            return
        if self.dice.random() < 0.15:
            self.parked = None
            line.reset()
        elif line.answered:
            self.parked = None
            self.hear(line)

    def use_socket(self) -> None:
        dice, socket = self.dice, self.socket
        if socket is None:
            if dice.random() < 0.1:
                cookie = {"Cookie": str(self.curl.cookie)}
                self.socket = Socket(self.stage, f"{PREFIX}/socket", ["athena.v1"], **cookie)
                assert self.socket.status == 101
                if dice.random() < 0.5:  # its client reads slowly
                    transport = self.socket.transport
                    transport.client_reads, transport.high_water = False, 1000
                self.socket.say(self.page.hello(), settle=dice.random() < 0.5)
            return
        if dice.random() < 0.05:  # what is on its way, in either direction, is lost
            self.lose()
            return
        if socket.code is not None:
            assert socket.code in (1013, 4409)
            self.lose()
            return
        socket.transport.read(700)
        if dice.random() < 0.6:
            for packet in socket.heard():
                self.page.hear(packet)
        frame = self.page.frame()
        if frame is not None and socket.code is None:
            socket.say(frame, settle=dice.random() < 0.5)

    def lose(self) -> None:
        if self.socket is not None:
            self.socket.reset()
            self.socket = None


@pytest.mark.parametrize("seed", range(4))
def test_each_call_has_one_result_in_order_whatever_goes_wrong(seed):
    Trial(seed).run()


def every_one(self, first, messages):
    for number, message in enumerate(messages, first):
        self.received = max(self.received, number)
        yield message


def with_holes(self, first, messages):
    for number, message in enumerate(messages, first):
        if number > self.received and number % 50:
            self.received = number
            yield message


def from_the_end(self, ack):
    self.acknowledge(ack)
    return self.log.subscribe()


@pytest.mark.parametrize(
    "cls, name, wrong",
    [
        (Delivery, "accept", every_one),
        (Delivery, "accept", with_holes),
        (Delivery, "subscribe", from_the_end),
    ],
)
def test_this_test_would_see_it(monkeypatch, cls, name, wrong):
    monkeypatch.setattr(cls, name, wrong)
    with pytest.raises(AssertionError):
        Trial(0).run()

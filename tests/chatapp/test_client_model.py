"""Whoever keeps pulling gets every message once and in order, or is told how many it missed.

Log, cursor, client and acknowledgement against a simple model (a list of what was accepted): random
pushes, pulls that wait, lost connections at every point, timeouts, bursts that overflow the queue,
the window and what is kept at all, a store that lets everybody wait or fails, cursors, and readers
that are away for too long.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.chatapp.harness import Curl, Line, Response, Site

WINDOW, KEPT = 6, 12


class Reader:
    """What one reader has, and how it asks.

    Attributes:
        has: number of the last message that reached it, or that it was told it had missed.
        cursor: the last one it was given, if it goes by cursors.
    """

    def __init__(self, site: Site, by_cursor: bool, tab: str) -> None:
        self.curl: Curl = site.curl()
        self.site = site
        self.by_cursor = by_cursor
        self.tab = tab
        self.line: Line | None = None
        self.superseded: list[Line] = []
        self.has = 0
        self.cursor = ""

    def ask(self, settle: bool = True) -> None:
        query = f"timeout=5&tab={self.tab}"
        if self.by_cursor and self.cursor:
            query += f"&since={self.cursor}"
        target = f"/chat/pull?{query}"
        self.line = self.curl.ask("GET", target, settle=settle, Accept="application/json")

    def read(self, response: Response) -> None:
        if response.status == 503:  # what it has missed could not be read
            assert self.site.store.failed
            return
        assert response.status == 200
        answer = response.json
        assert not answer["gap"]["restarted"]
        expected = self.has + answer["gap"]["missed"]
        for message in answer["messages"]:
            expected += 1
            assert message["seq"] == expected
            assert message["text"] == self.site.store.ever[1][expected].text
        self.has = expected
        self.cursor = answer["cursor"]
        assert self.cursor == f"{self.site.room.epoch}.{self.has}"
        if answer["gap"]["missed"]:
            # What it is told it missed, the store had really lost.
            assert self.has - len(answer["messages"]) <= self.site.room.log.end - KEPT


class Machine(RuleBasedStateMachine):
    @initialize(by_cursor=st.lists(st.booleans(), min_size=1, max_size=3), slices=st.booleans())
    def begin(self, by_cursor: list[bool], slices: bool) -> None:
        # Who goes by the cookie alone is forgotten with it when it is away for too long.
        self.idle = 60.0 if all(by_cursor) else 1_000_000.0
        slice_size = 1 if slices else 128
        self.site = Site(
            None, slice_size, KEPT, window=WINDOW, queue_size=3, idle=self.idle, linger=self.idle
        )
        self.speaker = self.site.curl()
        self.pushes: list[tuple[Line, str]] = []
        self.readers = [Reader(self.site, each, f"t{n}") for n, each in enumerate(by_cursor)]
        for reader in self.readers:
            reader.ask()
            assert reader.line is not None
            reader.read(reader.curl.take(reader.line))
            reader.line = None

    def reader(self, number: int) -> Reader:
        return self.readers[number % len(self.readers)]

    numbers = st.integers(0, 2)

    @rule(count=st.integers(1, 12), at_once=st.booleans())
    def say(self, count: int, at_once: bool) -> None:
        for _ in range(count):
            text = f"text {len(self.pushes)}"
            line = self.speaker.ask("POST", "/chat/push", text.encode(), settle=not at_once)
            self.pushes.append((line, text))

    @rule()
    def hold_the_store(self) -> None:
        """From now on who reads what is old, or says something, has to wait."""
        if self.site.store.holding is None:
            self.site.store.hold()

    @rule()
    def let_the_store_go(self) -> None:
        self.site.store.let_go()

    @rule(broken=st.sampled_from(["", "", "The disk is full."]))
    def break_the_store(self, broken: str) -> None:
        self.site.store.broken = broken
        self.site.store.failed = self.site.store.failed or bool(broken)

    @rule(turns=st.integers(1, 5))
    def turn(self, turns: int) -> None:
        for _ in range(turns):
            self.site.loop.turn()

    @rule()
    def settle(self) -> None:
        self.site.loop.run_until_idle()

    @rule(number=numbers, settle=st.booleans())
    def pull(self, number: int, settle: bool) -> None:
        """Also while another pull waits; that one will get nothing.

        Without a cursor not while an answer lies there unread: to ask again says that it is read.
        """
        reader = self.reader(number)
        old = reader.line
        if old is not None and old.answered and not reader.by_cursor:
            old.reset()
            old = None
        reader.ask(settle)
        new = reader.line
        while not (new.answered or new.connection.exchange):
            self.site.loop.turn()
        if old is None:
            return
        if not old.answered:
            reader.superseded.append(old)
        elif not reader.by_cursor and not old.transport.unwritten:
            # It had been woken before the newer one began, and was answered first.
            (response,) = old.answers()
            reader.read(response)
            reader.curl.keep(response)

    @rule(number=numbers)
    def give_up_and_pull(self, number: int) -> None:
        reader = self.reader(number)
        if reader.line is not None:
            reader.line.reset()
        reader.ask()

    @rule(number=numbers)
    def read_answer(self, number: int) -> None:
        reader = self.reader(number)
        if reader.line is None:
            return
        answers = reader.line.answers()
        if answers:
            (response,) = answers
            reader.read(response)
            reader.curl.keep(response)
            reader.line.end()
            reader.line = None

    @rule(number=numbers)
    def drop(self, number: int) -> None:
        """While waiting, between wake and resume, or with the answer unread."""
        reader = self.reader(number)
        if reader.line is not None:
            reader.line.reset()
            reader.line = None

    @rule(number=numbers)
    def stick(self, number: int) -> None:
        """From now on its connection takes nothing: an answer would be lost on the way."""
        reader = self.reader(number)
        if reader.line is not None and not reader.line.answered:
            reader.line.transport.client_reads = False

    @rule(number=numbers, drop=st.booleans())
    def end_superseded(self, number: int, drop: bool) -> None:
        reader = self.reader(number)
        for line in reader.superseded[:]:
            if drop:
                line.reset()
            line.transport.read(1 << 20)
            for answer in line.answers():
                drop = True
                if answer.status == 503:
                    assert self.site.store.failed
                    continue
                assert answer.json["messages"] == []
                assert answer.json["gap"]["missed"] == 0
                assert int(answer.json["cursor"].partition(".")[2]) <= reader.has
            if drop:
                reader.superseded.remove(line)

    @rule(seconds=st.sampled_from([0.0, 1.0, 6.0]))
    def wait(self, seconds: float) -> None:
        self.site.advance(seconds)

    @precondition(lambda self: all(reader.by_cursor for reader in self.readers))
    @rule()
    def be_away(self) -> None:
        """Who goes by cursors finds its place again even when the server has forgotten it."""
        self.site.store.let_go()
        self.site.settle()
        for reader in self.readers:
            if reader.line is not None:
                reader.line.reset()
                reader.line = None
        self.site.advance(80)
        assert len(self.site.roster) == 0

    @invariant()
    def nothing_is_left_over(self) -> None:
        assert len(self.site.roster) <= len(self.readers)
        assert self.site.room.log.statistics().subscribers <= len(self.readers) * 2

    def teardown(self) -> None:
        if not hasattr(self, "site"):
            return
        self.site.store.broken = ""
        self.site.store.let_go()
        self.site.settle()
        said = {}
        for line, text in self.pushes:
            (answer,) = line.answers()
            assert answer.status in (200, 503)
            if answer.status == 200:
                said[int(answer.body[3:])] = text
        # What was acknowledged, once, and nothing else.
        assert said == {seq: each.text for seq, each in self.site.store.ever[1].items()}
        for number, reader in enumerate(self.readers):
            if reader.line is not None:
                reader.line.reset()
            self.site.advance(6)  # those that were superseded are answered
            self.end_superseded(number, drop=False)
            assert reader.superseded == []
            for _ in range(3):
                reader.ask()
                self.site.advance(6)
                assert reader.line is not None
                reader.read(reader.curl.take(reader.line))
            assert reader.has == self.site.room.log.end
        self.site.advance(self.idle * 1.2)
        assert len(self.site.roster) == 0
        assert self.site.scheduler.statistics().coroutines == 0
        assert self.site.room.log.statistics().subscribers == 0


TestClient = Machine.TestCase
TestClient.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)

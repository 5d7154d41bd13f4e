"""A talk in which everything waits that can: the scenario of the fault test, and its end.

Readers of every transport, some of whom fall behind their queue or the log, speakers with and
without nonces, rooms that come and go, names; a store that is slow; two servers, when the first is
stopped. Whatever happened, `end` expects that

    what was acknowledged is kept, once, under its number; what has a nonce is kept once
    what one has said is kept in the order in which it was said
    every reader has every message once and in order, or was told exactly what the store has lost
    the server goes on, and when all have gone, nothing is left of them
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

from tests.chatapp.harness import Site
from tests.chatapp.memory import MemoryStore
from tests.chatapp.readers import (
    ByCursor,
    Events,
    Messages,
    Poll,
    Reader,
    Script,
    Shell,
    Stream,
)
from tests.chatapp.sockets import JsonSocket, JsonSpeaker, TextSocket, TextSpeaker
from tests.chatapp.speakers import Administrator, Speaker, Stubborn
from tests.chatapp.terminals import TerminalReader, TerminalSpeaker
from tests.chatapp.waits import Moment, Waits
from tests.web.harness import Served

TOKEN = "0123456789abcdef"
IDLE, LINGER, WAIT = 6.0, 4.0, 3.0
WINDOW, QUEUE = 6, 3
CROWD = 500  # rounds in one moment, after which something runs in circles


class Talk:
    """One run.

    Args:
        tell: see `Waits`.
        keep: messages of each room that the store keeps; None for all.
        slice_size: see `Site`.
        seed: of the order in which all have their turns; 0 for always the same.
    """

    def __init__(
        self,
        tell: Callable[[Site, Moment], None],
        keep: int | None = None,
        slice_size: int = 1,
        seed: int = 0,
    ) -> None:
        self._slice_size = slice_size
        self._chance = Random(seed) if seed else None
        self.store = MemoryStore(keep)
        self.store.create("two").do()
        self.waits = Waits(lambda moment: tell(self.site, moment))
        self.site = self._serve()
        site = self.site
        self.cookie = Reader(site, name="bob")
        self.tab = Reader(site, curl=self.cookie.curl, tab="two")
        self.cursor = ByCursor(site, name="ann")
        self.slow = ByCursor(site, tab="slow")
        self.parting = Reader(site, name="eve")
        self.stream = Stream(site)
        self.messages = Messages(site)
        self.poll = Poll(site)
        self.other = Reader(site, room=2, curl=self.cursor.curl)
        self.socket = JsonSocket(site)
        self.lines = TextSocket(site, room=2, curl=self.cursor.curl)
        self.wanderer = TerminalReader(site, "192.0.2.2", room=2, name="walt", slow=True)
        self.visitor = TerminalReader(site, "192.0.2.3", room=3)
        self.guests: list[Reader] = [Reader(site, room=3), JsonSocket(site, room=3)]
        self.readers: list[Reader] = [
            self.cookie,
            self.cursor,
            self.slow,
            self.parting,
            Shell(site),
            self.stream,
            self.messages,
            Events(site),
            self.poll,
            Script(site),
            self.socket,
            JsonSocket(site, slow=True),
            TextSocket(site, slow=True),
        ]
        self.admin = Administrator(site, TOKEN)
        self.plain = Speaker(site)
        self.named = Speaker(site, self.cookie.curl)
        self.stubborn = Stubborn(site)
        self.stubborn.curl.pull()  # nonces are a session's: it is to have one
        self.typing = TextSpeaker(site)
        self.sure = JsonSpeaker(site)
        self.at_keys = TerminalSpeaker(site, "192.0.2.5")
        self.crowd = [Speaker(site) for _ in range(2 * QUEUE)]
        self.speakers = [
            self.admin,
            self.plain,
            self.named,
            self.stubborn,
            self.typing,
            self.sure,
            self.at_keys,
            *self.crowd,
        ]

    def run(self) -> None:
        """From beginning to end."""
        for _ in self.course():
            self.settle()
        self.end()

    def course(self) -> Iterator[None]:
        """What happens; after each step everything goes on as far as it can."""
        yield
        self.cookie.name = ""  # its session has it now
        self._comes(self.tab, self.lines, self.other, self.wanderer)
        self.plain.say("one")
        self.stubborn.say("two")
        self.plain.say("in the other room", room=2)
        self.typing.say("typed")
        self.sure.say("surely")
        self.at_keys.say("by hand")
        yield
        self.cookie.supersede()
        yield
        self.named.say("/nick rob")
        self.named.say("three")
        self.admin.do("POST", "/api/rooms", {"name": "three"})
        yield
        self._comes(*self.guests, self.visitor)
        self.at_keys.say("in the other room by hand", room=2)
        self.wanderer.go(1)
        self.admin.do("PATCH", "/api/rooms/3", {"name": "drei"})
        self.plain.say("for the guests", room=3)
        self.stubborn.repeat()
        self.sure.repeat()
        yield
        yield from self._burst()
        self.admin.do("DELETE", "/api/rooms/3")
        self.admin.do("POST", "/api/wall", {"text": "all"})
        self.parting.quit()
        yield
        self.pass_time(LINGER + 4)

    def _comes(self, *readers: Reader) -> None:
        for reader in readers:
            reader.began_anew(self.site)
            self.readers.append(reader)

    def _burst(self) -> Iterator[None]:
        """Some fall behind their queues, some behind the log."""
        behind = [self.slow, self.messages, self.poll, self.stream, self.socket]
        for reader in behind:
            reader.quit()
        for number in range(WINDOW + 4):
            for speaker in (self.plain, self.stubborn):
                speaker.say(f"{speaker.__class__.__name__} {number}")
        for number, speaker in enumerate(self.crowd):
            speaker.say(f"at once {number}")
        for number in range(3):
            for speaker in (self.typing, self.sure, self.at_keys):
                speaker.say(f"{speaker.__class__.__name__} {number}")
        yield
        for reader in behind:
            reader.paused = False
        for number, speaker in enumerate([self.plain, *self.crowd]):
            speaker.say(f"while they read {number}")
        self.wanderer.go(2)
        yield

    def settle(self) -> None:
        """Let everybody go on until all wait; then the server is started anew if it was stopped."""
        for _ in range(CROWD):
            self.site.settle()
            if self.site.service.closing:
                self._start_anew()
            if not [each for each in self._everybody() if each.attend()]:
                self._check_that_who_waits_has_everything()
                return
        raise AssertionError("they go round in circles")

    def pass_time(self, seconds: float) -> None:
        """Time passes, with the server's looks at its deadlines, and everybody goes on."""
        for _ in range(int(seconds)):
            Served.advance(self.site, 1.0)
            self.settle()

    def end(self) -> None:
        """See above."""
        self.pass_time(LINGER * 2)  # until those have their names again who lost their sessions
        for room in self.site.rooms:
            self.stubborn.say(f"the last of {room.id}", room.id)
        self.pass_time(3 * WAIT)
        self._check_what_is_kept()
        for reader in self.readers:
            for room in self.site.rooms:
                if room.id in reader.rooms and reader is not self.parting:
                    assert reader.has.get(room.id) == room.log.end, f"{reader}: {room.log.end}"
        for each in (*self.readers, self.typing, self.sure, self.at_keys):
            each.quit()
        self.pass_time(IDLE * 1.5)
        self._check_that_nothing_is_left()

    def _everybody(self) -> list[Reader | Speaker]:
        everybody = [*self.speakers, *self.readers]
        if self._chance is not None:
            self._chance.shuffle(everybody)
        return everybody

    def _serve(self) -> Site:
        site = Site(
            slice_size=self._slice_size,
            store=self.store,
            window=WINDOW,
            queue_size=QUEUE,
            idle=IDLE,
            linger=LINGER,
            pull_timeout=WAIT,
            heartbeat=WAIT,
            admin_token=TOKEN,
        )
        self.store.later = site.loop.call_soon
        self.waits.follow(site)
        return site

    def _start_anew(self) -> None:
        """The server that was stopped ends, another begins."""
        site = self.site
        for _ in range(3):  # as the server does
            site.shut()
            site.advance(0.02)
        for connection in list(site.service.connections):
            connection.give_up()
        site.settle()
        for connection in list(site.service.connections):
            connection.abort()
        for each in self._everybody():
            while each.line is not None and each.attend():
                pass
        site.settle()
        assert not site.service.connections
        members = [member for room in site.rooms for member in site.roster.members(room)]
        assert not any(client.readers for member in members for client in member.clients)
        self.site = self._serve()
        yet_to_come = [self.tab, self.lines, self.other, *self.guests]
        for each in dict.fromkeys([*self.speakers, *self.readers, *yet_to_come]):
            each.began_anew(self.site)

    def _check_that_who_waits_has_everything(self) -> None:
        for reader in self.readers:
            if reader.line is not None and reader.line.transport.client_reads and reader.due:
                for room, has in reader.has.items():
                    found = self.site.rooms.get(room)
                    assert found is None or has == found.log.end, f"{reader} has to wait"

    def _check_what_is_kept(self) -> None:
        kept = {room: [each.text for each in log.values()] for room, log in self.store.ever.items()}
        assert {room.id: room.name for room in self.site.rooms} == self.store.names
        for speaker in self.speakers:
            assert speaker.done
            if speaker is self.admin:
                continue
            for room, texts in kept.items():
                mine = [text for number, text in dict.fromkeys(speaker.said) if number == room]
                count = Counter(texts)
                assert all(count[text] <= 1 for text in mine)
                assert [text for text in texts if text in mine] == [m for m in mine if count[m]]
            for number, text in speaker.said:
                seq = speaker.acknowledged.get(text)
                assert seq is None or self.store.ever[number][seq].text == text
                assert not isinstance(speaker, Stubborn) or seq is not None

    def _check_that_nothing_is_left(self) -> None:
        site = self.site
        statistics = site.scheduler.statistics()
        assert (statistics.coroutines, statistics.ready, statistics.timers) == (0, 0, 0)
        assert (len(site.roster), len(site.roster.people), site.roster.reaper) == (0, 0, None)
        for room in site.rooms:
            log = room.log.statistics()
            assert (log.subscribers, log.waiting) == (0, 0), room.name
            assert site.roster.members(room) == []
        assert not site.service.connections
        assert not site.clients

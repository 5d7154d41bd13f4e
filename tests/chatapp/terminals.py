"""Who reads and speaks at a terminal, in the fault test: `readers` and `speakers` of telnet.

A terminal has no cursor: whoever comes back begins anew. So what it hears is what was said between
its entering a room and its end there; where that begins, the first lines tell.
"""

from __future__ import annotations

import re
from typing import Any

from chatapp.gateways.telnet import TelnetGateway
from chatapp.gateways.terminal import Terminal
from chatapp.lib.text import line as text_line
from cogen.web.duplex import Duplex
from tests.chatapp.harness import Line, Site
from tests.chatapp.readers import AGAIN
from tests.chatapp.sockets import TRY_LATER, JsonSocket, TextSpeaker, Wire

MAIN = 1
GREETING = re.compile(r"-- You are .*, in main\. /help tells more --")
MOVED = re.compile(r"-- (?:The room is gone; y|Y)ou are in (.*) now --")
GAP = re.compile(r"-- (\d+) messages? missed, resume from (\d+) --")
NAMED = re.compile(r"-- You are .* now --|-- The name .* is in use; choose another one --")
NO_ROOM = "-- There is no such room --"
END_OF_PAST = "-- That is what was said in "
OUTAGE = "-- The disk is full --"
GOODBYES = {  # what the server says last, and whether one is to come back later
    "-- Goodbye --": False,
    "-- The server is going down --": False,
    "-- Nothing was typed for too long --": False,
    "-- Too many are here; try again later --": True,
}


class Door(TelnetGateway):
    """The gateway, and who sits at each of its connections."""

    def __init__(self, site: Site) -> None:
        super().__init__(
            site.rooms,
            site.roster,
            site.speech,
            port=4242,
            host="",
            idle=3600.0,
            per_address=20,
            heartbeat=15.0,
        )
        self._site = site
        self.terminals: dict[Duplex, Terminal] = {}

    def open(self, address: str) -> Plug:
        """A new connection from there."""
        return Plug(self._site, self, address)

    def terminal(self, connection: Duplex, address: str) -> Terminal:
        found = self.terminals[connection] = super().terminal(connection, address)
        return found


class Plug(Line):
    """One connection of telnet."""

    def __init__(self, site: Site, door: Door, address: str) -> None:
        super().__init__(site, door.connect(site.service), (address, 50000))
        self._terminals = door.terminals

    @property
    def parts(self) -> list[Any]:
        terminal = self._terminals.get(self.connection)
        return [self.connection, *([terminal] if terminal is not None else [])]


class Keyboard(Wire):
    """A terminal from the person's side; it is open when it has been greeted."""

    def __init__(self, line: Plug, slow: bool) -> None:
        super().__init__(line, slow)
        self._received = b""

    def read(self) -> list[str] | None:
        data = self.take()
        if not data:
            return None
        *lines, self._received = (self._received + data).split(b"\r\n")
        texts = [line.decode() for line in lines]
        for text in texts:
            assert not self.goodbye, f"{text} comes after the goodbye"
            self.open = self.open or GREETING.fullmatch(text) is not None
            if text in GOODBYES:
                self.leaving, self.goodbye = True, TRY_LATER if GOODBYES[text] else 1000
        return texts

    def say(self, text: str) -> None:
        if not self.over:
            self.line.send(text.encode() + b"\r\n", settle=False)

    def bye(self) -> None:
        if not self.leaving:
            self.leaving = True
            self.say("/quit")


class TerminalReader(JsonSocket):
    """Sits in a room, or goes from one to the other.

    Args:
        address: of IP; nobody else has it.
        name: that it takes, if that is free; so the rooms are told of its coming and going.
    """

    def __init__(self, site: Site, address: str, room: int = MAIN, **more: Any) -> None:
        super().__init__(site, room, **more)
        self._named = False
        self._address = address
        self._door = Door(site)
        self._here = 0  # where it is; 0 while it has not been greeted
        self._asked = 0  # where it has asked to go
        self._ends: dict[int, int] = {}  # of the rooms, before it entered the last
        self._starts: list[int] = []  # after which message it may have entered
        self._heard = 0  # lines since then
        self._outage_ends = 0.0

    def go(self, room: int) -> None:
        """Be there from now on."""
        self.room = room

    def began_anew(self, site: Site) -> None:
        super().began_anew(site)
        self._door = Door(site)

    def connect(self) -> Wire:
        self._here = self._asked = 0
        self._named = not self.name
        self._look()
        return Keyboard(self._door.open(self._address), self._slow)

    @property
    def due(self) -> bool:
        return self.site.loop.time() >= self._outage_ends

    def attend(self) -> bool:
        wire, did = self._socket, super().attend()
        if wire is None or self.line is None or wire.over or wire.leaving:
            return did
        if self._here and not self._named:
            self._named = True
            wire.say(f"/nick {self.name}")
            return True
        if self._here and self.room not in (self._here, self._asked):
            self._asked = self.room
            self._look()
            wire.say(f"/join {self.room}")
            return True
        if self._here and not did and self.due:  # it has heard all that there is
            start = self.site.rooms.find(str(self._here)).log.end - self._heard
            self._begin([each for each in self._starts if each == start])
        return did

    def told(self, text: str) -> None:
        gap, moved = GAP.fullmatch(text), MOVED.fullmatch(text)
        if GREETING.fullmatch(text):
            self._enter(MAIN)
        elif moved:
            (room,) = [room.id for room in self.site.rooms if room.name == moved[1]]
            self._enter(room)
            if text.startswith("-- The room is gone"):
                self.room = room
        elif gap:
            missed, resume = int(gap[1]), int(gap[2])
            self._begin([start for start in self._starts if start + self._heard + missed < resume])
            self.hear(self._here, [], missed, resume - 1)
        elif text.startswith("-- "):
            self._notice(text)
        elif self._here in self.has:
            self.hear(self._here, [text], 0, self.has[self._here] + 1)
        else:
            self._heard += 1
            ever, number = self.site.store.ever[self._here], self._heard
            found = [start for start in self._starts if start + number in ever]
            self._begin(
                [start for start in found if text_line(ever[start + number]).decode() == text]
            )

    def check(self, message: Any, kept: Any) -> None:
        assert message == text_line(kept).decode(), self

    def _look(self) -> None:
        """It enters a room only after this."""
        self._ends = {room.id: room.log.end for room in self.site.rooms}

    def _enter(self, room: int) -> None:
        """It is in a room since some time between its last look and now."""
        self._here, self.rooms, self._heard = room, [room], 0
        self.has.clear()
        end = self.site.rooms.find(str(room)).log.end
        self._begin(list(range(self._ends.get(room, 0), end + 1)))

    def _begin(self, starts: list[int]) -> None:
        """After one of these messages; before that only one of them was."""
        if self._here not in self.has:
            assert starts, f"{self} has heard what does not follow"
            self._starts = starts
            if len(starts) == 1:
                self.has[self._here] = starts[0] + self._heard

    def _notice(self, text: str) -> None:
        if text == OUTAGE:  # it is tried again
            self._outage_ends = self.site.loop.time() + 2 * AGAIN
        elif text == NO_ROOM:
            self.room = self._here
        else:
            assert text in GOODBYES or NAMED.fullmatch(text), text


class TerminalSpeaker(TextSpeaker):
    """Goes where its next text is to be said, and types it; in the end it looks at the past.

    What comes back is said. Of what does not, nobody knows: it does not type it again.
    """

    slow = True

    def __init__(self, site: Site, address: str) -> None:
        super().__init__(site)
        self._address = address
        self._door = Door(site)
        self._here = MAIN
        self._typed = ""  # what it waits for the answer to, if that is no text

    def began_anew(self, site: Site) -> None:
        super().began_anew(site)
        self._door = Door(site)

    def connect(self) -> Wire:
        self._here, self._typed, self._looked = MAIN, "", False
        return Keyboard(self._door.open(self._address), self.slow)

    def told(self, text: str) -> None:
        if self._typed.startswith("/join"):
            if MOVED.fullmatch(text):
                self._here = int(self._typed.split()[1])
                self._typed, self._waiting = "", False
        elif self._typed:
            if text.startswith(END_OF_PAST) or text == OUTAGE:
                self._typed, self._waiting = "", False
        elif not GAP.fullmatch(text):
            self._hear(text)

    def lost(self) -> None:
        if not self._typed:
            super().lost()

    def idle(self, socket: Wire) -> bool:
        if self._looked:
            socket.bye()
        else:
            self._looked = True
            self._type(socket, "/history 30")
        return True

    def _go_on(self, socket: Wire) -> bool:
        if not self._left or self._left[0][0] == self._here:
            return super()._go_on(socket)
        self._type(socket, f"/join {self._left[0][0]}")
        return True

    def _type(self, socket: Wire, command: str) -> None:
        self._typed, self._waiting = command, True
        socket.say(command)

    def _hear(self, text: str) -> None:
        room, said = self._left[0]
        if text.endswith(f": {said}"):
            (seq,) = [seq for seq, m in self.site.store.ever[room].items() if m.text == said]
            self.acknowledged[said] = seq
        elif not text.startswith("-- "):
            return
        self._waiting = False
        self._left.popleft()

"""WebSockets of the chat that do nothing, and what a server must be for all of them at once.

Each has a session of its own. All get the one message that is said, once. They answer every ping,
and meanwhile others pull and push as if nobody else were there. When they have gone, nothing of
them is left open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.functional.chat_server import ChatServer
from tests.functional.listeners import listening, round_trip, until
from tests.functional.processes import descriptors, memory
from tests.functional.wire import Wire

__all__ = ["Idle", "Seen"]

TOKEN = "a-token-of-sixteen-letters"
PINGS = 2  # that each answers: of who does not answer the first, none comes a second time
PAUSE = 0.02  # seconds between two round trips


@dataclass(frozen=True)
class Seen:
    """What a crowd was for its server.

    Attributes:
        memory: of the server while all were there, in bytes.
        slowest: seconds of the slowest round trip of somebody else meanwhile.
    """

    memory: int
    slowest: float


class Idle:
    """A server, and crowds that come to it one after the other.

    Args:
        heartbeat: seconds of silence, after which each is pinged.
    """

    def __init__(self, folder: Path, heartbeat: float) -> None:
        self._heartbeat = heartbeat
        self.server = ChatServer(
            folder,
            {
                "COGEN_WEBSOCKET_HEARTBEAT": f"{heartbeat}",
                "CHAT_LINGER": "1",
                "CHAT_IDLE": "1",
                "CHAT_ADMIN_TOKEN": TOKEN,
            },
        )

    def start(self) -> None:
        self.server.start()
        self._room = self._make_room()  # where somebody else is

    async def crowd(self, count: int) -> Seen:
        """So many come, are here for a while, and go."""
        server = self.server
        files = descriptors(server.pid)
        async with listening(server.port, count) as listeners:
            assert len(self._members()) == count
            with contextlib.closing(Wire(server.port)) as speaker:
                assert (await speaker.ask("POST", "/chat/push", b"hello")).status == 200
            await until(lambda: all(each.messages for each in listeners), 60)
            slowest = 0.0
            async with asyncio.timeout(20 + 4 * self._heartbeat):
                while min(each.pings for each in listeners) < PINGS:
                    assert not any(each.gone for each in listeners)
                    trip = await asyncio.to_thread(round_trip, server.port, self._room)
                    slowest = max(slowest, trip)
                    await asyncio.sleep(PAUSE)
            (heard,) = {tuple(each.messages) for each in listeners}
            assert len(heard) == 1
            assert heard[0].endswith(b": hello")
            seen = Seen(memory(server.pid), slowest)
        await until(lambda: descriptors(server.pid) <= files and not self._members(), 60)
        return seen

    def _members(self) -> set[str]:
        """Of the room where they are."""
        url = f"{self.server.url}/api/rooms/1/members"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return {member["name"] for member in json.load(answer)["members"]}

    def _make_room(self) -> int:
        request = urllib.request.Request(
            f"{self.server.url}/api/rooms",
            b'{"name": "elsewhere"}',
            {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            room: int = json.load(answer)["id"]
        return room

"""A store in memory that answers when the test says so, and fails when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from chatapp.model.message import Message
from chatapp.model.ports import Conflict, Entry, Keys, Page, RoomRow, Unavailable
from cogen.core.operations import Operation

EPOCH = "9f3a01bc"


class Done(Operation[Any]):
    """Does its work when it is begun; while the store holds, when that lets go."""

    def __init__(self, store: MemoryStore, work: Callable[[], Any]) -> None:
        super().__init__()
        self._store = store
        self._work = work

    def _begin(self) -> bool:
        if self._store.holding is None:
            self.do()
            return True
        self._store.holding.append(self)
        return False

    def do(self) -> None:
        try:
            if self._store.broken:
                raise Unavailable(self._store.broken)
            self._result, self._error = self._work(), None
        except Exception as error:
            self._result, self._error = None, error

    def _take(self, outcome: Any) -> Any:
        if self._error is not None:
            raise self._error
        return self._result


class MemoryStore:
    """See `chatapp.model.ports.Store`.

    Args:
        keep: messages that it keeps of each room; None for all.

    Attributes:
        broken: why nothing can be done; "" while all is well.
        holding: what waits to be done; None while nothing has to wait.
        calls: of `append`: the texts of each.
    """

    def __init__(self, keep: int | None = None) -> None:
        self.keep = keep
        self.broken = ""
        self.holding: list[Done] | None = None
        self.calls: list[list[str]] = []
        self.log: dict[int, list[Entry]] = {1: []}
        self.names = {1: "main"}
        self._ids = count(2)

    @property
    def main(self) -> RoomRow:
        """The room that there always is."""
        return self.row(1)

    def row(self, room: int) -> RoomRow:
        last = self.log[room][-1].message if self.log[room] else None
        end = (last.seq, last.time) if last is not None else (0, 0)
        return RoomRow(room, self.names[room], EPOCH if room == 1 else f"{room:08x}", *end)

    def hold(self) -> None:
        """From now on nothing is done."""
        self.holding = []

    def let_go(self) -> None:
        """Do what waits, and all that comes."""
        held, self.holding = self.holding or [], None
        for done in held:
            done.do()
            done.wake()

    def append(self, entries: Sequence[Entry]) -> Done:
        return Done(self, lambda: self._append(list(entries)))

    def find(self, keys: Keys) -> Done:
        wanted = set(keys)
        return Done(
            self,
            lambda: {
                (room, entry.key): entry.message
                for room, log in self.log.items()
                for entry in log
                if (room, entry.key) in wanted
            },
        )

    def after(self, room: int, seq: int, limit: int, size: int) -> Done:
        return Done(self, lambda: self._after(room, seq, limit, size))

    def before(self, room: int, seq: int, limit: int) -> Done:
        def work() -> Page:
            messages = [each for each in self._kept(room) if each.seq < seq]
            return Page(messages[-limit:], self._base(room))

        return Done(self, work)

    def rooms(self) -> Done:
        return Done(self, lambda: [self.row(room) for room in self.names])

    def create(self, name: str) -> Done:
        def work() -> RoomRow:
            self._free(name)
            room = next(self._ids)
            self.names[room], self.log[room] = name, []
            return self.row(room)

        return Done(self, work)

    def rename(self, room: int, name: str) -> Done:
        def work() -> None:
            if self.names[room] != name:
                self._free(name)
            self.names[room] = name

        return Done(self, work)

    def remove(self, room: int) -> Done:
        def work() -> None:
            del self.names[room], self.log[room]

        return Done(self, work)

    def _free(self, name: str) -> None:
        if name in self.names.values():
            raise Conflict(name)

    def _append(self, entries: list[Entry]) -> None:
        seen = {(room, entry.key) for room, log in self.log.items() for entry in log if entry.key}
        ends = {room: log[-1].message.seq if log else 0 for room, log in self.log.items()}
        for message, key in entries:
            assert message.seq == ends[message.room] + 1, "a room's numbers have no holes"
            ends[message.room] = message.seq
            if key and (message.room, key) in seen:
                raise Conflict(key)
            seen.add((message.room, key))
        self.calls.append([entry.message.text for entry in entries])
        for entry in entries:
            self.log[entry.message.room].append(entry)

    def _kept(self, room: int) -> list[Message]:
        log = [entry.message for entry in self.log[room]]
        return log if self.keep is None else log[max(0, len(log) - self.keep) :]

    def _base(self, room: int) -> int:
        kept = self._kept(room)
        return kept[0].seq if kept else self.row(room).end + 1

    def _after(self, room: int, seq: int, limit: int, size: int) -> Page:
        messages: list[Message] = []
        for message in self._kept(room):
            if message.seq > seq and len(messages) < limit:
                size -= len(message.text)
                if size < 0 and messages:
                    break
                messages.append(message)
        return Page(messages, self._base(room))

"""A store in memory that answers when the test says so, and fails when it is told to."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

from chatapp.model.message import Message
from chatapp.model.ports import Conflict, Entry, Keys, Page, RoomRow, Unavailable
from chatapp.model.records import Note
from cogen.core.operations import Operation
from cogen.errors import ServerClosing
from tests.chatapp.records import MemoryRecords

EPOCH = "9f3a01bc"


class Done(Operation[Any]):
    """Does its work when it is begun; while the store holds, when that lets go.

    As in a thread: who no longer waits does not undo it, and a server that is stopped lets it end.

    Attributes:
        broken: why this one cannot be done; "" while it can.
        moments: between that it is done and that its result is there, when the store is slow.
    """

    def __init__(self, store: MemoryStore, work: Callable[[], Any]) -> None:
        super().__init__()
        self._store = store
        self._work = work
        self.broken = ""
        self.moments = 1

    def fail(self, error: BaseException) -> bool:
        return not isinstance(error, ServerClosing) and super().fail(error)

    def _begin(self) -> bool:
        store = self._store
        if store.holding is not None:
            store.holding.append(self)
        elif store.later is not None:
            store.later(partial(self._do_later, store.later))
        else:
            self.do()
            return True
        return False

    def _do_later(self, later: Callable[[Callable[[], Any]], None]) -> None:
        self.do()
        self._tell_later(later)

    def _tell_later(self, later: Callable[[Callable[[], Any]], None]) -> None:
        """Others may see what it has done before who waits for it does."""
        self.moments -= 1
        later(partial(self._tell_later, later) if self.moments else self.wake)

    def do(self) -> None:
        try:
            broken = self.broken or self._store.broken
            if broken:
                raise Unavailable(broken)
            self._result, self._error = self._work(), None
        except Exception as error:
            self._result, self._error = None, error

    def _take(self, outcome: Any) -> Any:
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # the error's traceback keeps this frame: no circle
        return self._result


class PlainPasswords:
    """A `chatapp.lib.passwords.Verifier` that is done when the store is: no threads.

    Attributes:
        asked: the hashes that passwords were compared with.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.asked: list[str | None] = []

    def verify(self, hash: str | None, password: str) -> Done:
        def work() -> bool:
            self.asked.append(hash)
            return hash == f"hash of {password}"

        return Done(self._store, work)


class MemoryStore:
    """See `chatapp.model.ports.Store`.

    Args:
        keep: messages that it keeps of each room; None for all.

    Attributes:
        broken: why nothing can be done; "" while all is well.
        failed: something has ever been broken.
        holding: what waits to be done; None while nothing has to wait.
        later: calls what it is given soon: the store is slow, and does each thing a moment after it
            was begun; None: at once.
        calls: of `append`: the texts of each.
        checks: calls of `check`.
        log: what is kept, by room.
        ever: all that was ever kept of each room, by number.
    """

    def __init__(self, keep: int | None = None) -> None:
        self._keep = keep
        self.broken = ""
        self.failed = False
        self.holding: list[Done] | None = None
        self.later: Callable[[Callable[[], Any]], None] | None = None
        self.calls: list[list[str]] = []
        self.checks = 0
        self.log: dict[int, deque[Message]] = {1: deque(maxlen=keep)}
        self.names = {1: "main"}
        self.ever: defaultdict[int, dict[int, Message]] = defaultdict(dict)
        self._ends = {1: (0, 0)}
        self._keys: dict[tuple[int, str], Message] = {}
        self._ids = count(2)
        self.records = MemoryRecords(self)

    @property
    def rows(self) -> list[RoomRow]:
        """The rooms; the first is there always."""
        return [self.row(room) for room in self.names]

    def row(self, room: int) -> RoomRow:
        epoch = EPOCH if room == 1 else f"{room:08x}"
        return RoomRow(room, self.names[room], epoch, *self._ends[room])

    def base(self, room: int) -> int:
        """The number of the oldest message that is kept; the end + 1 if none is."""
        return self.row(room).end - len(self.log[room]) + 1

    def hold(self) -> None:
        """From now on nothing is done."""
        self.holding = []

    def let_go(self) -> None:
        """Do what waits, and all that comes."""
        held, self.holding = self.holding or [], None
        for done in held:
            done.do()
            done.wake()

    def done(self, work: Callable[[], Any]) -> Done:
        """What does this work."""
        return Done(self, work)

    def append(self, entries: Sequence[Entry]) -> Done:
        return Done(self, lambda: self._append(list(entries)))

    def check(self) -> Done:
        self.checks += 1
        return Done(self, lambda: None)

    def find(self, keys: Keys) -> Done:
        return Done(self, lambda: {key: self._keys[key] for key in keys if key in self._keys})

    def after(self, room: int, seq: int, limit: int, size: int) -> Done:
        return Done(self, lambda: self._after(room, seq, limit, size))

    def before(self, room: int, seq: int, limit: int) -> Done:
        def work() -> Page:
            messages = [_read(each) for each in self.log[room] if each.seq < seq]
            return Page(messages[-limit:], self.base(room))

        return Done(self, work)

    def rooms(self) -> Done:
        return Done(self, lambda: self.rows)

    def create(self, name: str, note: Note | None = None) -> Done:
        def work() -> RoomRow:
            self._free(name)
            room = next(self._ids)
            self.names[room], self._ends[room] = name, (0, 0)
            self.log[room] = deque(maxlen=self._keep)
            self.records.keep(note and note._replace(target=f"room {room}"))
            return self.row(room)

        return Done(self, work)

    def rename(self, room: int, name: str, note: Note | None = None) -> Done:
        def work() -> None:
            if self.names[room] != name:
                self._free(name)
            self.names[room] = name
            self.records.keep(note)

        return Done(self, work)

    def remove(self, room: int, note: Note | None = None) -> Done:
        def work() -> None:
            del self.names[room], self.log[room], self._ends[room]
            self.records.keep(note)

        return Done(self, work)

    def _free(self, name: str) -> None:
        if name in self.names.values():
            raise Conflict(name)

    def _append(self, entries: list[Entry]) -> None:
        ends = dict(self._ends)
        for message, key in entries:
            end, time = ends[message.room]
            assert message.seq == end + 1, "a room's numbers have no holes"
            assert message.time > time
            ends[message.room] = message.seq, message.time
            if (message.room, key) in self._keys:
                raise Conflict(key)
        self._ends = ends
        self.calls.append([message.text for message, _ in entries])
        for message, key in entries:
            self.log[message.room].append(message)
            self.ever[message.room][message.seq] = message
            if key:
                self._keys[message.room, key] = message

    def _after(self, room: int, seq: int, limit: int, size: int) -> Page:
        messages: list[Message] = []
        for message in self.log[room]:
            if message.seq > seq and len(messages) < limit:
                size -= len(message.text)
                if size < 0 and messages:
                    break
                messages.append(_read(message))
        return Page(messages, self.base(room))


def _read(message: Message) -> Message:
    """As a database gives it: what becomes of the one that is kept does not change it any more."""
    room, seq, time = message.room, message.seq, message.time
    return Message(room, seq, time, message.sender, message.kind, message.text)

"""The administrators' part of the store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from chatapp.model.message import Message
from chatapp.model.ports import Conflict
from chatapp.model.records import AdminSession, Note, Sanction, Standing

if TYPE_CHECKING:
    from tests.chatapp.memory import Done, MemoryStore


class MemoryRecords:
    """See `chatapp.model.records.Records`.

    Attributes:
        passwords: hashes by name.
        sessions: by digest.
        sanctions: by id.
        notes: the audit log, oldest first.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._ids = count(1)
        self.passwords: dict[str, str] = {}
        self.sessions: dict[bytes, AdminSession] = {}
        self.sanctions: dict[int, Sanction] = {}
        self.notes: list[Note] = []

    @property
    def standing(self) -> Standing:
        return Standing([*self.sessions.values()], [*self.sanctions.values()])

    def keep(self, note: Note | None) -> None:
        if note is not None:
            self.notes.append(note._replace(id=len(self.notes) + 1))

    def password(self, name: str) -> Done:
        return self._store.done(lambda: self.passwords.get(name))

    def administrators(self) -> Done:
        return self._store.done(lambda: [*self.passwords])

    def appoint(self, name: str, password: str, note: Note) -> Done:
        def work() -> None:
            if name in self.passwords:
                raise Conflict(name)
            self.passwords[name] = password
            self.keep(note)

        return self._store.done(work)

    def change(self, name: str, password: str, note: Note) -> Done:
        def work() -> None:
            self.passwords[name] = password
            self.sessions = {key: it for key, it in self.sessions.items() if it.name != name}
            self.keep(note)

        return self._store.done(work)

    def begin(self, session: AdminSession, note: Note) -> Done:
        def work() -> None:
            self.sessions[session.digest] = session
            self.keep(note)

        return self._store.done(work)

    def end(self, digests: Sequence[bytes], note: Note | None = None) -> Done:
        def work() -> None:
            for digest in digests:
                self.sessions.pop(digest, None)
            self.keep(note)

        return self._store.done(work)

    def impose(self, sanction: Sanction, note: Note) -> Done:
        def work() -> Sanction:
            if sanction.room is not None and sanction.room not in self._store.names:
                raise Conflict(sanction.room)
            kept = sanction._replace(id=next(self._ids))
            self.sanctions[kept.id] = kept
            self.keep(note)
            return kept

        return self._store.done(work)

    def lift(self, sanction: int, note: Note) -> Done:
        def work() -> None:
            self.sanctions.pop(sanction, None)
            self.keep(note)

        return self._store.done(work)

    def erase(self, room: int, seq: int, note: Note) -> Done:
        def work() -> None:
            self.keep(note)
            log = self._store.log[room]
            for place, it in enumerate(log):
                if it.seq == seq:
                    log[place] = Message(room, seq, it.time, it.sender, "removed", "")

        return self._store.done(work)

    def note(self, note: Note) -> Done:
        return self._store.done(lambda: self.keep(note))

    def audit(self, before: int | None, limit: int) -> Done:
        def work() -> list[Note]:
            notes: list[Any] = self.notes if before is None else self.notes[: before - 1]
            return notes[::-1][:limit]

        return self._store.done(work)

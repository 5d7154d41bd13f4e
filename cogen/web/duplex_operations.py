"""What is waited for at a `cogen.web.duplex.Duplex`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cogen.core.operations import Operation, TimedOperation
from cogen.errors import OperationMisuse

__all__ = ["Close", "Receive", "Transmit"]


class Receive(TimedOperation[Any]):
    """See `Duplex.receive`."""

    __slots__ = ("_duplex",)

    def __init__(self, duplex: Any, timeout: float | timedelta | None) -> None:
        super().__init__(timeout)
        self._duplex = duplex

    def _begin(self) -> bool:
        duplex = self._duplex
        if duplex.receiver is not None:
            raise OperationMisuse("somebody is receiving here already")
        if duplex.ready:
            return True
        duplex.receiver = self
        return False

    def _undo(self) -> None:
        self._duplex.receiver = None

    def _give_back(self) -> None:
        self._duplex.receiver = None

    def _take(self, outcome: Any) -> Any:
        duplex = self._duplex
        if duplex.receiver is self:
            duplex.receiver = None
        return duplex.take()


class Transmit(TimedOperation[None]):
    """See `Duplex.transmit`."""

    __slots__ = ("_data", "_duplex", "_sent")

    def __init__(self, duplex: Any, data: bytes, timeout: float | timedelta | None) -> None:
        super().__init__(timeout)
        self._duplex = duplex
        self._data = data
        self._sent = False

    def wake(self, value: Any = None) -> bool:
        if self.parked and not self._duplex.leaving:
            self._sent = True  # now: who begins to send before this driver goes on comes after it
            self._duplex.write(self._data)
        return super().wake(value)

    def _begin(self) -> bool:
        duplex = self._duplex
        if duplex.leaving or (duplex.writable and not duplex.waiting):
            return True
        duplex.waiting.park(self)
        return False

    def _undo(self) -> None:
        self._duplex.waiting.remove(self)

    def _take(self, outcome: Any) -> None:
        if not self._sent:
            self._duplex.write(self._data)


class Close(Operation[None]):
    """See `Duplex.close`."""

    __slots__ = ("_code", "_duplex", "_reason")

    def __init__(self, duplex: Any, code: int, reason: str) -> None:
        super().__init__()
        self._duplex = duplex
        self._code = code
        self._reason = reason

    def _begin(self) -> bool:
        duplex = self._duplex
        duplex.leave(self._code, self._reason)
        if duplex.over:
            return True
        duplex.waiting.park(self)
        return False

    def _undo(self) -> None:
        self._duplex.waiting.remove(self)

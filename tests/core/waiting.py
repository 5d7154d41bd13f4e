"""Things to wait for."""

from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from cogen.core.operations import Operation


@coro
def sleeper(seconds, result=None):
    yield Sleep(seconds)
    return result


class Never(Operation):
    """Never ends; says whether it was undone."""

    undone = False

    def _begin(self):
        return False

    def _undo(self):
        self.undone = True

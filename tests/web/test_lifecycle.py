import pytest

from cogen.errors import LifecycleError
from cogen.web.lifecycle import EVENTS, STATES, TABLE, after

ALLOWED = {
    ("called", "park"): "parked",
    ("called", "pause"): "ready",
    ("called", "block"): "blocked",
    ("called", "finish"): "ended",
    ("parked", "wake"): "ready",
    ("ready", "run"): "called",
    ("blocked", "drain"): "ready",
    **{(state, "abort"): "ended" for state in ("called", "parked", "ready", "blocked")},
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_what_follows(state, event):
    numbers = STATES.index(state), EVENTS.index(event)
    if (state, event) in ALLOWED:
        assert STATES[after(*numbers)] == ALLOWED[state, event]
    else:
        with pytest.raises(LifecycleError, match=f"{event} while {state}"):
            after(*numbers)


def test_the_table_is_whole():
    assert [len(row) for row in TABLE] == [len(EVENTS)] * len(STATES)

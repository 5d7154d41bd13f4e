import pytest

from cogen.errors import LifecycleError
from cogen.web.lifecycle import EVENTS, STATES

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
@pytest.mark.parametrize("state", STATES, ids=repr)
def test_what_follows(state, event):
    if (state.name, event) in ALLOWED:
        assert state[event].name == ALLOWED[state.name, event]
    else:
        with pytest.raises(LifecycleError, match=f"{event} while {state.name}"):
            state[event]


def test_nothing_that_is_no_event_is_listed():
    assert {event for state in STATES for event in state} == set(EVENTS)

"""Wherever a coroutine or a request of the chat waits, something goes wrong: nothing is lost.

The waits are those that a talk really has (see `tests.chatapp.waits`). For each of them, and for
all that may go wrong there (`tests.chatapp.mishaps`), the talk is held anew, and in that moment it
goes wrong. What must be true in the end stands in `tests.chatapp.talk`. ``pytest -s`` shows the
table. The long form is in prove/.
"""

from __future__ import annotations

import logging

import pytest

from tests.chatapp.mishaps import MISHAPS
from tests.chatapp.talk import Talk
from tests.chatapp.trials import some, survives, table, trials
from tests.chatapp.waits import When

# So that the collecting cannot become empty unseen: who, and on what.
KNOWN = {
    ("Client.watch", "Fetch"): "a watcher waits for the room's next message",
    ("GET /api/events", "AnyOf"): "a poll of several rooms waits for the first of them",
    ("GET /api/events", "Call"): "it reads the past",
    ("GET /api/rooms/1/events", "Get"): "a stream waits on its queue",
    ("GET /api/rooms/1/events", "Call"): "it reads the past",
    ("GET /api/rooms/1/messages", "Fetch"): "who has no client waits for the next message",
    ("GET /api/rooms/1/messages", "Call"): "it reads the past",
    ("GET /chat/pull", "Call"): "a pull reads the past",
    ("GET /chat/pull", "Get"): "a pull waits on its queue",
    ("GET /chat/pull", "Sleep"): "a pull that is superseded waits for its time",
    ("GET /chat/pull/bob", "Publish"): "a pull waits for the news of its coming",
    ("GET /chats/1/poll", "Call"): "the ancestor's poll looks for its place",
    ("GET /chats/1/poll", "Fetch"): "it waits for the next message",
    ("GET /ws", "Publish"): "a WebSocket waits for the news of its coming",
    ("GET /ws", "Call"): "it reads the past",
    ("GET /ws", "Get"): "it waits on its queue",
    ("GET /ws", "Transmit"): "it waits until its client has read",
    ("GET /ws", "Close"): "it waits for its client's goodbye, for the room is gone",
    ("_listen", "Receive"): "the coroutine beside it waits for what the client says",
    ("_listen", "Publish"): "what came over a WebSocket waits to be kept",
    ("_listen", "Transmit"): "its ack waits until the client has read",
    ("_Connection._serve", "Call"): "a terminal's connection waits for what is said over it",
    ("Terminal.stay", "Publish"): "a terminal's coming waits to be kept",
    ("Terminal.stay", "AnyOf"): "it waits for the end of one of the two that follow",
    ("Terminal._listen", "Receive"): "who hears what is typed waits for a line",
    ("Terminal._listen", "Publish"): "what is typed waits to be kept, or the news of a new room",
    ("Terminal._listen", "Call"): "the past that is asked for is read",
    ("Terminal._deliver", "Get"): "who shows what the room says waits on its queue",
    ("Terminal._deliver", "Call"): "it reads the past",
    ("Terminal._deliver", "Transmit"): "it waits until the person has read",
    ("LocalBroker._keep", "Done"): "the broker waits for the store",
    ("POST /api/rooms", "Join"): "the administrator waits for a room",
    ("POST /api/rooms/1/messages", "Publish"): "a message with a nsome waits to be kept",
    ("POST /api/wall", "Join"): "the administrator waits for a wall",
    ("AccountController._wall", "Publish"): "a wall waits to be kept",
    ("POST /chat/push", "Publish"): "a push waits to be kept",
    ("Roster.reap", "Publish"): "the reaper waits for the news of who has left",
    ("Roster.reap", "Sleep"): "the reaper sleeps",
    ("Room.past", "Done"): "the past is read in the store",
    ("Rooms.create", "Done"): "a new room waits for the store",
    ("Rooms.rename", "Done"): "a room's name waits for the store",
    ("Rooms.remove", "Done"): "a room's end waits for the store",
}


@pytest.fixture(scope="module")
def all_trials():
    found = trials()
    print(f"\n{table(found)}")
    return found


def test_the_talk_goes_well_when_nothing_goes_wrong(caplog):
    talk = Talk(lambda site, moment: None)
    talk.run()
    for each in talk.readers:  # the guests' room was removed
        assert each.refusals == ([404] if each in talk.guests else []), each
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_every_wait_that_is_known_is_found(all_trials):
    found = {(key[0].who, key[0].what) for _, key in all_trials}
    assert [why for known, why in KNOWN.items() if known not in found] == []


def test_everything_goes_wrong_somewhere_in_both_moments(all_trials):
    assert {name for name, _ in all_trials} == set(MISHAPS)
    assert {when for _, (_, when, _) in all_trials} == set(When)


@pytest.mark.parametrize("name", MISHAPS)
def test_nothing_is_lost_doubled_or_out_of_order_and_nothing_is_left(
    all_trials, name, subtests, caplog
):
    for mishap, key in some(all_trials):
        if mishap != name:
            continue
        point, when, _ = key
        with subtests.test(point=str(point), when=when.value):
            caplog.clear()
            survives([(mishap, key)])
            assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []

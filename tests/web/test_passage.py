"""What passes between a thread and the loop; both sides by hand."""

import threading

import pytest

from cogen.errors import ApplicationError, BodyError, RequestError
from cogen.web.passage import HELD, ClientGone, Passage


@pytest.fixture
def passage():
    passage = Passage()
    yield passage
    passage.leave()  # no thread of a test that failed waits for ever


def in_thread(function, *args):
    """Begin it; gives a function that waits for what it gives or raises."""
    outcome = []

    def run():
        try:
            outcome.append((function(*args), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def join():
        thread.join(10)
        ((result, error),) = outcome
        if error is not None:
            raise error
        return result

    join.thread = thread
    return join


def wanted(passage):
    """What the thread wants to read, once it does."""
    while (collected := passage.collect()).wanted is None:
        pass
    return collected.wanted


def test_what_was_said_is_collected_once(passage):
    write = passage.start_response("200 OK", [("A", "b")])
    write(b"one")
    write(b"two")
    assert passage.collect() == (("200 OK", [("A", "b")]), b"onetwo", None, False, None)
    assert passage.collect() == (None, b"", None, False, None)
    assert passage.end(None)
    assert passage.collect() == (None, b"", None, True, None)


def test_so_much_is_on_its_way_and_no_more(passage):
    for _ in range(HELD // 1024):
        passage.write(b"x" * 1024)
    last = in_thread(passage.write, b"last")
    last.thread.join(0.05)
    assert last.thread.is_alive()
    assert len(passage.collect().data) == HELD
    last()
    assert passage.collect().data == b"last"


def test_who_waits_for_room_is_told_that_the_client_has_gone(passage):
    passage.write(b"x" * HELD)
    waits = in_thread(passage.write, b"more")
    passage.leave()
    with pytest.raises(ClientGone):
        waits()
    assert not passage.end(None)
    assert passage.collect().data == b""


def test_a_piece_of_the_body(passage):
    read = in_thread(passage.read, 10)
    assert wanted(passage) == 10
    passage.give(b"abc")
    assert read() == b"abc"
    read = in_thread(passage.read, 10)
    assert wanted(passage) == 10
    passage.give(b"")
    assert read() == b""


@pytest.mark.parametrize(
    ("kind", "args", "raised"),
    [(RequestError, (408, "late"), BodyError), (ValueError, ("a",), ValueError)],
)
def test_a_piece_that_cannot_be_had(passage, kind, args, raised):
    read = in_thread(passage.read, 10)
    wanted(passage)
    given = kind(*args)
    passage.give(given)
    with pytest.raises(raised) as caught:
        read()
    assert getattr(caught.value, "status", 0) == getattr(given, "status", 0)


def test_who_reads_is_told_that_the_client_has_gone(passage):
    read = in_thread(passage.read, 10)
    wanted(passage)
    passage.leave()
    with pytest.raises(ClientGone):
        read()
    with pytest.raises(ClientGone):
        passage.input().read()


def test_what_is_said_must_be_as_pep_3333_has_it(passage):
    with pytest.raises(ApplicationError, match="not str"):
        passage.write("text")
    passage.start_response("200 OK", [])
    with pytest.raises(ApplicationError, match="twice"):
        passage.start_response("200 OK", [])

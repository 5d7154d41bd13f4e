import pytest

from cogen.web.http11 import Limits
from cogen.web.intake import PIECE, Intake

GET = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def intake():
    return Intake(Limits(body=10 * PIECE))


def test_one_request_is_read_and_the_others_are_held(intake):
    intake.receive(GET % 1)
    intake.receive(GET % 2)
    intake.receive(GET % 3)
    assert intake.held == 2 * len(GET % 1)
    for number in (1, 2, 3):
        assert intake.pending
        assert intake.take().target == b"/%d" % number
        intake.read()
        assert not intake.parser.received, "the next one waits for its turn"
        intake.done()
        intake.read()
    assert not intake.pending
    assert not intake.held


def test_a_body_is_read_while_its_request_is_being_answered(intake):
    intake.receive(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
    request = intake.take()
    intake.receive(b"cd" + GET % 1)
    assert request.body.complete
    assert request.body.open().read() == b"abcd"
    intake.done()
    assert intake.take().target == b"/1"


def test_what_is_held_is_read_in_small_pieces(intake):
    gets = b"".join(GET % number for number in range(PIECE // 10))
    intake.receive(gets)
    assert 0 < len(intake.parser.received) * len(GET % 1) < 1.2 * PIECE
    assert len(gets) - PIECE == intake.held


def test_a_large_body_comes_whole_however_it_was_cut(intake):
    body = bytes(range(256)) * (5 * PIECE // 256)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    intake.receive(head + body)
    request = intake.take()
    assert request.body.open().read() == body
    request.body.close()


def test_the_end_is_told_to_the_parser_when_all_before_it_is_read(intake):
    intake.receive(GET % 1)
    intake.receive(b"GET / HT")
    intake.end()
    assert intake.parser.failure is None
    intake.take()
    intake.done()
    intake.read()
    assert intake.parser.failure is not None
    assert intake.pending


def test_nothing_can_be_taken_where_nothing_is(intake):
    with pytest.raises(IndexError):
        intake.take()


def test_after_the_close_nothing_is_kept(intake):
    intake.receive(GET % 1 + b"x" * PIECE)
    intake.close()
    assert not intake.held

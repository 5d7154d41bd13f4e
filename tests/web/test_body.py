"""A request's body while it comes in."""

from io import BytesIO

import pytest

from cogen.errors import OperationTimeout, RequestError
from cogen.testing import FakeLoop
from cogen.web.body import MEMORY, Body, Unread


class Reader:
    """Waits for one operation."""

    context = None

    def __init__(self):
        self.loop = FakeLoop()
        self.scheduler = self.loop.scheduler()
        self.woken = 0

    def wake(self):
        self.woken += 1


@pytest.fixture
def body():
    return Body()


@pytest.fixture
def reader():
    return Reader()


def given(operation, reader):
    """What is there now; fails if it has to wait."""
    assert operation.start(reader)
    return operation.result()


def test_memory_first_then_disk(body):
    body.feed(b"a" * MEMORY)
    assert isinstance(body.open(), BytesIO)
    body.feed(b"b")
    assert not isinstance(body.open(), BytesIO)
    body.feed(b"c")
    assert body.open().read() == b"a" * MEMORY + b"bc"
    assert body.size == MEMORY + 2
    file = body.open()
    body.close()
    assert file.closed
    body.close()


def test_nothing_was_sent(body):
    body.finish()
    assert body.open().read() == b""


def test_reads_give_what_is_there(body, reader):
    body.feed(b"abcdef")
    assert given(body.read(2), reader) == b"ab"
    assert given(body.read(100), reader) == b"cdef"
    assert given(body.read(0), reader) == b""


def test_a_read_waits_for_more_and_for_the_end(body, reader):
    read = body.read(10)
    assert not read.start(reader)
    body.feed(b"abc")
    assert reader.woken == 1
    assert read.result() == b"abc"
    rest = body.read()
    assert not rest.start(reader)
    body.feed(b"de")
    assert reader.woken == 1
    body.feed(b"f")
    body.finish()
    assert rest.result() == b"def"
    assert given(body.read(), reader) == b""
    assert given(body.read(5), reader) == b""


def test_lines(body, reader):
    body.feed(b"one\ntwo")
    assert given(body.readline(), reader) == b"one\n"
    assert given(body.readline(2), reader) == b"tw"
    line = body.readline()
    assert not line.start(reader)
    body.feed(b"!\nrest")
    assert line.result() == b"o!\n"
    last = body.readline()
    assert not last.start(reader)
    body.finish()
    assert last.result() == b"rest"
    assert given(body.readline(), reader) == b""


def test_a_read_that_times_out_or_is_given_up_takes_nothing(body, reader):
    read = body.read(10, timeout=1)
    assert not read.start(reader)
    reader.loop.advance(2)
    with pytest.raises(OperationTimeout):
        read.result()
    other = body.read(10)
    other.start(reader)
    body.feed(b"abc")
    other.cancel()
    assert given(body.read(10), reader) == b"abc"


def test_whole(body, reader):
    whole = body.whole()
    assert not whole.start(reader)
    body.feed(b"abc")
    assert not reader.woken
    body.finish()
    assert whole.result().read() == b"abc"
    assert given(body.whole(), reader).read() == b"abc"


@pytest.mark.parametrize("how", ["read()", "readline()", "whole()", "read(10)"])
def test_a_part_of_a_body_that_broke_off_never_passes_for_the_whole(body, reader, how):
    if how != "read(10)":
        body.feed(b"abc")
    operation = eval(how, {"read": body.read, "readline": body.readline, "whole": body.whole})
    assert not operation.start(reader)
    body.fail(RequestError(400, "It broke off."))
    with pytest.raises(RequestError):
        operation.result()


def test_what_came_before_it_broke_off_can_be_read_in_pieces(body, reader):
    body.feed(b"a\nbc")
    body.fail(RequestError(400, "It broke off."))
    assert given(body.readline(), reader) == b"a\n"
    assert given(body.read(10), reader) == b"bc"
    with pytest.raises(RequestError):
        given(body.read(10), reader)


def test_a_complete_body_cannot_fail(body, reader):
    body.feed(b"abc")
    body.finish()
    body.fail(RequestError(408, "Late."))
    assert given(body.read(), reader) == b"abc"


def test_the_first_read_that_waits_says_so(body, reader):
    said = []
    body.on_read = lambda: said.append(1)
    body.feed(b"a")
    given(body.read(1), reader)
    assert said == []
    body.read(1).start(reader)
    body.read(1).start(reader)
    assert said == [1]


@pytest.mark.parametrize("call", ["read", "readline", "readlines", "__iter__"])
def test_wsgi_input_of_a_body_that_still_comes(call):
    with pytest.raises(OSError, match=r"cogen\.input"):
        getattr(Unread(), call)()

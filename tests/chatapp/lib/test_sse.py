"""Server-sent events: what goes in comes out of a reader that keeps to the specification."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.lib.sse import HEADERS, comment, event, mark, retry


class Event(NamedTuple):
    type: str
    data: str
    id: str


class Reader:
    """WHATWG HTML, 9.2.6, "Interpreting an event stream"."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.retry: int | None = None
        self.last_id = ""
        self._buffers()

    def read(self, stream: bytes) -> list[Event]:
        text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
        *lines, unended = re.split("\r\n|\r|\n", text)
        assert unended == ""
        for line in lines:
            name, _, value = line.partition(":")
            if not line:
                self._dispatch()
            elif name:
                self._field(name, value.removeprefix(" "))
        return self.events

    def _field(self, name: str, value: str) -> None:
        if name == "event":
            self._type = value
        elif name == "data":
            self._data += value + "\n"
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            self.retry = int(value)

    def _dispatch(self) -> None:
        self.last_id = self._id
        if self._data:
            self.events.append(Event(self._type or "message", self._data[:-1], self.last_id))
        self._buffers()

    def _buffers(self) -> None:
        self._data = self._type = ""
        self._id = self.last_id


def plain(text: str) -> str:
    """What a reader can get of a text: line ends are LF."""
    text = text.encode("utf-8", "replace").decode()
    return text.replace("\r\n", "\n").replace("\r", "\n")


TEXTS = st.text(st.one_of(st.sampled_from("\r\n: \0\ufeffdi"), st.characters()))
NAMES = TEXTS.filter(lambda text: not set(text) & set("\r\n\0"))


@given(st.lists(st.tuples(TEXTS, NAMES, NAMES)))
def test_events_come_out_as_they_went_in(given):
    stream = b"".join(event(data, id=id, event=type) for data, id, type in given)
    assert Reader().read(stream) == [
        Event(plain(type) or "message", plain(data), plain(id)) for data, id, type in given
    ]


@given(TEXTS)
def test_bytes_and_text_are_the_same(text):
    assert event(text.encode("utf-8", "replace")) == event(text)


@given(TEXTS, TEXTS)
def test_a_comment_is_nothing_to_a_reader(text, data):
    reader = Reader()
    assert reader.read(comment(text) + event(data) + comment()) == [
        Event("message", plain(data), "")
    ]
    assert (reader.last_id, reader.retry) == ("", None)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\n", "\r\r\n"])
def test_a_text_cannot_be_another_event(end):
    (only,) = Reader().read(event(f"a{end}event: x{end}id: 9{end}data: b"))
    assert (only.type, only.id) == ("message", "")


@pytest.mark.parametrize("bad", ["a\nb", "a\rb", "\r\n", "\0", "9\n"])
def test_an_id_or_a_type_of_several_lines_is_refused(bad):
    with pytest.raises(ValueError, match="no line ends"):
        event("hello", id=bad)
    with pytest.raises(ValueError, match="no line ends"):
        event("hello", event=bad)


def test_the_id_stays_until_there_is_another():
    first, second = Reader().read(event("a", id="9f3a01bc.17") + event("b"))
    assert (first.id, second.id) == ("9f3a01bc.17", "9f3a01bc.17")


def test_a_reader_is_told_when_to_come_back():
    reader = Reader()
    assert reader.read(retry(2500)) == []
    assert reader.retry == 2500


def test_it_looks_as_the_examples_in_the_specification_do():
    assert event(b'{"seq":17}', id="e.17") == b'id: e.17\ndata: {"seq":17}\n\n'
    assert comment() == b": \n\n"


def test_no_proxy_holds_a_stream_back():
    headers = dict(HEADERS)
    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "no-cache, no-transform"
    assert headers["X-Accel-Buffering"] == "no"


def test_a_mark_is_a_place_without_an_event():
    reader = Reader()
    assert reader.read(mark("e.16")) == []
    assert reader.last_id == "e.16"
    assert [each.id for each in reader.read(event("x"))] == ["e.16"]
    for bad in ("a\nb", "a\rb", "a\0b"):
        with pytest.raises(ValueError, match="line ends"):
            mark(bad)

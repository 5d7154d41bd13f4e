"""A room as a stream of server-sent events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.chatapp.controllers.refusals import is_problem, takes_only
from tests.chatapp.harness import ADMIN, Curl, Line, Site
from tests.web.harness import HIGH_WATER

STREAM = "/api/rooms/1/events"


class Reader:
    """What a browser's EventSource makes of a stream.

    Attributes:
        events: type and data of each, as they came.
        last: the id of the last event.
        ended: the stream has ended as it should.
    """

    def __init__(self, curl: Curl, path: str = STREAM, **headers: str) -> None:
        self.line: Line = curl.ask("GET", path, **headers)
        self.events: list[tuple[str, Any]] = []
        self.comments = 0
        self.retry: int | None = None
        self.last = ""
        self.ended = False
        self.headers: dict[str, str] = {}
        self._chunks = b""
        self._text = b""
        head, _, rest = self.line.take().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        for field in head.decode().split("\r\n")[1:]:
            name, _, value = field.partition(": ")
            self.headers[name.lower()] = value
        self._receive(rest)

    def read(self) -> list[tuple[str, Any]]:
        """The events since the last call."""
        self._receive(self.line.take())
        events, self.events = self.events, []
        return events

    def seqs(self) -> list[int]:
        return [data["seq"] for kind, data in self.read() if kind == "message"]

    def _receive(self, data: bytes) -> None:
        self._chunks += data
        while b"\r\n" in self._chunks:
            size, _, rest = self._chunks.partition(b"\r\n")
            length = int(size, 16)
            if len(rest) < length + 2:
                return
            self.ended = not length
            self._text += rest[:length]
            self._chunks = rest[length + 2 :]
        *blocks, self._text = self._text.split(b"\n\n")
        for block in blocks:
            self._dispatch(block.decode())

    def _dispatch(self, block: str) -> None:
        kind, data = "message", []
        for text in block.split("\n"):
            name, _, value = text.partition(": ")
            if name == "id":
                self.last = value
            elif name == "event":
                kind = value
            elif name == "data":
                data.append(value)
            elif name == "retry":
                self.retry = int(value)
            else:
                assert name in ("", ":"), block
                self.comments += 1
        if data:
            self.events.append((kind, json.loads("\n".join(data))))


def test_a_stream_gives_each_message_as_an_event(site, curl):
    site.say("ann", "before")
    reader = Reader(curl)
    assert reader.headers["content-type"] == "text/event-stream"
    assert reader.headers["x-accel-buffering"] == "no"
    assert reader.headers["x-content-type-options"] == "nosniff"
    assert "no-cache" in reader.headers["cache-control"]
    assert reader.retry == 3000
    assert reader.read() == []
    site.say("ann", "hello")
    ((kind, message),) = reader.read()
    assert kind == "message"
    assert message == curl.get("/api/rooms/1/messages?limit=1").json["messages"][0]
    assert reader.last == site.room.cursor(2)


@pytest.mark.case(50)
@pytest.mark.parametrize(
    "text", ["a\nid: 9\n\ndata: b", "a\r\n\r\nb", "\rdata: x", "a\u2028b", "\0"]
)
def test_line_ends_in_a_message_begin_no_event(site, curl, text):
    reader = Reader(curl)
    site.say("a\r\nb", text)
    ((_, message),) = reader.read()
    assert (message["text"], message["sender"]) == (text, "a\r\nb")
    assert reader.last == site.room.cursor(1)


@pytest.mark.case(50)
@pytest.mark.parametrize("id", ["x\ry", "x\x00y", "\u00e9"])
def test_nothing_of_a_last_event_id_comes_back(curl, id):
    line = curl.ask("GET", STREAM, Last_Event_ID=id)
    assert line.take().startswith(b"HTTP/1.1 400 ")


@pytest.mark.case(51)
@pytest.mark.parametrize("id", ["", "x", "17", "9f3a01bc.1", "9f3a01bc.-1", "9f3a01bc." + "9" * 40])
def test_a_bad_last_event_id_is_refused(curl, id):
    assert is_problem(curl.get(STREAM, Last_Event_ID=id), 400)
    assert is_problem(curl.get(f"{STREAM}?since={id}"), 400)


def test_who_comes_back_gets_what_it_missed(site, curl):
    reader = Reader(curl)
    site.say("ann", "1")
    assert reader.seqs() == [1]
    reader.line.reset()
    for text in "23":
        site.say("ann", text)
    again = Reader(curl, Last_Event_ID=reader.last)
    assert again.seqs() == [2, 3]


def test_also_when_nothing_had_been_said_while_it_was_there(site, curl):
    reader = Reader(curl)
    reader.line.reset()
    site.say("ann", "hello")
    assert Reader(curl, Last_Event_ID=reader.last).seqs() == [1]


def test_the_header_counts_more_than_the_address(site, curl):
    for text in "123":
        site.say("ann", text)
    first = f"{STREAM}?since={site.room.cursor(0)}"
    assert Reader(curl, first).seqs() == [1, 2, 3]
    assert Reader(curl, first, Last_Event_ID=site.room.cursor(2)).seqs() == [3]


def test_what_is_lost_is_told_once():
    site = Site(window=2, keep=2)
    curl = site.curl()
    for number in range(5):
        site.say("ann", str(number))
    reader = Reader(curl, Last_Event_ID=site.room.cursor(1))
    gap, *rest = reader.read()
    assert gap == ("gap", {"missed": 2, "restarted": False, "resume": 4})
    assert [message["seq"] for _, message in rest] == [4, 5]
    restarted = Reader(curl, Last_Event_ID="00000000.3")
    assert restarted.read()[0] == ("gap", {"missed": 3, "restarted": True, "resume": 4})
    assert Reader(curl, Last_Event_ID=restarted.last).read() == []


def test_silence_is_filled_with_heartbeats(site, curl):
    reader = Reader(curl)
    site.advance(61)
    assert reader.read() == []
    assert reader.comments == 4
    quick = Reader(Site(heartbeat=1).curl())
    quick.line._served.advance(5.5)
    quick.read()
    assert quick.comments == 5


def test_a_slow_reader_gets_everything_and_costs_a_bounded_queue(site, curl):
    reader = Reader(curl)
    transport = reader.line.transport
    transport.client_reads = False
    for number in range(300):
        site.say("ann", f"{number} " + "x" * 1000)
    assert len(transport.unwritten) < 3 * HIGH_WATER
    assert site.room.log.statistics().subscribers == 0  # its watcher died of a full queue
    seqs = []
    while len(seqs) < 300:
        transport.read(10_000)
        site.settle()
        came = reader.seqs()
        assert came or transport.unwritten
        seqs += came
    assert seqs == list(range(1, 301))
    site.say("ann", "and on")
    transport.read(HIGH_WATER)
    assert reader.seqs() == [301]


def test_several_streams_of_one_session_each_get_everything(site, curl):
    readers = [Reader(curl) for _ in range(2)]
    curl.push("for a cookie")
    more = [Reader(curl) for _ in range(3)]
    site.say("ann", "hello")
    assert [reader.seqs() for reader in readers] == [[1, 2]] * 2
    assert [reader.seqs() for reader in more] == [[2]] * 3


def test_who_streams_is_here_and_when_it_ends_nothing_is_left(site, curl):
    curl.post("/api/login", {"name": "ann"})
    reader = Reader(curl)
    site.advance(300)
    assert curl.get("/api/rooms/1/members").json == {"members": [{"name": "ann"}]}
    assert len(site.roster) == 1
    reader.line.reset()
    site.settle()
    assert len(site.roster) == 0
    assert site.room.log.statistics().subscribers == 0
    site.advance(30)
    assert curl.get("/api/rooms/1/members").json == {"members": []}
    assert site.scheduler.statistics().coroutines == 0


def test_it_ends_when_the_room_is_removed(site, rooms, curl):
    reader = Reader(curl, "/api/rooms/2/events")
    curl.send("DELETE", "/api/rooms/2", **ADMIN)
    reader.read()
    assert reader.ended
    assert is_problem(curl.get("/api/rooms/2/events"), 404)


def test_it_ends_when_its_session_logs_out(site, curl):
    curl.post("/api/login", {"name": "ann"})
    reader = Reader(curl)
    curl.post("/api/logout")
    reader.read()
    assert reader.ended
    assert len(site.roster) == 0


def test_it_ends_when_the_server_goes_down(site, curl):
    reader = Reader(curl)
    site.shut()
    reader.read()
    assert reader.ended
    assert reader.line.closed


def test_a_slow_one_ends_too_when_the_server_goes_down(site, curl):
    reader = Reader(curl)
    transport = reader.line.transport
    transport.client_reads = False
    for number in range(200):
        site.say("ann", f"{number} " + "x" * 1000)
    site.shut()
    for _ in range(5):
        transport.read(HIGH_WATER * 4)
        site.settle()
    reader.read()
    assert reader.ended


def test_it_ends_when_the_past_cannot_be_read_any_more():
    site = Site(window=2)
    curl = site.curl()
    reader = Reader(curl)
    transport = reader.line.transport
    transport.client_reads = False
    for number in range(300):
        site.say("ann", f"{number} " + "x" * 1000)
    site.store.broken = "The disk is gone."
    while transport.unwritten:
        transport.read(HIGH_WATER)
        site.settle()
    reader.read()
    assert reader.ended
    site.store.broken = ""
    assert Reader(curl, Last_Event_ID=reader.last).seqs()


def test_a_page_of_another_site_gets_no_stream(site, curl):
    for headers in ({"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        assert is_problem(curl.get(STREAM, **headers), 403)
    assert len(site.roster) == 0


def test_a_name_that_is_anothers_by_now_is_refused(site, curl):
    curl.post("/api/login", {"name": "ann"})
    site.advance(60)
    site.curl().post("/api/login", {"name": "ann"})
    assert is_problem(curl.get(STREAM), 409)


def test_other_methods(curl):
    takes_only(curl, STREAM, "GET")

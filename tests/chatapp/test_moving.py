"""A session that moves from one transport to another, on its cursor, in the midst of a burst."""

import json

import pytest

from tests.chatapp.harness import Site
from tests.web.harness import dechunk
from tests.web.peer import Peer


class Mover:
    """One session, that hears a room now in this way and now in that.

    Attributes:
        heard: the numbers of the messages, as they came.
        cursor: where it goes on.
    """

    def __init__(self, site, name):
        self.site = site
        self.curl = site.curl()
        self.curl.post("/api/login", {"name": name})
        self.heard = []
        self.cursor = site.room.cursor(site.room.log.end)

    def take(self, messages, cursor):
        self.heard += [message["seq"] for message in messages]
        self.cursor = cursor

    def long_poll(self, burst):
        """It waits, and is answered."""
        target = f"/chat/pull?since={self.cursor}"
        line = self.curl.ask("GET", target, Accept="application/json")
        burst()
        answer = self.curl.take(line).json
        self.take(answer["messages"], answer["cursor"])

    def lost_poll(self, burst):
        """The same, on a connection that breaks before the answer is read."""
        target = f"/chat/pull?since={self.cursor}"
        line = self.curl.ask("GET", target, Accept="application/json")
        burst()
        line.reset()

    def json_poll(self, burst):
        target = f"/api/rooms/1/messages?wait=10&limit=1000&since={self.cursor}"
        line = self.curl.ask("GET", target)
        burst()
        answer = self.curl.take(line).json
        self.take(answer["messages"], answer["cursor"])

    def websocket(self, burst):
        peer = self._socket()
        burst()
        self._read(peer)
        peer.bye(1001)

    def lost_websocket(self, burst):
        """Half of what comes is read, and then the connection is gone."""
        peer = self._socket()
        peer.transport.client_reads = False
        burst()
        peer.transport.read(len(peer.transport.unwritten) // 2)
        self._read(peer)
        peer.reset()

    def stream(self, burst):
        target = "/api/rooms/1/events"
        line = self.curl.ask("GET", target, **{"Last-Event-ID": self.cursor})
        burst()
        body = line.take().partition(b"\r\n\r\n")[2]
        for event in dechunk(body + b"0\r\n\r\n").decode().split("\n\n"):
            fields = dict(each.partition(": ")[::2] for each in event.split("\n"))
            if "data" in fields:
                self.take([json.loads(fields["data"])], fields["id"])
        line.reset()

    def _socket(self):
        query = f"/ws?cursor={self.cursor}"
        peer = Peer(self.site, query, ["chat.v1.json"], Cookie=self.curl.cookie)
        assert peer.status == 101
        return peer

    def _read(self, peer):
        for frame in map(json.loads, peer.heard()):
            if frame["type"] in ("message", "presence"):
                self.take([frame["message"]], frame["cursor"])
            assert frame["type"] != "gap"


WAYS = ["long_poll", "lost_poll", "json_poll", "websocket", "lost_websocket", "stream"]


@pytest.mark.parametrize("slice_size", [1, 128])
@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", WAYS)
def test_nothing_is_lost_and_nothing_comes_twice(first, second, slice_size):
    site = Site(slice_size=slice_size)
    other = site.curl()
    other.pull()
    ann = Mover(site, "ann")
    begun = site.room.log.end

    def burst():
        for _ in range(25):
            site.say("bob", "x" * 500)

    for way in [first, second, "websocket", first, "stream", second, "long_poll"]:
        getattr(ann, way)(burst)
        burst()
        site.advance(10)  # less than `chat.linger`
    ann.long_poll(lambda: None)
    assert ann.heard == list(range(begun + 1, site.room.log.end + 1))
    kinds = [message.kind for message in list(site.store.log[1])[begun:]]
    assert set(kinds) == {"say"}, "nobody has left, and nobody has come"
    assert "ann" in site.roster.names(site.room)


def test_who_stays_away_longer_has_left():
    site = Site()
    ann = Mover(site, "ann")
    ann.websocket(lambda: None)
    site.advance(20)
    ann.stream(lambda: None)
    assert [message.kind for message in site.store.log[1]] == ["join", "leave", "join"]

"""``/ws`` with the subprotocol ``chat.v1.json``: objects, both ways, with answers."""

import json

import pytest

from tests.chatapp.harness import Site
from tests.web.peer import Peer


@pytest.fixture
def site():
    return Site()


class Talker(Peer):
    """A client that has joined, with or without a name."""

    def __init__(self, site, name="", query=""):
        headers = {}
        if name:
            curl = site.curl()
            assert curl.post("/api/login", {"name": name}).status == 200
            headers["Cookie"] = curl.cookie
        super().__init__(site, f"/ws{query}", ["other", "chat.v1.json"], **headers)
        assert self.status == 101
        assert self.header("Sec-WebSocket-Protocol") == "chat.v1.json"

    def frames(self):
        """What has come since the last call."""
        return [json.loads(frame) for frame in self.heard()]

    def ask(self, **wish):
        """Send something; gives what has come since the last call."""
        self.say(json.dumps(wish))
        return self.frames()


def only(frames, type):
    (found,) = [frame for frame in frames if frame["type"] == type]
    return found


def test_the_first_frame_says_where_and_who_one_is(site):
    site.say("bob", "before")
    hello, before, presence = Talker(site, "ann").frames()
    assert hello == {
        "type": "hello",
        "room": {"id": 1, "name": site.room.name},
        "name": "ann",
        "cursor": site.room.cursor(0),
    }
    assert before["type"] == "message"
    assert before["message"]["text"] == "before"
    assert before["message"]["sender"] == "bob"
    assert before["cursor"] == site.room.cursor(1)
    assert (presence["type"], presence["message"]["kind"]) == ("presence", "join")


def test_what_is_said_is_heard_and_acknowledged(site):
    ann, bob = Talker(site, "ann"), Talker(site, "bob")
    ann.frames(), bob.frames()
    frames = ann.ask(type="say", text="hello", id="7")
    ack, told = only(frames, "ack"), only(frames, "message")
    assert ack == {"type": "ack", "message": told["message"], "new": True, "id": "7"}
    assert told["message"]["text"] == "hello"
    assert told == only(bob.frames(), "message")


def test_a_nonce_again_is_the_same_message(site):
    ann = Talker(site, "ann")
    first = only(ann.ask(type="say", text="once", nonce="n"), "ack")
    second = only(ann.ask(type="say", text="once", nonce="n"), "ack")
    assert (first["new"], second["new"]) == (True, False)
    assert first["message"] == second["message"]
    assert site.said() == ["once"]


def test_what_is_said_is_said_to_the_letter(site):
    only(Talker(site, "ann").ask(type="say", text="/nick bob"), "ack")
    assert site.said() == ["/nick bob"]


def test_what_one_does_is_said_so(site):
    said = Talker(site, "ann").ask(type="say", text="waves", kind="notice", nonce="n")
    message = only(said, "ack")["message"]
    assert (message["kind"], message["text"]) == ("notice", "ann waves")


def test_a_name_is_chosen(site):
    other, peer = Talker(site), Talker(site)
    other.frames(), peer.frames()
    assert only(peer.ask(type="nick", name=" ann ", id="x"), "named") == {
        "type": "named",
        "name": "ann",
        "id": "x",
    }
    presence = only(other.frames(), "presence")
    assert presence["message"]["text"] == "user ann has joined the room"
    peer.ask(type="nick", name="anna")
    assert only(other.frames(), "message")["message"]["text"] == "user ann is now anna"


def test_coming_and_going_are_events(site):
    other = Talker(site)
    ann = Talker(site, "ann")
    assert only(other.frames(), "presence")["message"]["kind"] == "join"
    ann.reset()
    site.advance(20)
    assert only(other.frames(), "presence")["message"]["kind"] == "leave"


def test_who_is_here(site):
    ann = Talker(site, "ann")
    Talker(site, "bob")
    answer = only(ann.ask(type="members", id="m"), "members")
    assert answer == {"type": "members", "members": [{"name": "ann"}, {"name": "bob"}], "id": "m"}


def test_the_past_is_asked_for(site):
    for number in range(30):
        site.say("bob", f"{number}")
    peer = Talker(site, query="?history=0")
    peer.frames()
    newest = only(peer.ask(type="history", limit=3), "history")
    assert [message["text"] for message in newest["messages"]] == ["27", "28", "29"]
    older = only(peer.ask(type="history", before=28, limit=2, id="o"), "history")
    assert [message["seq"] for message in older["messages"]] == [26, 27]
    assert older["id"] == "o"
    assert only(peer.ask(type="history", before=1), "history")["messages"] == []


def test_whether_the_server_is_there(site):
    assert only(Talker(site).ask(type="ping", id="p"), "pong") == {"type": "pong", "id": "p"}


def test_what_cannot_be_had_any_more_is_an_event(site):
    site = Site(window=5, keep=5)
    for number in range(20):
        site.say("bob", f"{number}")
    hello, gap, first, *_ = Talker(site, query=f"?cursor={site.room.cursor(3)}").frames()
    assert hello["cursor"] == site.room.cursor(3)
    assert gap == {
        "type": "gap",
        "missed": 12,
        "restarted": False,
        "resume": 16,
        "cursor": site.room.cursor(15),
    }
    assert first["message"]["seq"] == 16


def test_each_frames_cursor_is_where_to_go_on(site):
    for number in range(5):
        site.say("bob", f"{number}")
    frames = Talker(site).frames()
    for index, frame in enumerate(frames):
        again = Talker(site, query=f"?cursor={frame['cursor']}").frames()
        assert again[1:] == frames[index + 1 :]


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "truncated"),
        ("hello", "malformed"),
        ("[]", "object"),
        ("{}", "type"),
        ('{"type":"sing"}', "sing"),
        ('{"type":"say"}', "text"),
        ('{"type":"say","text":1}', "text"),
        ('{"type":"say","text":"x","more":1}', "more"),
        ('{"type":"say","text":"x","id":""}', "id"),
        ('{"type":"say","text":"x","nonce":"' + "n" * 65 + '"}', "nonce"),
        ('{"type":"history","limit":0}', "limit"),
        ('{"type":"history","before":0}', "before"),
        ("[" * 10_000, ""),
    ],
)
def test_what_is_none_of_it_is_an_error_and_nothing_is_done(site, text, said):
    peer = Talker(site)
    peer.frames()
    peer.say(text)
    (error,) = peer.frames()
    assert (error["type"], error["status"], error["title"]) == ("error", 400, "Bad Request")
    assert said in error["detail"]
    assert "id" not in error
    assert only(peer.ask(type="ping"), "pong")


def test_what_is_refused_says_so_with_the_id(site):
    Talker(site, "bob")
    ann = Talker(site, "ann")
    ann.frames()
    taken = only(ann.ask(type="nick", name="bob", id="1"), "error")
    assert (taken["status"], taken["id"]) == (409, "1")
    assert only(ann.ask(type="nick", name="a:b", id="2"), "error")["status"] == 400
    assert only(ann.ask(type="say", text="  ", id="3"), "error")["status"] == 400
    assert only(ann.ask(type="say", text="x" * 8193, id="4"), "error")["status"] == 413
    site.store.broken = "the disk is full"
    away = only(ann.ask(type="say", text="x", id="5"), "error")
    assert (away["status"], away["id"], away["retry_after"]) == (503, "5", 2)
    assert site.said() == []
    site.store.broken = ""
    assert only(ann.ask(type="say", text="x"), "ack")


def test_too_often_says_when_again():
    site = Site(push_rate=1, login_rate=1)
    ann = Talker(site, "ann")
    ann.frames()
    for _ in range(5):
        ann.ask(type="say", text="x")
    error = only(ann.ask(type="say", text="x"), "error")
    assert (error["status"], error["retry_after"]) == (429, 1)
    for name in "bcdefg":
        frames = ann.ask(type="nick", name=name)
    assert only(frames, "error")["status"] == 429
    site.advance(2)
    assert only(ann.ask(type="say", text="x"), "ack")


def test_a_text_of_the_longest_fits_however_it_is_written(site):
    peer = Talker(site)
    peer.frames()
    peer.say('{"type":"say","text":"' + "\\u0041" * 8192 + '"}')
    assert only(peer.frames(), "ack")["message"]["text"] == "A" * 8192


def test_one_message_is_framed_once_for_everybody(site):
    peers = [Talker(site) for _ in range(3)]
    site.say("bob", "hello")
    message = site.room.log.since(0, 1)[0]
    frame = message.forms["chat.v1"]
    assert [peer.frames()[-1]["message"]["text"] for peer in peers] == ["hello"] * 3
    assert message.forms["chat.v1"] is frame

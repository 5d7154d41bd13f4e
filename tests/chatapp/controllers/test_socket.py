"""``/ws`` without a subprotocol: lines of text, both ways."""

import pytest
from websockets.frames import Opcode

from tests.chatapp.harness import ADMIN, Site
from tests.web.peer import Peer


@pytest.fixture
def site():
    return Site()


def come(site, query="", curl=None, **more):
    """A client that has joined."""
    if curl is not None and curl.cookie is not None:
        more["Cookie"] = curl.cookie
    peer = Peer(site, f"/ws{query}", **more)
    assert peer.status == 101
    return peer


def named(site, name):
    curl = site.curl()
    assert curl.post("/api/login", {"name": name}).status == 200
    return curl


def test_what_is_sent_is_heard_by_all_and_by_who_sent_it(site):
    ann, bob = come(site, curl=named(site, "ann")), come(site, curl=named(site, "bob"))
    ann.heard(), bob.heard()
    ann.say("hello")
    assert ann.heard() == bob.heard() == ["ann: hello"]


def test_who_has_no_name_is_called_by_a_short_one(site):
    peer = come(site)
    cookie = peer.header("Set-Cookie")
    assert cookie and "HttpOnly" in cookie
    peer.say("hi")
    (line,) = peer.heard()
    name, _, text = line.partition(": ")
    assert text == "hi"
    assert len(name) == 6
    curl = site.curl()
    curl.cookie = cookie.partition(";")[0]
    curl.push("the same, by curl")
    assert peer.heard() == [f"{name}: the same, by curl"]


def test_who_joins_is_told_the_newest_messages(site):
    for number in range(60):
        site.say("bob", f"{number}")
    assert come(site).heard() == [f"bob: {number}" for number in range(10, 60)]
    assert come(site, "?history=2").heard() == ["bob: 58", "bob: 59"]
    assert come(site, "?history=0").heard() == []
    assert len(come(site, "?history=1000").heard()) == 60


def test_who_comes_back_goes_on_where_it_was(site):
    for number in range(60):
        site.say("bob", f"{number}")
    peer = come(site, f"?cursor={site.room.cursor(57)}")
    assert peer.heard() == ["bob: 57", "bob: 58", "bob: 59"]
    site.say("bob", "60")
    assert peer.heard() == ["bob: 60"]


def test_what_cannot_be_had_any_more_is_a_line(site):
    site = Site(window=5, keep=5)
    for number in range(20):
        site.say("bob", f"{number}")
    peer = come(site, f"?cursor={site.room.cursor(3)}")
    assert peer.heard()[:2] == ["-- 12 messages missed, resume from 16 --", "bob: 15"]
    assert come(site, "?history=50").heard() == [f"bob: {number}" for number in range(15, 20)]


def test_a_cursor_of_a_log_that_is_gone(site):
    site.say("bob", "new")
    peer = come(site, "?cursor=00000000.7")
    assert peer.heard() == ["-- the room began anew, resume from 1 --", "bob: new"]


def test_a_room_is_chosen(site):
    number = site.curl().post("/api/rooms", {"name": "other"}, **ADMIN).json["id"]
    peer, other = come(site, "?history=0"), come(site, f"?room={number}")
    site.say("bob", "elsewhere", room=number)
    site.say("bob", "here")
    assert peer.heard() == ["bob: here"]
    assert other.heard() == ["bob: elsewhere"]


@pytest.mark.parametrize(
    "query, status",
    [
        ("?room=99", 404),
        ("?room=x", 404),
        ("?cursor=x", 400),
        ("?cursor=9f3a01bc.99", 400),
        ("?history=-1", 400),
        ("?history=1001", 400),
        ("?history=x", 400),
    ],
)
def test_what_is_asked_wrongly_is_refused_before_there_is_a_websocket(site, query, status):
    peer = Peer(site, f"/ws{query}")
    assert peer.status == status
    assert peer.header("Upgrade") is None
    assert len(site.roster) == 0


@pytest.mark.case(44)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://a.evil.example"},
    ],
)
def test_a_page_of_another_site_is_refused_before_any_101(site, headers):
    peer = Peer(site, "/ws", **headers)
    assert peer.status == 403
    assert len(site.roster) == 0


def test_a_page_of_this_site_is_not(site):
    headers = {"Origin": "http://a", "Sec-Fetch-Site": "same-origin"}
    assert Peer(site, "/ws", **headers).status == 101


def test_who_does_not_ask_for_a_websocket_is_told_to(site):
    response = site.curl().get("/ws")
    assert response.status == 426
    assert response.header("upgrade") == "websocket"


def test_another_sessions_name_is_409(site):
    gone = named(site, "ann")
    site.advance(100)
    named(site, "ann")
    assert Peer(site, "/ws", Cookie=gone.cookie).status == 409


def test_a_store_that_is_away_is_503_and_then_1013(site):
    site = Site(window=5)
    for number in range(20):
        site.say("bob", f"{number}")
    behind = site.room.cursor(3)
    site.store.broken = "the disk is full"
    assert Peer(site, f"/ws?cursor={behind}").status == 503
    site.store.broken = ""
    peer = come(site, "?history=0")
    peer.transport.client_reads = False
    for number in range(20, 60):
        site.say("bob", f"{number}" * 4000)
    site.store.broken = "the disk is full"
    while peer.transport.unwritten:
        peer.transport.read(60_000)
        site.settle()
    assert peer.farewell.code == 1013
    peer.reply()
    peer.end()
    assert len(site.roster) == 0


def test_commands(site):
    ann = come(site, "?history=0", curl=named(site, "ann"))
    ann.heard()
    ann.say("/me waves")
    ann.say("/nick anna")
    ann.say("//slash")
    assert ann.heard() == [" * ann waves", " * user ann is now anna", "anna: /slash"]


def test_a_name_that_was_changed_is_the_sessions(site):
    """The cookie is older than the name, until an answer brings the new one."""
    curl = named(site, "ann")
    peer = come(site, curl=curl)
    peer.say("/nick anna")
    peer.heard()
    curl.push("by curl")
    assert peer.heard() == ["anna: by curl"]
    curl.pull("/chat/pull?timeout=0")
    assert site.roster.names(site.room) == ["anna"]
    peer.bye()
    site.advance(100)
    curl.push("later")
    assert site.said()[-1] == "later"
    assert site.store.log[1][-1].sender == "anna"


def test_what_cannot_be_said_is_a_line_for_who_said_it(site):
    named(site, "bob")
    ann = come(site, "?history=0", curl=named(site, "ann"))
    ann.heard()
    ann.say("   ")
    ann.say("x" * 8193)
    ann.say("/nick bob")
    ann.say("/nick a:b")
    site.store.broken = "the disk is full"
    ann.say("lost")
    lines = ann.heard()
    assert lines[:3] == [
        "-- The message is empty --",
        "-- A message has at most 8192 bytes --",
        "-- The name bob is in use; choose another one --",
    ]
    assert all(line.startswith("-- ") and line.endswith(" --") for line in lines)
    assert len(lines) == 5
    assert site.said() == []


@pytest.mark.parametrize("known", [True, False], ids=["with a cookie", "without"])
def test_too_often_is_a_line(known):
    site = Site(push_rate=1)
    peer = come(site, curl=named(site, "ann") if known else None)
    peer.heard()
    for number in range(8):
        peer.say(f"{number}")
    lines = peer.heard()
    assert sum(": " in line for line in lines) == 5
    assert lines.count("-- That was too often; wait a little --") == 3


def test_binary_is_not_spoken_here(site):
    peer = come(site)
    peer.frame(Opcode.BINARY, b"x")
    assert peer.farewell.code == 1003


@pytest.mark.case(55)
@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '"onerror=', "a\u202eb", "nul\0nul", "😀", "é" * 4096, "a\r\nb"],
)
def test_hostile_text_is_text(site, text):
    ann, other = come(site, curl=named(site, "ann")), come(site)
    ann.heard(), other.heard()
    ann.say(text)
    (line,) = other.heard()
    assert line.startswith("ann: ")
    assert "\0" not in line and "\u202e" not in line
    assert all(part.startswith("    ") for part in line.split("\r\n")[1:])
    if text.isprintable():
        assert line == f"ann: {text}"


def test_the_room_sees_it_come_and_linger_and_go(site):
    other = come(site, "?history=0")
    ann = come(site, curl=named(site, "ann"))
    assert "ann" in site.roster.names(site.room)
    other.heard()
    ann.bye()
    site.advance(14)
    assert other.heard() == []
    site.advance(5)
    assert other.heard() == [" * user ann has left the room"]
    assert len(site.roster) == 1


def test_a_slow_client_costs_a_bounded_queue_and_loses_nothing(site):
    site = Site(window=10, queue_size=5)
    peer = come(site, "?history=0")
    peer.transport.client_reads = False
    for number in range(300):
        site.say("bob", f"{number:03} " + "x" * 3000)
    (member,) = site.roster.members(site.room)
    (client,) = member.clients
    assert client.messages.qsize() <= 5
    assert len(peer.transport.unwritten) < 200_000
    heard = []
    while peer.transport.unwritten:
        peer.transport.read(20_000)
        site.settle()
        heard += peer.heard()
    assert [line[5:8] for line in heard] == [f"{number:03}" for number in range(300)]


def test_a_room_that_is_removed_says_goodbye(site):
    administrator = site.curl()
    number = administrator.post("/api/rooms", {"name": "other"}, **ADMIN).json["id"]
    peer = come(site, f"?room={number}")
    assert administrator.send("DELETE", f"/api/rooms/{number}", **ADMIN).status == 204
    assert peer.farewell.code == 1000
    assert "room" in peer.farewell.reason
    assert Peer(site, f"/ws?room={number}").status == 404


def test_who_logs_out_is_not_there_any_more(site):
    curl = named(site, "ann")
    peer = come(site, curl=curl)
    curl.post("/api/logout")
    assert peer.farewell.code == 1000


@pytest.mark.case(38)
def test_the_server_goes_away(site):
    peers = [come(site) for _ in range(3)]
    site.shut()
    assert [peer.farewell.code for peer in peers] == [1001] * 3
    for peer in peers:
        peer.reply()
        peer.end()
    assert len(site.roster) == 0
    assert site.service.connections == set()


def test_what_fails_is_logged_and_closes_with_1011(site, caplog, monkeypatch):
    peer = come(site)
    monkeypatch.setattr(site.roster.people, "free", lambda *_: 1 / 0)
    peer.say("hello")
    assert peer.farewell.code == 1011
    assert peer.farewell.reason == ""
    assert "ZeroDivisionError" in caplog.text


def test_two_tabs_of_a_session_are_one_person(site):
    curl = named(site, "ann")
    tabs = [come(site, "?history=0", curl=curl) for _ in range(3)]
    assert site.roster.names(site.room) == ["ann"]
    tabs[0].say("x")
    assert [tab.heard() for tab in tabs] == [["ann: x"]] * 3

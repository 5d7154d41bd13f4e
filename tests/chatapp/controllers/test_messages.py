"""Messages of one room: read by cursor, said once."""

from __future__ import annotations

import pytest

from tests.chatapp.controllers.refusals import (
    is_problem,
    refuses_bad_bodies,
    refuses_other_sites,
    takes_only,
)
from tests.chatapp.harness import Site

PATH = "/api/rooms/1/messages"


def texts(answer):
    return [message["text"] for message in answer.json["messages"]]


# To say something


def test_what_is_said_is_answered_with_its_place(site, curl):
    answer = curl.post(PATH, {"text": "hello "})
    assert answer.status == 201
    message = answer.json
    assert message.pop("time") > 0
    assert len(message.pop("sender")) == 6
    assert message == {"room": 1, "seq": 1, "kind": "say", "text": "hello"}
    assert site.said() == ["hello"]


def test_it_is_said_under_the_name_of_the_session(curl):
    curl.post("/api/login", {"name": "ann"})
    assert curl.post(PATH, {"text": "hello"}).json["sender"] == "ann"


def test_the_same_nonce_is_the_same_message(site, curl):
    curl.push("for a cookie")
    first = curl.post(PATH, {"text": "hello", "nonce": "n1"})
    again = curl.post(PATH, {"text": "hello", "nonce": "n1"})
    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert curl.post(PATH, {"text": "hello", "nonce": "n2"}).status == 201
    assert site.said() == ["for a cookie", "hello", "hello"]


def test_two_of_one_nonce_at_once_are_one_message(site, curl):
    curl.push("for a cookie")
    site.store.hold()
    lines = [
        curl.ask("POST", PATH, b'{"text": "x", "nonce": "n"}', Content_Type="application/json")
        for _ in range(3)
    ]
    site.store.let_go()
    site.settle()
    answers = [curl.take(line) for line in lines]
    assert sorted(answer.status for answer in answers) == [200, 200, 201]
    assert len({answer.body for answer in answers}) == 1


def test_what_one_does_is_said_once_as_well(site, curl):
    curl.post("/api/login", {"name": "ann"})
    wave = {"text": "waves", "kind": "notice", "nonce": "n"}
    first, again = curl.post(PATH, wave), curl.post(PATH, wave)
    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert (first.json["kind"], first.json["text"]) == ("notice", "ann waves")
    assert texts(curl.get(PATH)).count("ann waves") == 1


@pytest.mark.parametrize("kind", ["wall", "join", "removed", "removal", "", None])
def test_nothing_else_than_speech_can_be_said(site, curl, kind):
    assert is_problem(curl.post(PATH, {"text": "x", "kind": kind}), 400)
    assert site.said() == []


def test_a_nonce_is_the_sessions_own_and_the_rooms(site, curl):
    curl.push("for a cookie")
    other = site.curl()
    other.push("for a cookie")
    for each in (curl, other):
        assert each.post(PATH, {"text": "hello", "nonce": "n"}).status == 201


def test_the_store_never_sees_the_id_of_a_session(site, curl):
    curl.post(PATH, {"text": "hello", "nonce": "n"})
    session = curl.cookie.encode()
    ((_, key),) = site.store._keys
    assert len(key) == 32
    assert key.encode() not in session
    assert key != "n"


@pytest.mark.case(55)
@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '"onerror=', "\u202eevil", "a\0b", "\U0001f41d", "x" * 8192],
)
def test_hostile_text_stays_text(curl, text):
    assert curl.post(PATH, {"text": text}).json["text"] == text
    assert texts(curl.get(PATH)) == [text]


def test_commands_are_text_here(site, curl):
    for text in ("/nick bob", "/me waves", "//x"):
        assert curl.post(PATH, {"text": text}).json["text"] == text


@pytest.mark.parametrize("text", ["", "  ", "\r\n", "\u200b", "\u202e \u2060"])
def test_what_nobody_could_see_is_refused(curl, text):
    assert is_problem(curl.post(PATH, {"text": text}), 400)


def test_a_message_has_at_most_8192_bytes_however_it_is_escaped(site, curl):
    escaped = b'{"text": "%b"}' % (b"\\u0041" * 8192)
    assert curl.post(PATH, escaped).status == 201
    assert is_problem(curl.post(PATH, {"text": "é" * 4097}), 413)
    assert is_problem(curl.post(PATH, b'{"text": "x"%b}' % (b" " * 60_000)), 413)


@pytest.mark.parametrize("nonce", ["", "x" * 65, 7])
def test_a_bad_nonce_is_refused(curl, nonce):
    assert is_problem(curl.post(PATH, {"text": "x", "nonce": nonce}), 400)


@pytest.mark.case(40, 41, 42)
def test_bad_bodies_are_refused(site, curl):
    refuses_bad_bodies(curl, "POST", PATH)
    assert site.said() == []


@pytest.mark.case(43)
def test_a_page_of_another_site_cannot_speak(site, curl):
    refuses_other_sites(curl, "POST", PATH, {"text": "buy!"})
    assert site.said() == []


def test_one_can_speak_only_so_often(site):
    site = Site(push_rate=1)
    curl = site.curl()
    curl.push("for a cookie")
    statuses = [curl.post(PATH, {"text": "x"}).status for _ in range(6)]
    assert statuses == [201] * 5 + [429]
    answer = curl.push("x")
    assert (answer.status, answer.header("retry-after")) == (429, "1")
    site.advance(1)
    assert curl.push("x").status == 200


def test_who_sends_no_cookie_is_limited_by_network_ten_times_later():
    site = Site(push_rate=1)
    statuses = [site.curl().push("x").status for _ in range(52)]
    assert statuses == [200] * 50 + [429] * 2


def test_a_session_that_says_too_much_takes_nothing_from_its_neighbours():
    site = Site(push_rate=1)
    curl = site.curl()
    curl.push("for a cookie")
    for _ in range(100):
        curl.push("x")
    assert site.curl().push("hello").status == 200


def test_when_the_store_is_down_nothing_is_said(site, curl):
    site.store.broken = "The disk is full."
    assert is_problem(curl.post(PATH, {"text": "x"}), 503)
    assert site.room.log.end == 0


# To read


def say(site, count):
    for number in range(1, count + 1):
        site.say("ann", str(number))


def test_without_a_place_the_newest_are_read(site, curl):
    say(site, 120)
    answer = curl.get(PATH)
    assert answer.seqs == list(range(21, 121))
    assert answer.json["gap"] == {"missed": 0, "restarted": False}
    assert curl.get(f"{PATH}?limit=3").seqs == [118, 119, 120]
    assert curl.get(f"{PATH}?since={answer.json['cursor']}").seqs == []


def test_an_empty_room_has_a_place_too(site, curl):
    cursor = curl.get(PATH).json["cursor"]
    say(site, 1)
    assert curl.get(f"{PATH}?since={cursor}").seqs == [1]


def test_reading_needs_no_session(site, curl):
    assert curl.get(PATH).header("set-cookie") is None
    assert len(site.roster) == 0


def test_by_cursor_everything_comes_once(site, curl):
    say(site, 25)
    seen, cursor = [], site.room.cursor(0)
    while True:
        answer = curl.get(f"{PATH}?since={cursor}&limit=10")
        if not answer.seqs:
            break
        seen += answer.seqs
        cursor = answer.json["cursor"]
    assert seen == list(range(1, 26))


def test_older_ones_oldest_first(site, curl):
    say(site, 25)
    assert curl.get(f"{PATH}?before=11&limit=4").seqs == [7, 8, 9, 10]
    assert curl.get(f"{PATH}?before=1").seqs == []
    assert curl.get(f"{PATH}?before=900&limit=2").seqs == [24, 25]
    cursor = curl.get(f"{PATH}?before=11&limit=4").json["cursor"]
    assert curl.get(f"{PATH}?since={cursor}&limit=1").seqs == [11]


def test_what_the_log_no_longer_has_comes_out_of_the_store():
    site = Site(window=5)
    say(site, 20)
    curl = site.curl()
    answer = curl.get(f"{PATH}?since={site.room.cursor(2)}&limit=4")
    assert answer.seqs == [3, 4, 5, 6]
    assert answer.json["gap"]["missed"] == 0
    assert curl.get(f"{PATH}?limit=10").seqs == list(range(11, 21))


def test_what_the_store_has_lost_is_announced():
    site = Site(window=5, keep=10)
    say(site, 30)
    curl = site.curl()
    answer = curl.get(f"{PATH}?since={site.room.cursor(2)}&limit=4")
    assert answer.seqs == [21, 22, 23, 24]
    assert answer.json["gap"] == {"missed": 18, "restarted": False}
    fresh = curl.get(f"{PATH}?limit=25")
    assert fresh.seqs == list(range(21, 31))
    assert fresh.json["gap"]["missed"] == 0  # who has just come has missed nothing


def test_a_cursor_of_a_log_that_is_gone(site, curl):
    say(site, 2)
    answer = curl.get(f"{PATH}?since=00000000.7")
    assert answer.seqs == [1, 2]
    assert answer.json["gap"] == {"missed": 0, "restarted": True}


def test_a_poll_waits_for_what_comes(site, curl):
    line = curl.waits(f"{PATH}?since={site.room.cursor(0)}&wait=30")
    site.say("ann", "hello")
    answer = curl.take(line)
    assert texts(answer) == ["hello"]
    again = curl.waits(f"{PATH}?since={answer.json['cursor']}&wait=30")
    site.advance(29)
    assert not again.answered
    site.advance(2)
    answer = curl.take(again)
    assert answer.json["messages"] == []
    assert answer.json["cursor"] == site.room.cursor(1)


def test_a_burst_comes_whole_however_small_the_limit(site, curl):
    line = curl.waits(f"{PATH}?since={site.room.cursor(0)}&wait=30&limit=2")
    for text in "abc":
        site.hear(text)
    site.settle()
    answer = curl.take(line)
    assert texts(answer) == ["a", "b"]
    assert texts(curl.get(f"{PATH}?since={answer.json['cursor']}&wait=30")) == ["c"]


def test_a_dropped_poll_loses_nothing(site, curl):
    cursor = site.room.cursor(0)
    line = curl.waits(f"{PATH}?since={cursor}&wait=30")
    site.hear("hello")
    line.reset()
    site.settle()
    assert texts(curl.get(f"{PATH}?since={cursor}")) == ["hello"]


def test_thousands_of_polls_leave_nothing_behind(site, curl):
    for _ in range(50):
        line = curl.waits(f"{PATH}?since={site.room.cursor(0)}&wait=30")
        line.reset()
    assert site.room.log.statistics().subscribers == 0
    assert site.room.log.statistics().waiting == 0
    site.advance(120)
    assert len(site.roster) == 0


def test_who_polls_is_here(site, curl):
    curl.post("/api/login", {"name": "ann"})
    cursor = site.room.cursor(site.room.log.end)
    for _ in range(4):
        line = curl.waits(f"{PATH}?since={cursor}&wait=20")
        site.advance(21)
        assert curl.take(line).json["messages"] == []
        assert curl.get("/api/rooms/1/members").json == {"members": [{"name": "ann"}]}
    site.advance(30)
    assert curl.get("/api/rooms/1/members").json == {"members": []}


def test_two_polls_of_one_session_are_one_person(site, curl):
    curl.post("/api/login", {"name": "ann"})
    cursor = site.room.cursor(site.room.log.end)
    lines = [curl.waits(f"{PATH}?since={cursor}&wait={wait}") for wait in (5, 60)]
    site.advance(40)
    assert curl.take(lines[0]).status == 200
    assert curl.get("/api/rooms/1/members").json == {"members": [{"name": "ann"}]}


def test_when_the_server_goes_down_polls_are_answered(site, curl):
    line = curl.waits(f"{PATH}?since={site.room.cursor(0)}&wait=30")
    site.shut()
    (answer,) = line.answers()
    assert (answer.status, answer.json["messages"]) == (200, [])


@pytest.mark.parametrize(
    "query",
    [
        "since=", "since=x", "since=9f3a01bc.1", "since=9f3a01bc.-1", "before=0", "before=x",
        "before=", "limit=0", "limit=1001", "limit=-1", "limit=1.5", "limit=%D9%A1", "wait=-1",
        "wait=61", "wait=nan", "wait=x", "wait=", "since=9f3a01bc.0&before=1", "since=%ff",
    ],
)  # fmt: skip
def test_a_bad_query_is_refused(curl, query):
    assert is_problem(curl.get(f"{PATH}?{query}"), 400)


def test_a_page_of_another_site_is_not_here_in_its_visitors_name(site, curl):
    for headers in ({"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        assert is_problem(curl.get(f"{PATH}?wait=5", **headers), 403)
    assert len(site.roster) == 0


def test_when_the_store_is_down_the_past_cannot_be_read():
    site = Site(window=2)
    say(site, 9)
    site.store.broken = "The disk is gone."
    curl = site.curl()
    assert is_problem(curl.get(f"{PATH}?since={site.room.cursor(1)}"), 503)
    assert is_problem(curl.get(f"{PATH}?before=3"), 503)
    assert curl.get(f"{PATH}?since={site.room.cursor(7)}").seqs == [8, 9]


def test_another_room(site, curl):
    assert is_problem(curl.get("/api/rooms/2/messages"), 404)
    assert is_problem(curl.post("/api/rooms/2/messages", {"text": "x"}), 404)


def test_other_methods(curl):
    takes_only(curl, PATH, "GET, POST")


def test_the_past_comes_in_pieces_of_a_bounded_size(site):
    for number in range(100):
        site.say("bob", f"{number:03}" + "x" * 8000)
    curl, seq, sizes = site.curl(), 101, []
    while messages := curl.get(f"/api/rooms/1/messages?before={seq}&limit=1000").json["messages"]:
        assert [each["seq"] for each in messages] == list(range(seq - len(messages), seq))
        sizes.append(sum(len(each["text"]) for each in messages))
        seq = messages[0]["seq"]
    assert seq == 1
    assert max(sizes) <= 512 * 1024
    assert len(sizes) == 2

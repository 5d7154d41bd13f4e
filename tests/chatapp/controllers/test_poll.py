"""The ancestor's long-poll: what its page did, and what it could not know."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.controllers.poll import format_timestamp, parse_timestamp
from tests.chatapp.controllers.refusals import FOREIGN, is_problem, takes_only
from tests.chatapp.harness import Curl, Response, Site

PATH = "/chats/1/poll"
FORM = "application/x-www-form-urlencoded"


def speak(curl: Curl, text: str, path: str = PATH, **headers: str) -> Response:
    headers.setdefault("Content_Type", FORM)
    return curl.send("POST", path, urlencode({"new_message": text}).encode(), **headers)


def poll(curl: Curl, last: float, **query: str | int) -> Response:
    """As a script would ask: the number as its language writes it."""
    return curl.get(f"{PATH}?{urlencode({'lastupdate': repr(last), **query})}")


def test_below_0_it_answers_at_once_that_one_is_connected(site, curl):
    site.say("ann", "hello")
    answer = curl.get(f"{PATH}?lastupdate=-1")
    assert answer.json["status"] == 1
    assert answer.json["timestamp"] == 0.0
    assert answer.json["data"] == "connected..."
    assert answer.header("content-type") == "application/json"


def test_then_one_message_an_answer(site, curl):
    for text in ("one", "two"):
        site.say("ann", text)
    last = poll(curl, -1).json["timestamp"]
    seen = []
    for _ in range(2):
        answer = poll(curl, last).json
        assert answer["status"] == 1
        assert [message["text"] for message in answer["messages"]] == [answer["data"]]
        seen.append(answer["data"])
        last = answer["timestamp"]
    assert seen == ["one", "two"]


def test_the_next_one_is_waited_for(site, curl):
    site.say("ann", "before")
    last = poll(curl, 0.0).json["timestamp"]
    line = curl.waits(f"{PATH}?lastupdate={last}")
    site.say("ann", "hello")
    assert curl.take(line).json["data"] == "hello"


def test_when_none_comes_in_time_status_is_0_and_the_place_the_same(site, curl):
    site.say("ann", "before")
    last = poll(curl, 0.0).json["timestamp"]
    line = curl.waits(f"{PATH}?lastupdate={last}")
    site.advance(11)
    assert curl.take(line).json == {
        "status": 0,
        "timestamp": last,
        "data": "",
        "messages": [],
        "gap": {"missed": 0, "restarted": False},
    }


def test_a_batch_for_who_asks(site, curl):
    for text in "abcde":
        site.say("ann", text)
    answer = poll(curl, 0.0, limit=3).json
    assert answer["data"] == "a\nb\nc"
    assert [message["seq"] for message in answer["messages"]] == [1, 2, 3]
    assert poll(curl, answer["timestamp"], limit=3).json["data"] == "d\ne"


def test_without_lastupdate_and_with_0_it_begins_with_the_newest_hundred(site, curl):
    for number in range(1, 121):
        site.say("ann", str(number))
    assert curl.get(PATH).json["data"] == "21"
    assert poll(curl, 0.0, limit=1000).json["data"].split("\n") == [str(n) for n in range(21, 121)]


@pytest.mark.parametrize("window", [1, 3, 1000])
def test_nothing_is_lost_or_doubled_between_two_polls(window):
    site = Site(window=window)
    curl = site.curl()
    for number in range(30):
        if number % 3:  # some in one microsecond, as the clock has it
            site.advance(0.000_37)
        site.say("ann", str(number))
    seen, last = [], 0.0
    while len(seen) < 30:
        answer = poll(curl, last).json
        seen.append(answer["data"])
        last = answer["timestamp"]
    assert seen == [str(number) for number in range(30)]


@pytest.mark.parametrize("keep", [None, 8])
@pytest.mark.parametrize("seq", [1, 2, 11, 18, 19, 20])
def test_any_timestamp_is_found_in_the_store(keep, seq):
    site = Site(window=2, keep=keep)
    curl = site.curl()
    for number in range(1, 21):
        site.advance(0.5)
        site.say("ann", str(number))
    first = 1 if keep is None else 13
    between = site.loop.time() - 0.5 * (20 - seq) + 0.25
    expected = max(first, seq + 1)
    line = curl.ask("GET", f"{PATH}?lastupdate={between}")
    if expected > 20:
        assert not line.answered
    else:
        assert curl.take(line).json["data"] == str(expected)


def test_what_the_store_has_lost_is_told():
    site = Site(window=2, keep=4)
    curl = site.curl()
    for number in range(1, 11):
        site.advance(1)
        site.say("ann", str(number))
    answer = poll(curl, 1.5).json
    assert answer["data"] == "7"
    assert answer["gap"] == {"missed": 6, "restarted": False}


def test_a_timestamp_in_the_future_is_now(site, curl):
    site.say("ann", "before")
    line = curl.waits(f"{PATH}?lastupdate=9999999999.5")
    site.say("ann", "hello")
    assert curl.take(line).json["data"] == "hello"


@given(st.integers(min_value=0, max_value=8_589_934_592_000_000))
def test_a_timestamp_comes_back_as_the_microsecond_it_was(time):
    sent = format_timestamp(time)
    known: float = json.loads(sent)  # a double, as in every browser
    assert parse_timestamp(repr(known)) == time if "e" not in repr(known) else True
    assert parse_timestamp(f"{known:.6f}") == time
    assert parse_timestamp(sent.decode()) == time


@pytest.mark.parametrize(
    "last",
    ["x", "", "nan", "inf", "-inf", "1e9", "1_0", "0x1", "%201", "1" * 30, "%ff", "1.", "--1"],
)
def test_a_bad_lastupdate_is_refused(curl, last):
    assert is_problem(curl.get(f"{PATH}?lastupdate={last}"), 400)


@pytest.mark.parametrize("limit", ["0", "x", "1001", ""])
def test_a_bad_limit_is_refused(curl, limit):
    assert is_problem(curl.get(f"{PATH}?limit={limit}"), 400)


# JSONP


@pytest.mark.case(49)
@pytest.mark.parametrize("name", ["f", "jQuery_123", "$", "a.b.c", "_" + "x" * 63])
def test_with_a_callback_it_is_a_script_that_calls_it(site, curl, name):
    site.say("ann", "</script>\u2028<!--")
    answer = curl.get(f"{PATH}?lastupdate=0&callback={name}")
    assert answer.header("content-type") == "text/javascript; charset=utf-8"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.text.startswith(f"/**/{name}(")
    assert answer.text.endswith(");")
    assert "\u2028" not in answer.text
    called = json.loads(answer.text.removeprefix(f"/**/{name}(").removesuffix(");"))
    assert called["data"] == "</script>\u2028<!--"


@pytest.mark.case(49)
@pytest.mark.parametrize(
    "name", ["alert(1)//", "", "1f", "a b", "a;b", "x" * 65, "a\n", "f[0]", "\u00e9", "<x>"]
)
def test_a_callback_that_is_no_name_is_refused_before_any_wait(curl, name):
    answer = curl.get(f"{PATH}?lastupdate=0&callback={quote(name)}")
    assert is_problem(answer, 400)
    assert answer.header("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_script_of_any_site_can_read_but_never_in_its_visitors_name(site, headers):
    curl = site.curl()
    curl.post("/api/login", {"name": "bob"})
    site.advance(60)
    assert len(site.roster.people) == 0
    line = curl.waits(f"{PATH}?lastupdate=9999999999&callback=f", **headers)
    assert len(site.roster.people) == 0
    site.say("ann", "hello")
    answer = curl.take(line)
    assert b"hello" in answer.body
    assert answer.header("set-cookie") is None


@pytest.mark.parametrize("headers", FOREIGN)
def test_without_a_callback_it_is_for_this_site(curl, headers):
    assert is_problem(curl.get(f"{PATH}?lastupdate=0", **headers), 403)


# To speak


def test_new_message_is_said_and_wakes_everyone(site, curl):
    waiting, puller = site.curl(), site.curl()
    puller.pull()
    lines = waiting.waits(f"{PATH}?lastupdate=0"), puller.waits()
    answer = speak(curl, "hello & goodbye ")
    assert answer.status == 200
    assert answer.json["status"] == 1
    assert answer.json["data"] == "hello & goodbye"
    heard = waiting.take(lines[0]).json
    assert heard["timestamp"] == answer.json["timestamp"]
    assert heard["messages"] == answer.json["messages"]
    assert puller.take(lines[1]).text.endswith(": hello & goodbye\r\n")


def test_it_is_heard_only_in_its_room(site, curl):
    site.wait(site.rooms.create("two"))
    speak(curl, "hello", "/chats/2/poll")
    assert site.room.log.end == 0
    assert is_problem(curl.get("/chats/3/poll"), 404)
    assert is_problem(speak(curl, "x", "/chats/3/poll"), 404)


def test_commands(site, curl):
    assert speak(curl, "/nick ann").json["data"] == "ok"
    assert speak(curl, "/me waves").json["messages"][0]["kind"] == "notice"
    assert site.store.log[1][-1].text == "ann waves"


def test_who_polls_is_here(site, curl):
    curl.post("/api/login", {"name": "ann"})
    for _ in range(4):
        line = curl.waits(f"{PATH}?lastupdate=9999999999")
        site.advance(11)
        assert curl.take(line).json["status"] == 0
    assert curl.get("/api/rooms/1/members").json == {"members": [{"name": "ann"}]}


@pytest.mark.parametrize("text", ["", " ", "\u200b"])
def test_an_empty_message_is_refused(curl, text):
    assert is_problem(speak(curl, text), 400)


@pytest.mark.case(55)
@pytest.mark.parametrize(
    "text", ["<script>", '"onerror=', "\u202e", "a\0b", "\U0001f41d", "é" * 4096]
)
def test_hostile_text_stays_text(curl, text):
    if text == "\u202e":
        text += "x"
    assert speak(curl, text).json["data"] == text


def test_bad_forms_are_refused(site, curl):
    for body in (b"", b"other=1", b"&" * 10, b"new_message"):
        assert is_problem(curl.send("POST", PATH, body, Content_Type=FORM), 400), body
    many = b"&".join(b"a%d=1" % number for number in range(50))
    assert is_problem(curl.send("POST", PATH, many, Content_Type=FORM), 400)
    assert is_problem(curl.send("POST", PATH, b"\xff", Content_Type=FORM), 400)
    assert is_problem(speak(curl, "x" * 8193), 413)
    assert is_problem(
        curl.send("POST", PATH, b"new_message=" + b"x" * 60_000, Content_Type=FORM), 413
    )
    assert is_problem(speak(curl, "x", Content_Type="multipart/form-data"), 415)
    assert is_problem(speak(curl, "x", Content_Encoding="gzip"), 415)
    assert site.room.log.end == 0


@pytest.mark.case(39)
def test_broken_escapes_are_replaced(curl):
    answer = curl.send("POST", PATH, b"new_message=%zz%ff", Content_Type=FORM)
    assert answer.json["data"] == "%zz\ufffd"


@pytest.mark.case(43)
@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_cannot_speak(site, curl, headers):
    assert is_problem(speak(curl, "buy!", **headers), 403)
    assert site.room.log.end == 0


def test_one_can_speak_only_so_often():
    site = Site(push_rate=1)
    curl = site.curl()
    curl.push("for a cookie")
    assert [speak(curl, "x").status for _ in range(6)] == [200] * 5 + [429]


def test_when_the_server_goes_down_it_is_answered(site, curl):
    line = curl.waits(f"{PATH}?lastupdate=0")
    site.shut()
    (answer,) = line.answers()
    assert answer.json["status"] == 0


def test_other_methods(curl):
    takes_only(curl, PATH, "GET, POST")


def test_a_gap_is_told_though_what_follows_it_is_still_waited_for():
    site = Site(window=1, keep=1)
    site.say("ann", "a")
    curl = site.curl()
    last = poll(curl, 0.0).json["timestamp"]
    for text in "bc":
        site.say("ann", text)
    site.store.hold()
    speaking = site.curl().ask("POST", "/chat/push", b"d")
    (append,), site.store.holding = site.store.holding, None
    append.do()  # c is no longer kept, and d is not heard yet
    waiting = curl.waits(f"{PATH}?lastupdate={last!r}")
    append.wake()
    site.settle()
    assert speaking.take().endswith(b"ok 4\r\n")
    (answer,) = waiting.answers()
    assert (answer.seqs, answer.json["gap"]["missed"]) == ([4], 3)

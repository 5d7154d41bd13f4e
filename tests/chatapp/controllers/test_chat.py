"""Push and pull, as curl and the page see them."""

from __future__ import annotations

import pytest

from tests.chatapp.harness import Curl, Site

# Push


def test_push_answers_the_number_of_the_message(site):
    curl = site.curl()
    assert curl.push("hello").body == b"ok 1\r\n"
    assert curl.push("again").body == b"ok 2\r\n"


def test_who_only_pushes_costs_no_client_and_no_watcher(site):
    curl = site.curl()
    for _ in range(3):
        assert curl.push("hello").status == 200
    assert len(site.roster) == 0
    assert site.scheduler.statistics().coroutines == 0
    assert site.room.log.statistics().subscribers == 0


def test_push_speaks_under_the_name_of_the_session(site):
    bob, reader = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    reader.pull()
    bob.push("hello")
    assert reader.pull().text == "bob: hello\r\n"


def test_without_a_name_one_is_called_by_a_short_hexadecimal_one_that_stays(site):
    reader, curl = site.curl(), site.curl()
    reader.pull()
    curl.push("one")
    curl.push("two")
    (first, text), (second, _) = (line.split(": ") for line in reader.pull().text.splitlines())
    assert text == "one"
    assert first == second
    assert len(first) == 6
    assert set(first) <= set("0123456789ABCDEF")


def test_a_short_name_that_somebody_has_taken_is_made_longer(site):
    reader, curl, thief = site.curl(), site.curl(), site.curl()
    reader.pull()
    curl.push("one")
    name = reader.pull().text.partition(":")[0]
    thief.pull(f"/chat/pull/{name}")
    curl.push("two")
    longer = reader.pull().text.splitlines()[-1].partition(":")[0]
    assert longer.startswith(name)
    assert len(longer) == 12


def test_a_name_that_another_has_now_cannot_be_spoken_under(site):
    bob, other = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    site.advance(70)
    other.pull("/chat/pull/bob")
    answer = bob.push("I am bob")
    assert answer.status == 409
    assert "bob" in answer.text
    assert site.said() == []


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n", "\u2003\u00a0\t\n".encode()])
def test_an_empty_or_blank_message_is_refused(site, body):
    assert site.curl().push(body).status == 400
    assert site.room.log.end == 0


@pytest.mark.parametrize("body", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"caf\xe9"])
def test_a_message_that_is_not_utf_8_is_refused(site, body):
    assert site.curl().push(body).status == 400


def test_a_message_has_at_most_8192_bytes(site):
    curl = site.curl()
    assert curl.push("é" * 4096).status == 200
    assert curl.push("é" * 4096 + "x").status == 413


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "GZIP"])
def test_a_compressed_message_is_refused(site, encoding):
    assert site.curl().push("hello", Content_Encoding=encoding).status == 415
    assert site.curl().push("hello", Content_Encoding="identity").status == 200


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://chat.example.evil.example"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Origin": "http://chat.example", "Sec_Fetch_Site": "cross-site"},
]
OURS = [
    {},
    {"Origin": "http://chat.example"},
    {"Origin": "https://chat.example", "Sec_Fetch_Site": "same-origin"},
    {"Sec_Fetch_Site": "none"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_can_neither_speak_nor_name_its_visitor(site, headers):
    bob = site.curl()
    bob.pull("/chat/pull/bob")
    assert bob.push("buy!", **headers).status == 403
    assert bob.pull("/chat/pull/fool", **headers).status == 403
    assert site.said() == []
    assert site.roster.people.holder("fool") is None


@pytest.mark.parametrize("headers", OURS)
def test_our_page_and_curl_can(site, headers):
    curl = site.curl()
    assert curl.push("hello", **headers).status == 200
    assert curl.pull("/chat/pull/bob", **headers).status == 200


# Pull


def test_the_first_pull_answers_at_once_and_empty_whatever_was_said_before(site):
    site.curl().push("before")
    answer = site.curl().pull()
    assert (answer.status, answer.body) == (200, b"")
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.header("cache-control") == "no-store"


def test_a_later_pull_waits_and_is_answered_when_somebody_speaks(site):
    curl = site.curl()
    curl.pull()
    line = curl.waits()
    site.advance(5)
    site.curl().push("hello")
    assert curl.take(line).text.endswith(": hello\r\n")


def test_a_pull_waits_at_most_ten_seconds(site):
    curl = site.curl()
    curl.pull()
    line = curl.waits()
    site.advance(9.9)
    assert line.answers() == []
    site.advance(0.2)
    answer = curl.take(line)
    assert (answer.status, answer.body) == (200, b"")


def test_a_pull_joins_all_that_was_said_in_between(site):
    bob, reader = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    reader.pull()
    for text in ("one", "two", "three"):
        bob.push(text)
    assert reader.pull().body == b"bob: one\r\nbob: two\r\nbob: three\r\n"


def test_timeout_shortens_the_wait_and_cannot_lengthen_it(site):
    curl = site.curl()
    curl.pull()
    short, shortest = curl.waits("/chat/pull?timeout=1.5"), curl.ask("GET", "/chat/pull?timeout=0")
    site.advance(0.1)
    assert curl.take(shortest).body == b""
    long = curl.waits("/chat/pull?timeout=1000")
    site.advance(1.5)
    assert curl.take(short).body == b""
    site.advance(8.3)
    assert long.answers() == []
    site.advance(0.2)
    assert curl.take(long).body == b""


@pytest.mark.parametrize(
    "timeout", ["", "-1", "x", "nan", "inf", "1e3", "1_0", "%00", "%ff", "0x5", " 5", "9" * 400]
)
def test_a_timeout_that_is_none_is_refused(site, timeout):
    curl = site.curl()
    curl.pull()
    assert curl.pull(f"/chat/pull?timeout={timeout.replace(' ', '+')}").status == 400


def test_the_cursor_says_where_an_answer_ends_and_since_goes_on_from_there(site):
    reader, speaker = site.curl(), site.curl()
    start = reader.pull().header("x-chat-cursor")
    for text in ("one", "two"):
        speaker.push(text)
    end = reader.pull().header("x-chat-cursor")
    assert start == f"{site.room.epoch}.0"
    assert end == f"{site.room.epoch}.2"
    speaker.push("three")
    assert reader.read(f"/chat/pull?since={start}").seqs == [1, 2, 3]
    assert reader.read(f"/chat/pull?since={end}").seqs == [3]
    assert site.curl().read(f"/chat/pull?since={start}").seqs == [1, 2, 3]  # somebody new


def test_a_cursor_of_a_log_that_is_gone_is_said_to_be_so_and_everything_is_new(site):
    site.curl().push("hello")
    reader = site.curl()
    answer = reader.pull("/chat/pull?since=00000000.41")
    notice, message = answer.text.splitlines()
    assert notice == "-- the room began anew, resume from 1 --"
    assert message.endswith(": hello")
    assert answer.header("x-chat-cursor") == f"{site.room.epoch}.1"
    again = site.curl().read("/chat/pull?since=00000000.41")
    assert again.json["gap"] == {"missed": 0, "restarted": True}
    assert again.seqs == [1]


def test_a_notice_of_a_log_that_is_gone_is_not_lost_with_its_answer(site):
    reader = site.curl()
    reader.pull()
    reader.ask("GET", "/chat/pull?since=00000000.41").reset()
    assert reader.pull().text == "-- the room began anew, resume from 1 --\r\n"
    assert reader.waits()


@pytest.mark.parametrize("since", ["", "x", "17", "{epoch}.", "{epoch}.-1", "{epoch}.1", "00.1"])
def test_a_cursor_that_is_none_is_refused(site, since):
    assert site.curl().pull(f"/chat/pull?since={since.format(epoch=site.room.epoch)}").status == 400
    assert len(site.roster) == 0


def test_two_tabs_of_one_session_are_readers_of_their_own(site):
    curl = site.curl()
    curl.read("/chat/pull?tab=a")
    curl.read("/chat/pull?tab=b")
    curl.push("hello")
    assert curl.read("/chat/pull?tab=a").seqs == [1]
    assert curl.read("/chat/pull?tab=b").seqs == [1]
    assert len(site.roster) == 2


@pytest.mark.parametrize("tab", ["a" * 17, "a-b", "%20", "%c3%a9", "%00"])
def test_a_tab_has_at_most_16_letters_and_digits(site, tab):
    assert site.curl().pull(f"/chat/pull?tab={tab}").status == 400


def test_a_query_with_too_many_fields_is_refused(site):
    assert site.curl().pull("/chat/pull?" + "&".join(["a=b"] * 21)).status == 400


# Two pulls of one reader


def test_of_two_pulls_of_one_reader_the_newer_one_gets_what_is_said(site):
    curl = site.curl()
    curl.pull()
    old, new = curl.waits(), curl.waits()
    site.curl().push("hello")
    assert curl.take(new).text.endswith(": hello\r\n")
    assert old.answers() == []
    site.advance(10)
    assert curl.take(old).body == b""


def test_the_older_pull_does_not_claim_what_the_newer_one_got(site):
    curl = site.curl()
    start = curl.pull().header("x-chat-cursor")
    site.curl().push("one")
    here = curl.pull().header("x-chat-cursor")
    old = curl.waits(f"/chat/pull?since={here}")
    site.hear("two")
    new = curl.take(curl.ask("GET", f"/chat/pull?since={start}", Accept="application/json"))
    assert new.seqs == [1, 2]
    site.advance(10)
    (answer,) = old.answers()
    assert (answer.body, answer.header("x-chat-cursor")) == (b"", here)


def test_a_pull_whose_time_is_over_as_a_newer_one_is_answered_takes_nothing_from_it():
    site = Site(slice_size=1)
    curl = site.curl()
    curl.pull()
    old = curl.waits()
    site.hear("hello")
    new = curl.ask("GET", "/chat/pull", settle=False)
    for callback in [alarm.callback for _, _, alarm in site.loop._alarms if alarm.callback]:
        site.loop._now += 10
        callback()
    while not new.transport.arrived:  # the message is in the queue, the older pull about to go on
        assert site.loop.turn()
    assert b": hello" in new.transport.arrived
    new.reset()
    site.advance(10)
    assert [answer.body for answer in old.answers()] == [b""]
    assert curl.read().seqs == [1]


@pytest.mark.parametrize("idle", [1.0, 60.0])
def test_a_reader_whose_older_pull_ends_first_is_still_here(idle):
    site = Site(idle=idle)
    curl = site.curl()
    curl.pull()
    old = curl.waits()
    site.advance(0.5)
    new = curl.waits()
    old.reset()
    site.advance(9)
    site.curl().push("hello")
    assert curl.take(new).text.endswith(": hello\r\n")


def test_a_stopping_server_answers_at_once(site):
    curl: Curl = site.curl()
    curl.pull()
    line = curl.waits()
    line.connection.shut()
    site.loop.run_until_idle()
    (answer,) = line.answers()
    assert (answer.status, answer.body) == (200, b"")


def test_no_more_clients_than_there_may_be():
    site = Site(max_clients=2)
    first = site.curl()
    first.pull()
    site.curl().pull()
    refused = site.curl().pull("/chat/pull/bob")
    assert (refused.status, refused.header("retry-after")) == (503, "10")
    assert site.roster.people.holder("bob") is None
    assert first.waits()

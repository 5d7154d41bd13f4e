"""Who is here: a room hears of the coming and going of people with names, not of connections."""

from __future__ import annotations

import pytest

from tests.chatapp.harness import Curl, Site

JOINED = " * user bob has joined the room\r\n"
LEFT = " * user bob has left the room\r\n"


@pytest.fixture
def reader(site) -> Curl:
    curl = site.curl()
    curl.pull()
    return curl


def here(site: Site) -> list[str]:
    return sorted(member.person.name for member in site.roster.members(site.room))


def stay(curl: Curl, seconds: float, path: str = "/chat/pull") -> None:
    """Poll, as a page does."""
    for _ in range(int(seconds // 10)):
        line = curl.ask("GET", path)
        curl.site.advance(10)
        curl.take(line)


def test_the_room_hears_of_a_name_that_comes_but_not_who_comes(site, reader):
    bob = site.curl()
    assert bob.pull("/chat/pull/bob").body == b""
    assert reader.pull().text == JOINED
    line = bob.waits()
    site.advance(9.9)
    assert not line.answered


def test_nobody_hears_of_those_without_a_name(site, reader):
    site.curl().pull()
    site.advance(70)
    assert site.room.log.end == 0
    assert reader.read().json["messages"] == []


def test_between_two_polls_nobody_leaves(site, reader):
    bob = site.curl()
    bob.pull("/chat/pull/bob")
    for _ in range(5):
        site.advance(14)
        bob.read()
        assert "bob" in here(site)
    assert [each["kind"] for each in reader.read().json["messages"]] == ["join"]


def test_who_does_not_come_back_has_left_and_the_name_is_free(site, reader):
    bob, other = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    stay(reader, 10)
    site.advance(17)
    assert reader.pull().text == LEFT
    assert "bob" not in here(site)
    assert other.pull("/chat/pull/bob").status == 200
    assert bob.pull().status == 409


def test_who_waits_stays(site):
    bob = site.curl()
    bob.pull("/chat/pull/bob")
    stay(bob, 60)
    assert here(site) == ["bob"]


def test_several_tabs_are_one_person(site, reader):
    bob = site.curl()
    for tab in "ab":
        bob.pull(f"/chat/pull/bob?tab={tab}")
    assert reader.pull().text == JOINED
    stay(bob, 30, "/chat/pull/bob?tab=a")  # the other one is closed
    assert here(site)[-1] == "bob"
    stay(reader, 20)
    assert here(site) == [here(site)[0]]
    assert reader.pull("/chat/pull?timeout=0").text == ""


def test_who_comes_back_is_announced_again_and_goes_on_where_it_was(site, reader):
    bob = site.curl()
    bob.pull("/chat/pull/bob")
    reader.push("are you there?")
    site.advance(17)
    answer = bob.read()
    kinds = [(message["kind"], message["sender"]) for message in answer.json["messages"][1:]]
    assert kinds == [("leave", "bob"), ("join", "bob")]
    assert answer.json["messages"][0]["text"] == "are you there?"


def test_a_new_name_is_told(site, reader):
    bob = site.curl()
    bob.pull("/chat/pull/bob")
    bob.read("/chat/pull/bill")
    assert reader.pull().text == JOINED + " * user bob is now bill\r\n"
    assert here(site)[-1] == "bill"


def test_who_was_here_without_a_name_joins_with_its_first(site, reader):
    bob = site.curl()
    bob.pull()
    bob.read("/chat/pull/bob")
    assert reader.pull().text == JOINED


def test_a_name_with_braces_is_but_a_name(site, reader):
    site.curl().pull("/chat/pull/%7Bname%7D%7B0%7D")
    site.advance(17)
    assert reader.pull().text == (
        " * user {name}{0} has joined the room\r\n * user {name}{0} has left the room\r\n"
    )


def test_people_come_and_go_though_it_cannot_be_written_down(site, caplog):
    site.store.broken = "The disk is full."
    bob = site.curl()
    assert bob.pull("/chat/pull/bob").status == 200
    assert here(site) == ["bob"]
    site.advance(17)
    assert here(site) == []
    assert site.roster.people.holder("bob") is None
    assert "Traceback" not in caplog.text


def test_a_connection_that_drops_as_its_coming_is_told_leaves_nothing_behind(site):
    site.store.hold()
    bob = site.curl()
    line = bob.ask("GET", "/chat/pull/bob")
    assert not line.answered
    line.reset()
    site.store.let_go()
    site.advance(70)
    assert len(site.roster) == len(site.roster.people) == 0
    assert [message.kind for message in site.store.log[1]] == ["join", "leave"]
    assert site.scheduler.statistics().coroutines == 0


@pytest.mark.parametrize("read", [True, False])
def test_a_person_is_in_each_room_by_itself(site, reader, read):
    other = site.wait(site.rooms.create("other"))
    bob, there = site.curl(), site.curl()
    there.pull(f"/chat/pull?room={other.id}")
    bob.pull("/chat/pull/bob")
    bob.pull(f"/chat/pull?room={other.id}")
    assert there.pull(f"/chat/pull?room={other.id}").text == JOINED
    for _ in range(2):
        line = bob.ask("GET", f"/chat/pull?room={other.id}")
        site.advance(10)
        bob.take(line)
        reader.read()
    assert here(site) != ["bob"]  # it has left the one, and is in the other
    assert [each.person.name for each in site.roster.members(other)][-1] == "bob"
    assert site.roster.people.holder("bob") is not None


def test_login_without_reading_is_being_here_for_a_while(site, reader):
    assert site.wait(site.roster.join(site.room, "s" * 32, "bob"))[1]
    assert here(site)[-1] == "bob"
    reader.pull()
    site.begin(site.roster.reap()) if site.roster.reaper is None else None
    site.advance(17)
    assert "bob" not in here(site)


def test_logout_is_leaving_at_once_everywhere(site, reader):
    other = site.wait(site.rooms.create("other"))
    bob = site.curl()
    bob.pull("/chat/pull/bob")
    bob.pull(f"/chat/pull?room={other.id}")
    line = bob.waits()
    session = site.roster.people.holder("bob") or ""
    site.wait(site.roster.leave(session))
    assert reader.pull().text == JOINED + LEFT
    assert line.take().endswith(b"\r\n\r\n")  # nothing more, and at once
    assert site.roster.people.holder("bob") is None
    assert other.log.end == 2


def test_a_room_that_is_closed_lets_those_who_wait_go_on(site):
    other = site.wait(site.rooms.create("other"))
    bob = site.curl()
    bob.pull(f"/chat/pull/bob?room={other.id}")
    line = bob.waits(f"/chat/pull?room={other.id}")
    site.wait(site.rooms.remove(other))
    site.roster.close(other)
    site.settle()
    assert b" 200 OK" in line.take()
    assert bob.pull(f"/chat/pull?room={other.id}").status == 404
    assert len(site.roster) == len(site.roster.people) == 0

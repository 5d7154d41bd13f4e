"""What a person at a terminal sees, and what becomes of what is typed."""

from __future__ import annotations

import pytest

from chatapp.model.ports import Draft
from tests.chatapp.gateways.people import Person, door
from tests.chatapp.harness import ADMIN, Site


def test_who_comes_is_greeted_and_the_others_see_it(site, gateway):
    ann = Person(site, gateway, "192.0.2.1")
    assert ann.sees() == ["-- You are 192.0.2.1, in main. /help tells more --"]
    bob = Person(site, gateway, "192.0.2.2")
    assert ann.sees() == [" * New connection from 192.0.2.2"]
    assert bob.sees() == ["-- You are 192.0.2.2, in main. /help tells more --"]


def test_a_line_reaches_everyone_the_sender_too(comes):
    ann, bob = comes("192.0.2.1"), comes("192.0.2.2")
    assert ann.type("hello") == [" * New connection from 192.0.2.2", "192.0.2.1: hello"]
    assert bob.sees() == ["192.0.2.1: hello"]


def test_also_who_has_come_otherwise_and_the_other_way_round(site, comes):
    ann, curl = comes(), site.curl()
    curl.pull("/chat/pull/bob")
    ann.type("hello")
    assert curl.pull().text.endswith("192.0.2.1: hello\r\n")
    ann.sees()
    curl.push("hello ann")
    assert ann.sees() == ["bob: hello ann"]


def test_white_space_at_the_end_is_stripped_and_empty_lines_are_nothing(site, comes):
    ann = comes()
    assert ann.type("hello  \t ", "", "   ") == ["192.0.2.1: hello"]
    assert site.said() == ["hello"]


def test_those_of_one_address_are_told_apart(comes):
    ann, bob, eve = comes(), comes(), comes()
    assert eve.type("hello") == ["192.0.2.1 (3): hello"]
    bob.end()
    dan = comes()
    assert dan.type("hi")[-1] == "192.0.2.1 (2): hi"
    ann.end()


def test_a_name_is_announced_and_spoken_under(comes):
    ann, bob = comes("192.0.2.1"), comes("192.0.2.2")
    bob.sees()
    assert ann.type("/nick ann", "hello")[1:] == [
        "-- You are ann now --",
        " * user ann has joined the room",
        "ann: hello",
    ]
    assert bob.sees() == [" * user ann has joined the room", "ann: hello"]


def test_a_name_is_free_and_the_room_told_as_soon_as_its_person_has_gone(comes):
    ann, bob = comes("192.0.2.1"), comes("192.0.2.2")
    ann.type("/nick ann")
    ann.end()
    assert bob.sees()[-1] == " * user ann has left the room"
    assert "-- You are ann now --" in bob.type("/nick ann")


def test_who_had_no_name_goes_without_a_word(site, comes):
    ann, bob = comes("192.0.2.1"), comes("192.0.2.2")
    bob.end()
    ann.sees()
    site.advance(60)
    assert ann.sees() == []
    assert ann.type("/who") == ["-- In main: 192.0.2.1 --"]


def test_me(comes):
    ann = comes()
    assert ann.type("/me waves") == [" * 192.0.2.1 waves"]


def test_who(site, comes):
    ann, bob = comes("192.0.2.1"), comes("192.0.2.2")
    bob.type("/nick bob")
    site.curl().pull("/chat/pull/Cid")
    assert ann.type("/who")[-1] == "-- In main: 192.0.2.1, bob, Cid --"


def test_who_lists_so_many_and_no_more(site, comes):
    ann = comes()
    for number in range(100):
        site.curl().pull(f"/chat/pull/n{number:03}")
    ann.sees()
    (line,) = ann.type("/who")
    assert line.startswith("-- In main: 192.0.2.1, n000, n001, ")
    assert line.endswith(", n098, and 1 more --")


def test_help_names_every_command(comes):
    lines = comes().type("/help")
    for command in ("/nick", "/me", "/who", "/join", "/history", "/quit", "//"):
        assert any(line.startswith(f"-- {command} ") for line in lines)


def test_quit(site, comes):
    ann = comes()
    assert ann.type("/quit") == ["-- Goodbye --"]
    assert ann.over
    assert len(site.roster) == 0


def test_who_goes_sees_its_last_lines_come_back(site, comes):
    ann = comes()
    ann.send(b"one\n/nick ann\ntwo\n/quit\nthree\n")
    shown = ann.sees()
    said = ["192.0.2.1: one", " * user ann has joined the room", "ann: two"]
    assert [line for line in shown if not line.startswith("--")] == said
    assert shown[-1] == "-- Goodbye --"
    assert site.said() == ["one", "two"]


@pytest.mark.parametrize("text", ["/etc/hosts", "/HELP", "/helpme", "/", "/ who"])
def test_what_is_no_command_is_said(site, comes, text):
    assert comes().type(text) == [f"192.0.2.1: {text}"]


def test_two_slashes_are_one_that_is_said(comes):
    assert comes().type("//quit", "///") == ["192.0.2.1: /quit", "192.0.2.1: //"]


# Rooms


def test_rooms_are_listed(rooms, comes):
    assert comes().type("/join") == [
        "-- 1  main --",
        "-- 3  three --",
        "-- 2  two --",
        "-- You are in main --",
    ]


@pytest.mark.parametrize("wanted", ["2", "two", " TWO "])
def test_one_is_gone_to_by_number_or_by_name(site, rooms, comes, wanted):
    ann = comes()
    ann.type("/nick ann")
    assert ann.type(f"/join {wanted}", "hello") == [
        "-- You are in two now --",
        " * user ann has joined the room",
        "ann: hello",
    ]
    site.say("bob", "not here")
    site.say("bob", "here", room=2)
    assert ann.sees() == ["bob: here"]
    assert [message.text for message in site.store.log[1]][-2:] == [
        "user ann has left the room",
        "not here",
    ]


def test_it_is_told_where_it_is_before_what_is_said_there(site, rooms, comes):
    ann = comes()
    ann.type("/nick ann")
    site.store.hold()
    site.begin(site.broker.publish(Draft(2, "bob", "before you are announced")))
    told = ann.type("/join two")
    (first,), site.store.holding = site.store.holding, []
    first.do()
    first.wake()
    site.settle()
    assert told + ann.sees() == ["-- You are in two now --", "bob: before you are announced"]
    site.store.let_go()
    site.settle()
    assert ann.sees() == [" * user ann has joined the room"]


def test_who_moves_keeps_its_name_also_one_that_was_given(rooms, comes):
    ann, bob = comes(), comes()
    assert bob.type("/join two", "hello")[-1] == "192.0.2.1 (2): hello"
    assert ann.type("/join two", "hi")[-1] == "192.0.2.1: hi"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("/join nowhere", "There is no such room."),
        ("/join main", "You are in main already."),
        ("/nick", "A name has at least one character that is not blank."),
        ("/nick -- the server", "A name has no two dashes at its beginning."),
        ("/nick bob", "The name bob is in use; choose another one."),
        ("/history x", "/history takes a number from 1 to 1000."),
        ("/history 0", "/history takes a number from 1 to 1000."),
        ("/history 1001", "/history takes a number from 1 to 1000."),
        ("\u200b", "The message is empty."),
    ],
)
def test_what_cannot_be_is_told_and_nothing_happens(site, rooms, comes, line, why):
    site.curl().pull("/chat/pull/bob")
    ann = comes()
    assert ann.type(line) == [f"-- {why[:-1]} --"]
    assert ann.type("hello") == ["192.0.2.1: hello"]


def test_when_its_room_is_removed_it_is_in_the_main_one(site, rooms, comes):
    ann = comes()
    ann.type("/nick ann", "/join two")
    assert site.curl().send("DELETE", "/api/rooms/2", **ADMIN).status == 204
    assert ann.sees() == [
        "-- The room is gone; you are in main now --",
        " * user ann has joined the room",
    ]
    assert ann.type("hello") == ["ann: hello"]


def test_who_cannot_go_there_as_its_name_is_taken_by_now_has_to_go(site, rooms, comes):
    ann = comes()
    ann.type("/nick ann", "/join two")
    site.roster.close(site.rooms.find("2"))
    site.roster.join(site.room, "another", "ann")
    site.settle()
    assert ann.sees() == ["-- The name ann is in use; choose another one --"]
    assert ann.over


# The past


def test_history(site, comes):
    for number in range(30):
        site.say("bob", f"{number}")
    ann = comes()
    assert ann.type("/history 3") == [
        "bob: 28",
        "bob: 29",
        " * New connection from 192.0.2.1",
        "-- That is what was said in main --",
    ]
    assert len(ann.type("/history")) == 21
    assert len(ann.type("/history 1000")) == 32


def test_history_out_of_the_store_and_no_more_than_is_kept():
    site = Site(window=2, keep=5)
    for number in range(10):
        site.say("bob", f"{number}")
    ann = Person(site, door(site))
    ann.sees()
    *past, _ = ann.type("/history 100")
    assert past[-3:] == ["bob: 8", "bob: 9", " * New connection from 192.0.2.1"]
    assert not any(line.startswith("--") for line in past)


def test_what_is_said_while_the_past_is_read_comes_once():
    site = Site(window=2, keep=5)
    for number in range(10):
        site.say("bob", f"{number}")
    ann = Person(site, door(site))
    ann.sees()
    site.store.hold()
    site.begin(site.broker.publish(Draft(1, "bob", "meanwhile")))
    ann.type("/history 100")
    site.store.let_go()
    site.settle()
    assert ann.sees().count("bob: meanwhile") == 1


def test_history_comes_whole_however_long_it_is(site, comes):
    for _ in range(200):
        site.say("bob", "x" * 8000)
    ann = comes()
    assert len(ann.type("/history 200")) == 201


# What goes wrong


def test_a_store_that_is_away_is_told_and_what_was_missed_comes_later():
    site = Site(window=1, queue_size=1)
    ann = Person(site, door(site))
    ann.sees()
    ann.transport.client_reads = False
    ann.connection.pause_writing()
    for number in range(5):
        site.say("bob", f"{number}")
    site.store.broken = "The disk is full."
    ann.transport.client_reads = True
    ann.connection.resume_writing()
    site.settle()
    assert "-- The disk is full --" in ann.sees()
    assert ann.type("hello") == ["-- The disk is full --"]
    site.advance(30)
    assert ann.sees() == []
    site.store.broken = ""
    site.advance(3)
    assert ann.sees()[-1] == "bob: 4"


def test_a_reader_that_is_slow_loses_nothing_that_is_kept_and_is_told_of_the_rest():
    site = Site(window=2, queue_size=1, keep=3)
    ann = Person(site, door(site))
    ann.sees()
    ann.transport.client_reads = False
    ann.connection.pause_writing()
    for number in range(50):
        site.say("bob", f"{number}")
    ann.transport.client_reads = True
    ann.connection.resume_writing()
    site.settle()
    lines = ann.sees()
    assert lines[-1] == "bob: 49"
    (gap,) = [line for line in lines if line.startswith("-- ")]
    said = [line for line in lines if line.startswith("bob: ")]
    assert int(gap.split()[1]) + len(said) == 50


def test_too_often_is_told():
    site = Site(push_rate=1)
    ann = Person(site, door(site))
    assert ann.type(*"12345")[-2:] == ["192.0.2.1: 4", "-- That was too often; wait a little --"]
    site.advance(1)
    assert ann.type("again") == ["192.0.2.1: again"]


def test_where_there_is_no_place_one_is_told_so():
    site = Site(max_clients=1)
    Person(site, door(site))
    bob = Person(site, door(site))
    assert bob.sees() == ["-- Too many are here; try again later --"]
    assert bob.over


# Nobody can say what the server says


@pytest.mark.case(55)
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\u202eevil", "<202E>evil"),
        ("\x1b[2J\x07", "␛[2J␇"),
        ("one\x0bbob: two", "one|    bob: two"),
        ("🐝 👩‍💻", "🐝 👩‍💻"),
        ("x" * 8192, "x" * 8192),
    ],
    ids=ascii,
)
def test_hostile_text_is_shown_as_text(comes, said, shown):
    ann, bob = comes("192.0.2.1"), comes("192.0.2.2")
    ann.type(said)
    assert "|".join(bob.sees()) == f"192.0.2.1: {shown}"


def test_a_rooms_name_cannot_pass_for_something_else(site, comes):
    site.curl().post("/api/rooms", {"name": "a\u202eb"}, **ADMIN)
    assert comes().type("/join a\u202eb") == ["-- You are in a<202E>b now --"]


def test_who_is_taken_out_of_the_main_room_has_to_go(site, comes):
    ann = comes()
    (client,) = site.roster.clients()
    site.begin(site.roster.leave(client.member.person.session))
    assert ann.sees() == ["-- You were disconnected --"]
    assert ann.over

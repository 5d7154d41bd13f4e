"""How a page at /chatter stays in the room, and goes: whatever it, the room and the store do."""

from __future__ import annotations

import pytest

from chatapp.live import delivery
from tests.chatapp.harness import ADMIN, Site
from tests.chatapp.pages import ChatterPage, Refused, chatter_site

pytestmark = pytest.mark.usefixtures("no_tracebacks")

LINGER = 25.0  # seconds; a little more than chat.linger has by itself


def lines(first: int, last: int) -> list[str]:
    return [f"bob: {number}" for number in range(first, last + 1)]


def say_all(site: Site, first: int, last: int) -> None:
    for number in range(first, last + 1):
        site.say("bob", str(number))


def told(site: Site) -> list[str]:
    """What the room was told, all of it."""
    messages = site.curl().get("/api/rooms/1/messages").json["messages"]
    return [message["text"] for message in messages]


def enter(site: Site, name: str = "eve") -> ChatterPage:
    page = ChatterPage(site)
    page.enter(name)
    assert page.shown()[-1] == f" * user {name} has joined the room"
    return page


# Slow, and behind


def test_a_slow_page_costs_a_bounded_queue_and_one_call() -> None:
    site = chatter_site(queue_size=5, window=20)
    page = enter(site)
    (member,) = site.roster.members(site.room)
    (client,) = member.clients
    page.answers = False
    for number in range(1, 101):
        site.say("bob", str(number))
        page.hear()
        assert client.messages.qsize() <= 5
        assert len(page.unanswered) == 1
    assert page.shown() == lines(1, 1)
    page.answers = True
    page.answer()
    assert page.shown() == lines(2, 100)


def test_a_page_is_told_what_it_has_missed_for_ever() -> None:
    site = chatter_site(queue_size=5, window=10, keep=10)
    page = enter(site)
    page.answers = False
    say_all(site, 1, 50)
    assert page.shown() == lines(1, 1)
    page.answers = True
    page.answer()
    assert page.shown() == ["-- 39 messages missed, resume from 42 --", *lines(41, 50)]


def test_what_is_too_much_for_one_call_comes_in_several() -> None:
    page = enter(chatter_site(live={"live.max_message": "1024"}))
    page.answers = False
    say_all(page.site, 1, 1)
    page.hear()
    say_all(page.site, 2, 200)
    assert page.shown() == lines(1, 1)
    page.answers = True
    page.answer()
    assert page.shown() == lines(2, 200)


def test_a_text_that_fits_in_no_call_is_told_of() -> None:
    page = enter(chatter_site(live={"live.max_message": "1024"}))
    page.site.say("bob", "x" * 2000)
    page.site.say("bob", "short")
    assert page.shown() == ["-- What bob says is too long for this page --", "bob: short"]


def test_what_is_removed_while_a_page_does_not_keep_up_is_not_told(monkeypatch) -> None:
    site = chatter_site()
    page = enter(site)
    page.hear()
    monkeypatch.setattr(delivery, "MOST", 1)
    page.begin("say", "")  # the page does not hear yet that it is refused
    site.say("bob", "something that nobody should read")
    seq = site.room.log.end
    assert site.curl().send("DELETE", f"/api/rooms/1/messages/{seq}", **ADMIN).status == 204
    monkeypatch.undo()
    site.advance(3)
    assert page.shown() == [" * ", f" * message {seq} was removed"]


def test_a_page_that_cannot_show_something_is_told_what_follows(site: Site) -> None:
    page = enter(site)
    page.answers = False
    site.say("bob", "1")
    page.hear()
    page.fail()
    page.answers = True
    site.say("bob", "2")
    assert page.shown() == ["bob: 1", "bob: 2"]


# The store


def test_an_outage_of_the_store_is_told_of_once_and_then_all_follows() -> None:
    site = chatter_site(queue_size=5, window=10)
    page = enter(site)
    page.answers = False
    say_all(site, 1, 50)
    page.hear()
    site.store.broken = "The disk is full."
    page.answers = True
    page.answer()
    assert page.shown() == ["bob: 1", "-- The disk is full --"]
    for _ in range(5):
        site.advance(2)
        assert page.shown() == []
    with pytest.raises(Refused, match="The disk is full"):
        page.say("hello")
    site.store.broken = ""
    site.advance(2)
    assert page.shown() == lines(2, 50)


def test_who_comes_while_the_store_is_broken_sees_the_past_later() -> None:
    site = chatter_site(window=10)
    say_all(site, 1, 40)
    site.store.broken = "The disk is full."
    page = ChatterPage(site)
    page.enter("eve")
    assert page.shown() == ["-- The disk is full --"]
    site.store.broken = ""
    site.advance(2)
    site.say("bob", "41")
    assert page.shown() == lines(1, 41)


# Going


def test_who_closes_the_page_leaves_as_from_every_transport(site: Site) -> None:
    page = enter(site, "bob")
    (member,) = site.roster.members(site.room)
    page.close()
    assert member.clients == ()
    assert site.curl().pull("/chat/pull/bob").status == 409
    site.advance(LINGER)
    assert told(site) == ["user bob has joined the room", "user bob has left the room"]
    assert site.curl().pull("/chat/pull/bob").status == 200


def test_a_page_that_is_not_heard_of_any_more_leaves_too(site: Site) -> None:
    enter(site, "bob")
    site.advance(60 + LINGER)
    assert site.roster.names(site.room) == []


def test_a_reload_is_no_leave_and_asks_with_the_name_in_the_box(site: Site) -> None:
    page = enter(site, "bob")
    page.close()
    again = ChatterPage(site, page.curl)
    assert (page.suggested, again.suggested) == ("", "bob")
    again.enter("bob")
    assert again.shown() == [" * user bob has joined the room"]
    assert told(site) == ["user bob has joined the room"]


def test_one_tab_that_goes_does_not_take_the_other_with_it(site: Site) -> None:
    page = enter(site, "bob")
    tab = ChatterPage(site, page.curl)
    tab.enter("bob")
    page.close()
    tab.shown()
    for _ in range(4):
        site.advance(LINGER)
        tab.hear()
    tab.say("still here")
    assert tab.shown() == ["bob: still here"]


def test_who_logs_out_is_told_and_may_come_again(site: Site) -> None:
    page = enter(site, "bob")
    page.curl.post("/api/logout")
    page.hear()
    assert (len(site.roster), site.room.log.statistics().subscribers) == (0, 0)
    assert (page.name, page.note) == ("", "You are not in the room any more.")
    with pytest.raises(Refused, match="Choose a username first"):
        page.say("hello")
    page.enter("rob")
    assert page.shown()[-2:] == [" * user bob has left the room", " * user rob has joined the room"]
    page.say("hello")
    assert page.shown() == ["rob: hello"]


def test_when_all_pages_have_gone_nothing_is_left_of_them(site: Site) -> None:
    for number in range(3):
        page = enter(site, f"bob {number}")
        page.say("hello")
        if number == 1:
            page.curl.post("/api/logout")
            page.hear()
        page.close()
    ChatterPage(site).close()
    site.advance(120)
    statistics = site.scheduler.statistics()
    assert (statistics.coroutines, statistics.ready, statistics.timers) == (0, 0, 0)
    assert (len(site.roster), len(site.roster.people), site.roster.reaper) == (0, 0, None)
    assert site.room.log.statistics().subscribers == 0


@pytest.mark.parametrize("by_curl", [False, True])
def test_a_page_that_goes_while_it_comes_leaves_nothing(site: Site, by_curl: bool) -> None:
    curl = site.curl()
    if by_curl:  # so that its session has a name already, and the room is told of the new one
        curl.pull("/chat/pull/ann")
        site.advance(1)
    page = ChatterPage(site, curl)
    site.store.hold()
    page.begin("setUsername", "bob")
    page.close()
    site.store.let_go()
    site.settle()
    assert [
        client.tab for member in site.roster.members(site.room) for client in member.clients
    ] == ([""] if by_curl else [])
    site.advance(700)
    assert site.scheduler.statistics().coroutines == 0


def test_who_asks_twice_for_a_name_at_once_is_there_once(site: Site) -> None:
    page = ChatterPage(site)
    site.store.hold()
    page.begin("setUsername", "bob")
    page.begin("setUsername", "rob")
    site.store.let_go()
    assert page.shown() == [" * user bob has joined the room", " * user bob is now rob"]
    assert page.name == "rob"
    assert len(site.roster) == 1


# Coming back


def test_a_page_that_lost_its_channel_goes_on_where_it_was(site: Site) -> None:
    page = enter(site)
    say_all(site, 1, 3)
    assert page.shown() == lines(1, 3)
    say_all(site, 4, 5)
    page.open()
    page.enter("eve")
    assert page.shown() == lines(4, 5)


def test_a_page_of_a_log_that_is_gone_is_told_that_it_began_anew(page: ChatterPage) -> None:
    page.cursor = "00000000.7"
    page.enter("eve")
    assert page.shown() == [
        "-- the room began anew, resume from 1 --",
        " * user eve has joined the room",
    ]


@pytest.mark.parametrize("cursor", ["nonsense", "9f3a01bc.99"])
def test_a_cursor_that_is_none_lets_nobody_in(page: ChatterPage, cursor: str) -> None:
    page.cursor = cursor
    with pytest.raises(Refused) as refused:
        page.enter("eve")
    assert refused.value.args[0] == "BadCursor"
    assert page.site.roster.names(page.site.room) == []

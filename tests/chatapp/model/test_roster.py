"""Who is here, under which name, and for how long."""

from __future__ import annotations

import gc

import pytest

from cogen.web.receipt import Receipt
from tests.chatapp.harness import Site


def test_a_name_that_somebody_has_is_refused_to_another(site):
    bob, other = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    refused = other.pull("/chat/pull/bob")
    assert refused.status == 409
    assert refused.text.startswith("409 Conflict: The name bob is in use")
    assert len(site.roster) == 1
    assert other.pull("/chat/pull/bill").status == 200


@pytest.mark.parametrize("alike", ["BOB", "%20bob", "%EF%BD%82ob", "b%E2%80%8Bob", "bob%EF%BB%BF"])
def test_so_is_one_that_looks_the_same(site, alike):
    site.curl().pull("/chat/pull/bob")
    assert site.curl().pull(f"/chat/pull/{alike}").status == 409


def test_a_name_is_free_again_when_its_holder_is_gone(site):
    site.curl().pull("/chat/pull/bob")
    site.advance(70)
    assert site.roster.people.holder("bob") is None
    assert site.curl().pull("/chat/pull/bob").status == 200


def test_a_name_is_free_again_when_its_holder_takes_another(site):
    bob = site.curl()
    bob.pull("/chat/pull/bob")
    bob.read("/chat/pull/bill")
    assert site.roster.people.holder("bill")
    assert site.curl().pull("/chat/pull/bob").status == 200


def test_a_refused_name_leaves_the_old_one(site):
    bob, bill = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    bill.pull("/chat/pull/bill")
    assert bill.read("/chat/pull/bob").status == 409
    reader = site.curl()
    reader.pull()
    bill.push("hello")
    assert reader.pull().text == "bill: hello\r\n"


def test_one_may_write_ones_name_in_another_way(site):
    bob = site.curl()
    bob.pull("/chat/pull/bob")
    assert bob.read("/chat/pull/Bob").status == 200
    person = site.roster.people.get(site.roster.people.holder("bob") or "")
    assert person is not None
    assert person.name == "Bob"
    site.advance(70)
    assert site.roster.people.holder("bob") is None


def test_a_name_once_chosen_needs_not_be_said_again(site):
    bob, reader = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    bob.read()
    reader.pull()
    bob.push("hello")
    assert reader.pull().text == "bob: hello\r\n"


@pytest.mark.parametrize("settings", [{}, {"idle": 3.0, "linger": 2.0}])
def test_who_does_not_pull_is_removed_and_all_that_belongs_to_it(settings):
    site = Site(**settings)
    idle = settings.get("idle", 60.0)
    site.curl().pull("/chat/pull/bob")
    session = site.roster.people.holder("bob")
    site.advance(idle * 0.99)
    assert len(site.roster) == 1
    site.advance(idle * 0.2)
    assert len(site.roster) == 0
    assert site.roster.people.holder("bob") is None
    assert site.roster.people.get(session) is None
    assert site.room.log.statistics().subscribers == 0
    assert site.room.log.statistics().waiting == 0
    assert site.scheduler.statistics().coroutines == 0  # not even the roster's own
    assert site.scheduler.statistics().timers == 0


def test_who_pulls_again_and_again_is_not(site):
    curl = site.curl()
    curl.pull()
    for _ in range(5):
        site.advance(50)
        curl.read()
    assert len(site.roster) == 1


def test_who_waits_is_not_idle():
    site = Site(pull_timeout=1000.0)
    curl = site.curl()
    curl.pull()
    line = curl.waits()
    site.advance(900)
    assert len(site.roster) == 1
    site.curl().push("hello")
    assert curl.take(line).text.endswith(": hello\r\n")
    site.advance(70)
    assert len(site.roster) == 0


def test_who_drops_the_connection_is_idle_from_then_on(site):
    curl = site.curl()
    curl.pull()
    curl.waits().reset()
    site.advance(70)
    assert len(site.roster) == 0


def test_who_was_removed_goes_on_where_it_was(site):
    curl = site.curl()
    curl.pull()
    site.advance(70)
    site.curl().push("hello")
    assert len(site.roster) == 0
    assert curl.read().seqs == [1]
    site.advance(70)
    assert curl.read().seqs == []


def test_the_answer_that_was_lost_before_it_was_removed_is_given_again(site):
    curl = site.curl()
    curl.pull()
    waiting = curl.waits()
    waiting.transport.client_reads = False
    site.curl().push("hello")
    waiting.reset()
    site.advance(70)
    assert len(site.roster) == 0
    assert curl.read().seqs == [1]


def test_idle_ones_are_removed_in_turn_after_the_roster_was_empty(site):
    for _ in range(3):
        site.curl().pull("/chat/pull/bob")
        site.advance(70)
        assert len(site.roster) == 0


def test_of_seventeen_tabs_the_one_that_was_idle_longest_makes_place(site):
    curl = site.curl()
    for number in range(16):
        curl.read(f"/chat/pull/bob?tab={number}")
        site.advance(1)
    curl.push("hello")
    curl.read("/chat/pull/bob?tab=16")
    assert len(site.roster) == 16
    assert curl.read("/chat/pull/bob?tab=1").seqs == [2]
    assert curl.read("/chat/pull/bob?tab=0").seqs == [2]  # it made place, and goes on
    assert len(site.roster) == 16
    assert len(site.roster) == 16


def test_a_tab_that_waits_makes_no_place(site):
    curl = site.curl()
    lines = []
    for number in range(16):
        curl.read(f"/chat/pull/bob?tab={number}")
        lines.append(curl.waits(f"/chat/pull/bob?tab={number}"))
    assert curl.pull("/chat/pull/bill?tab=16").status == 503
    assert site.roster.people.holder("bob")
    assert site.roster.people.holder("bill") is None
    site.curl().push("hello")
    assert {curl.take(line).status for line in lines} == {200}


def test_sixty_four_characters_of_any_script_fit_into_the_cookie(site):
    curl = site.curl()
    name = "%F0%9F%90%9D" * 64
    assert curl.pull(f"/chat/pull/{name}").status == 200
    assert curl.cookie is not None
    assert len(curl.cookie) < 4000
    curl.push("buzz")
    assert curl.read().json["messages"][0]["sender"] == "🐝" * 64


def test_memory_is_flat_after_a_hundred_thousand_clients_have_come_and_gone():
    site = Site(keep=0, max_clients=2000)
    room, roster, loop = site.room, site.roster, site.loop

    def come_and_go(count: int) -> int:
        for number in range(count):
            session = f"{number:032x}"
            client, _, _ = roster.enter(room, session, "", f"name {number}", chosen=False)
            client.resume(Receipt())
            client.watcher = site.scheduler.add(client.watch())
            roster.rest(client)
        site.scheduler.add(roster.reap())
        loop.run_until_idle()
        for text in ("one", "two"):  # some lies unread in every queue
            site.say("bob", text)
        loop.advance(70)
        assert len(roster) == len(roster.people) == 0
        return len(gc.get_objects())

    gc.collect()
    gc.disable()  # reference counts alone free them
    try:
        come_and_go(1000)
        before = come_and_go(1000)
        for _ in range(98):
            after = come_and_go(1000)
    finally:
        gc.enable()
    # Two more messages in the log each time: 980 messages with the dictionary of their forms.
    assert after - before < 1000
    assert room.log.statistics().subscribers == 0
    assert site.scheduler.statistics().coroutines == 0

"""The chat at /chatter: a name, and a talk with everybody else in the default room."""

from __future__ import annotations

import pytest

from chatapp.config.live import make_live
from tests.chatapp.harness import ADMIN, Curl, Site
from tests.chatapp.pages import CHATTER, ChatterPage, LivePage, Refused, chatter_site

pytestmark = pytest.mark.usefixtures("no_tracebacks")

SCRIPT = "<script>alert(1)</script>"
TOO_OFTEN = "Refusal", "That was too often; wait a little."


def refusal(page: LivePage, method: str, *arguments: object) -> tuple[str, str]:
    """The type and the text with which the call fails."""
    with pytest.raises(Refused) as refused:
        page.call(method, *arguments)
    kind, text = refused.value.args
    return kind, text


def test_everybody_hears_who_has_come(page: ChatterPage, ann: Curl) -> None:
    page.enter("  bob ")
    assert page.name == "bob"
    assert ann.read().json["messages"][-1]["text"] == "user bob has joined the room"
    assert page.shown()[-1] == " * user bob has joined the room"


def test_who_comes_sees_what_was_said_last_and_then_everything_once(
    site: Site, page: ChatterPage, ann: Curl
) -> None:
    for number in range(60):
        ann.push(f"line {number}")
    page.enter("bob")
    ann.push("news")
    past = [f"ann: line {number}" for number in range(11, 60)]
    assert page.shown() == [*past, " * user bob has joined the room", "ann: news"]


def test_a_page_and_curl_talk_in_one_order(bob: ChatterPage, ann: Curl) -> None:
    bob.shown()
    bob.say("hello")
    ann.push("hi bob")
    bob.say("how are you?")
    said = ["bob: hello", "ann: hi bob", "bob: how are you?"]
    assert bob.shown() == said
    assert ann.pull().text.splitlines() == said


def test_what_is_said_at_once_keeps_its_order(site: Site, bob: ChatterPage) -> None:
    bob.shown()
    site.store.hold()
    for number in range(5):
        bob.begin("say", f"line {number}")
    site.store.let_go()
    assert bob.shown() == [f"bob: line {number}" for number in range(5)]


def test_a_name_belongs_to_one_session_on_every_transport(
    site: Site, page: ChatterPage, bob: ChatterPage, ann: Curl
) -> None:
    taken = "NameTaken", "The name ann is in use; choose another one."
    assert refusal(page, "setUsername", "ann") == taken
    assert refusal(page, "setUsername", "BOB")[0] == "NameTaken"
    assert site.curl().pull("/chat/pull/bob").status == 409
    page.enter("eve")
    assert page.name == "eve"


@pytest.mark.parametrize("name", ["", "  ", "a:b", "--a", "a\nb", "x" * 65, "\u200b", "192.0.2.1"])
def test_bad_names_are_refused(site: Site, page: ChatterPage, name: str) -> None:
    kind, text = refusal(page, "setUsername", name)
    assert kind == "BadName"
    assert text.startswith("A name has ")
    assert site.roster.names(site.room) == []


def test_a_name_is_a_text(page: ChatterPage) -> None:
    assert refusal(page, "setUsername", {"name": "bob"})[0] == "BadArguments"


def test_nobody_speaks_without_a_name(site: Site, page: ChatterPage) -> None:
    expected = "NotLoggedIn", "Choose a username first."
    assert refusal(page, "say", "hello") == expected
    assert site.said() == []


def test_another_name_later_is_a_new_name_for_who_is_there(bob: ChatterPage, ann: Curl) -> None:
    bob.shown()
    bob.enter("rob")
    bob.say("/nick robert")
    assert bob.name == "robert"
    assert bob.shown() == [" * user bob is now rob", " * user rob is now robert"]
    kind, text = refusal(bob, "say", "/nick ann")
    assert (kind, text) == ("NameTaken", "The name ann is in use; choose another one.")


def test_a_page_learns_the_name_that_another_tab_took(site: Site, bob: ChatterPage) -> None:
    tab = ChatterPage(site, bob.curl)
    tab.enter("rob")
    bob.hear()
    assert bob.name == "rob"
    tab.say("/nick robert")
    bob.hear()
    assert bob.name == "robert"
    assert site.roster.names(site.room) == ["robert"]


def test_me_is_what_one_does(bob: ChatterPage) -> None:
    bob.shown()
    bob.say("/me waves")
    assert bob.shown() == [" * bob waves"]


def test_a_wall_is_an_alert_for_who_is_there_and_a_line_for_who_comes_later(
    site: Site, bob: ChatterPage
) -> None:
    site.curl().post("/api/wall", {"text": "tea is ready"}, **ADMIN)
    assert bob.shown()[-1] == " ! administrator: tea is ready"
    assert bob.alerts == ["tea is ready"]
    eve = ChatterPage(site)
    eve.enter("eve")
    assert " ! administrator: tea is ready" in eve.shown()
    assert eve.alerts == []


@pytest.mark.parametrize("text", [SCRIPT, "two\nlines", "\u202egnp.exe", "x" * 8192, "é" * 4096])
def test_a_text_arrives_to_the_letter(bob: ChatterPage, ann: Curl, text: str) -> None:
    bob.shown()
    bob.say(text)
    ann.push(text)
    assert bob.shown() == [f"bob: {text}", f"ann: {text}"]


def test_texts_that_nobody_could_read_are_refused(site: Site, bob: ChatterPage) -> None:
    too_long = "Refusal", "A message has at most 8192 bytes."
    assert refusal(bob, "say", "x" * 8193) == too_long
    assert refusal(bob, "say", " \u200b") == ("Refusal", "The message is empty.")
    assert refusal(bob, "say", "x" * 40_000)[0] == "BadArguments"
    assert site.said() == []


def test_one_speaks_only_so_often() -> None:
    bob = ChatterPage(chatter_site(push_rate=0.1))
    bob.enter("bob")
    for _ in range(4):
        bob.say("hello")
    assert refusal(bob, "say", "hello") == TOO_OFTEN


def test_one_chooses_a_name_only_so_often() -> None:
    bob = ChatterPage(chatter_site(login_rate=0.1))
    for number in range(5):
        bob.enter(f"bob {number}")
    assert refusal(bob, "setUsername", "rob") == TOO_OFTEN
    assert refusal(ChatterPage(bob.site, bob.curl), "setUsername", "rob") == TOO_OFTEN
    bob.say("hello")


def test_no_more_come_in_than_may() -> None:
    site = chatter_site(max_clients=1)
    ChatterPage(site).enter("bob")
    crowded = "Crowded", "Too many are here; try again later."
    assert refusal(ChatterPage(site), "setUsername", "eve") == crowded


def test_alone_it_has_no_chat() -> None:
    site = Site()
    site.service.application = make_live({}, element=CHATTER)
    page = LivePage(site, path="")
    assert refusal(page, "setUsername", "bob") == ("NoChat", "There is no chat here.")

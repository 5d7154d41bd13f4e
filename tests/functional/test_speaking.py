"""What people notice at the chat page when what they say has difficulties, or is a command."""

from playwright.sync_api import Route, expect

from tests.functional.browser import SAY, Room, assert_accessible, hold_the_answer


def test_what_is_said_in_an_outage_waits_and_is_said_in_its_order(room: Room) -> None:
    bob, eve = room.enter("bob"), room.enter("eve")
    room.server.stop()
    bob.is_lost()
    bob.say("hear me")
    bob.say("and me")
    expect(bob.pending).to_have_text(["hear me", "and me"])
    expect(bob.box).to_have_value("")
    assert_accessible(bob.page)
    room.server.start()
    for person in (bob, eve):
        person.sees("hear me", "and me")
    expect(bob.pending).to_have_count(0)
    expect(bob.note).to_be_empty()


def test_what_was_said_is_said_once_though_its_answer_was_lost(room: Room) -> None:
    bob, held = room.enter("bob"), list[Route]()
    bob.page.route(SAY, hold_the_answer(held), times=1)
    bob.say("heard before the loss")
    bob.sees("heard before the loss")
    expect(bob.pending).to_have_count(0)
    held[0].abort()
    bob.say("next")
    bob.sees("heard before the loss", "next")
    expect(bob.pending).to_have_count(0)


def test_what_the_server_refuses_is_given_back(room: Room) -> None:
    bob = room.enter("bob")
    problem = {"status": 403, "title": "Forbidden", "detail": "You may not speak for 5 minutes."}
    bob.page.route(SAY, lambda route: route.fulfill(status=403, json=problem), times=1)
    bob.say("hear me")
    expect(bob.note).to_have_text(
        "Not sent: You may not speak for 5 minutes. Your text is still here."
    )
    expect(bob.box).to_have_value("hear me")
    bob.box.press("Enter")
    bob.sees("hear me")
    room.complaints.clear()  # of the 403


def test_commands_are_done_and_the_page_knows_its_new_name(room: Room) -> None:
    bob, eve = room.enter("bob"), room.enter("eve")
    bob.say("/me waves")
    expect(eve.notices).to_contain_text([f"{bob.nick} waves"])
    bob.say(f"/nick {bob.nick}-2")
    expect(eve.notices).to_contain_text([f"{bob.nick} waves", f"{bob.nick}-2"])
    bob.say("//nick is a command")
    expect(eve.texts).to_have_text(["/nick is a command"])
    expect(bob.messages.first).to_contain_text("(you)")
    expect(bob.page.locator("#me")).to_have_text(f"{bob.nick}-2")

"""How the administrator's page shows what it shows: to all people, at every width, and quietly."""

from playwright.sync_api import Page, expect

from tests.functional.administrators import PASSWORD, TICK, VIEWS, Admin, Site, prepared, site
from tests.functional.browser import (
    Curl,
    assert_good_in_all_looks,
    assert_no_sideways_scrolling,
    chromium,
)

__all__ = ["chromium", "prepared", "site"]

HOSTILE = "<img src=x onerror=alert(1)>\"'&"
LONG_WORD = "Donaudampfschiff" * 4

COUNT_SHIFTS = """() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts += entry.value;
    }).observe({ type: "layout-shift" });
}"""


def fill(site: Site, admin: Admin, word: str) -> Curl:
    """Something to be seen in every view."""
    curl = Curl(site.server.url, word)
    curl.pull()
    curl.push(f"{word} and more")
    admin.page.get_by_label("A new room’s name").fill(word)
    admin.press("Add the room")
    expect(admin.rows("All rooms, by name")).to_have_count(2)
    admin.view("People")
    admin.press(f"Mute {word}")
    admin.dialog.get_by_label("Reason").fill(word)
    admin.dialog.get_by_role("button", name="Do it").click()
    expect(admin.dialog).to_be_hidden()
    expect(admin.page.locator("#sanctions-table")).to_contain_text(word)
    return curl


ALL_VIEWS = [*VIEWS, "Messages main"]


def show(admin: Admin, view: str) -> None:
    if view.startswith("Messages"):
        admin.view("Rooms")
        admin.page.get_by_role("link", name=view).click()
        expect(admin.rows("Newest first").first).to_be_visible()
    else:
        admin.view(view)


def test_hostile_text_is_shown_as_text_everywhere(site: Site) -> None:
    admin = site.log_in()
    fill(site, admin, HOSTILE)
    for view in ALL_VIEWS:
        show(admin, view)
        if view != "Wall":
            expect(admin.page.locator("#page section:visible")).to_contain_text(HOSTILE)
        assert admin.page.locator("#page section img, #page section script").count() == 0
    admin.view("Rooms")
    admin.press(f"Remove {HOSTILE}")
    expect(admin.dialog).to_contain_text(HOSTILE)
    assert admin.dialog.locator("img").count() == 0


def test_axe_finds_nothing_in_what_is_asked_and_refused(site: Site) -> None:
    admin = site.come()
    admin.log_in("not the password at all")
    expect(admin.alert).not_to_be_empty()
    assert_good_in_all_looks(admin.page)
    admin.log_in()
    admin.is_in()
    for view, button in {"Rooms": "Rename main", "People": "Somebody who has gone…"}.items():
        admin.view(view)
        admin.press(button)
        expect(admin.dialog).to_be_visible()
        assert_good_in_all_looks(admin.page)
        admin.page.keyboard.press("Escape")
    admin.view("Rooms")
    admin.page.get_by_label("A new room’s name").fill("two")
    admin.press("Add the room")
    admin.press("Remove two")
    expect(admin.dialog).to_be_visible()
    assert_good_in_all_looks(admin.page)


def test_320_pixels_are_enough(site: Site) -> None:
    admin = site.come(viewport={"width": 320, "height": 480})
    assert_no_sideways_scrolling(admin.page)
    admin.log_in()
    admin.is_in()
    fill(site, admin, LONG_WORD)
    for view in ALL_VIEWS:
        show(admin, view)
        assert_no_sideways_scrolling(admin.page)
    admin.view("People")
    admin.press("Somebody who has gone…")
    assert_no_sideways_scrolling(admin.page)
    assert admin.dialog.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") == 0


# Names of columns that have no room, where the rows are no cards.
CUT = """table => table.tHead.clientWidth < 2 ? [] : [...table.querySelectorAll("thead th")]
    .filter(head => head.scrollWidth > head.clientWidth || head.clientWidth < 40)
    .map(head => head.textContent)"""


def test_tables_have_room_for_their_columns_at_every_width(site: Site) -> None:
    admin = site.log_in()
    fill(site, admin, LONG_WORD)
    for view in ALL_VIEWS:
        show(admin, view)
        for width in (640, 961, 1060, 1153, 1280):
            admin.page.set_viewport_size({"width": width, "height": 720})
            assert_no_sideways_scrolling(admin.page)
            for table in admin.page.locator("table:visible").all():
                assert table.evaluate(CUT) == [], (view, width)


def test_a_refresh_moves_nothing_and_leaves_the_focus_where_it_is(site: Site) -> None:
    admin, bob = site.log_in(), site.curl("bob")
    admin.view("Server")
    wake = admin.page.get_by_role("button", name="Wake client 1", exact=True)
    wake.focus()
    admin.page.evaluate(COUNT_SHIFTS)
    for n in range(3):
        bob.push(f"line {n}")
        admin.refreshed()
    expect(wake).to_be_focused()
    row = admin.rows("Readers of the rooms").first
    expect(row).to_contain_text("3 of")
    assert admin.page.evaluate("window.shifts") == 0


def test_nothing_is_asked_while_the_page_is_hidden_or_left_alone(site: Site) -> None:
    admin = site.come()
    admin.log_in()
    admin.is_in()
    admin.view("Server")
    asked: list[str] = []
    admin.page.on("request", lambda request: asked.append(request.url))
    hide(admin.page, True)
    admin.page.clock.run_for(60_000)
    assert asked == []
    hide(admin.page, False)
    admin.refreshed()
    admin.page.clock.fast_forward(601_000)
    expect(admin.state).to_contain_text("Paused, as nobody")
    asked.clear()
    admin.page.clock.run_for(60_000)
    assert asked == []
    admin.page.keyboard.press("Shift")
    admin.refreshed()
    admin.press("Pause")
    expect(admin.state).to_contain_text("Paused at")
    asked.clear()
    admin.page.clock.run_for(60_000)
    assert asked == []


def hide(page: Page, hidden: bool) -> None:
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_what_cannot_be_refreshed_is_said(site: Site) -> None:
    admin = site.log_in()
    site.server.stop()
    admin.page.clock.fast_forward(TICK)
    expect(admin.state).to_have_text("Not up to date: The server cannot be reached.")
    expect(admin.said).to_contain_text("cannot be reached")
    admin.page.get_by_label("A new room’s name").fill("two")
    admin.press("Add the room")
    expect(admin.alert).to_have_text("The server cannot be reached.")
    site.server.start()
    admin.refreshed()
    admin.press("Add the room")
    expect(admin.rows("All rooms, by name")).to_have_count(2)


def test_all_of_it_by_keyboard_alone(site: Site) -> None:
    admin = site.come()
    keys = admin.page.keyboard
    for text in ("admin", PASSWORD):
        keys.type(text)
        keys.press("Tab")
    keys.press("Shift+Tab")
    keys.press("Enter")
    admin.is_in()
    expect(admin.page.get_by_role("heading", name="Rooms")).to_be_focused()
    keys.press("Tab")
    keys.type("lobby")
    keys.press("Enter")
    rows = admin.rows("All rooms, by name")
    expect(rows).to_have_count(2)
    press_until(admin, "Rename lobby")
    keys.press("Enter")
    keys.type("two")
    keys.press("Enter")
    expect(rows).to_contain_text(["main", "two"])
    expect(admin.page.get_by_role("button", name="Rename two")).to_be_focused()
    press_until(admin, "Remove two")
    keys.press("Enter")
    expect(admin.dialog.get_by_role("button", name="Cancel")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(rows).to_have_count(1)
    expect(admin.page.get_by_role("link", name="Messages main")).to_be_focused()
    keys.press("Enter")
    expect(admin.page.get_by_role("heading", name="Messages in main")).to_be_focused()


def press_until(admin: Admin, name: str) -> None:
    """Tab, till that has the focus."""
    wanted = admin.page.get_by_role("button", name=name, exact=True)
    for _ in range(20):
        if wanted.evaluate("button => button === document.activeElement"):
            return
        admin.page.keyboard.press("Tab")
    expect(wanted).to_be_focused()

"""The quick exit: gone in the same tick, nothing behind it, and never by accident."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from tests.browser.conftest import Site, sign_up, wait_for_the_lock, watched
from tests.browser.test_accessibility import PUBLIC
from tests.conftest import PASSWORD

AWAY = re.compile(r"/robots\.txt$")
GUIDE = [path for name, path in PUBLIC.items() if name not in {"join", "sign in", "recover"}]
WORDS = "something nobody else is to see"


def write(page: Page, name: str) -> None:
    sign_up(page, name)
    page.goto("/journal/2/")
    page.locator("#id_text").fill(WORDS)
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    page.goto("/journal/2/")


def shift(page: Page, times: int) -> None:
    """Press Shift, either of the two."""
    for turn in range(times):
        page.keyboard.press(("ShiftLeft", "ShiftRight")[turn % 2])


@pytest.mark.parametrize("how", ["button", "second skip link", "shift", "shift in the box"])
def test_it_leads_away_locks_and_shows_nothing_on_back(page: Page, how: str) -> None:
    write(page, "exit-" + how.replace(" ", "-"))
    if how == "button":
        page.locator("#exit").click()
    elif how == "second skip link":
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    elif how == "shift":
        shift(page, 3)
    else:
        page.locator("#id_text").focus()
        shift(page, 3)
    page.wait_for_url(AWAY)
    for _ in range(3):
        page.go_back()
        expect(page.locator("body")).not_to_contain_text("nobody else")
    wait_for_the_lock(page)
    page.goto("/journal/2/")
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    expect(page).to_have_title("Loading")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()


def test_the_page_is_blank_in_the_same_tick_however_slow_the_network(page: Page) -> None:
    write(page, "exit-slow")
    page.route(AWAY, lambda route: None)  # never answered
    found = page.evaluate("""() => { document.getElementById('exit').click();
        return [document.body.innerText, document.title] }""")
    assert found == ["Loading", "Loading"]


def test_a_page_reached_by_back_starts_covered_even_without_the_exits_script(page: Page) -> None:
    page.goto("/")
    page.goto("/guide/red-flags/")
    page.locator("#exit").click()
    page.wait_for_url(AWAY)

    def block(route: Route) -> None:
        route.abort()

    page.route(re.compile(r"exit\.[0-9a-f]+\.js"), block)
    page.goto("/")
    assert page.evaluate("document.body.innerText").strip() == ""


def test_typing_capitals_never_leaves(page: Page) -> None:
    write(page, "exit-capitals")
    page.locator("#id_text").focus()
    for key in "ABCDEFG":
        page.keyboard.press(f"Shift+{key}")
    page.keyboard.type(" ÄÖÜ I AM SHOUTING")
    expect(page).to_have_url(re.compile("/journal/2/$"))


def test_shift_pressed_now_and_then_never_leaves(page: Page) -> None:
    page.clock.install()
    page.goto("/")
    shift(page, 1)
    assert page.locator("#exit").get_attribute("data-n") == "1"
    page.clock.run_for(6000)
    assert page.locator("#exit").get_attribute("data-n") is None
    shift(page, 2)
    expect(page).to_have_title("Either Way: a guide and a private journal")


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], ids=["no-scripts"], indirect=True)
def test_without_scripts_the_link_itself_locks_and_leads_away(page: Page) -> None:
    write(page, "exit-plain")
    page.locator("#exit").click()
    page.wait_for_url(AWAY)
    page.goto("/journal/")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()


def test_after_it_no_cookie_that_was_there_opens_the_journal(page: Page, browser: Browser, site: Site) -> None:
    write(page, "exit-cookies")
    before = page.context.storage_state()
    page.locator("#exit").click()
    page.wait_for_url(AWAY)
    wait_for_the_lock(page)
    with watched(browser, site, storage_state=before) as context:
        other = context.new_page()
        other.goto("/journal/2/")
        expect(other.get_by_role("heading", name="Locked")).to_be_visible()
        expect(other.locator("body")).not_to_contain_text("nobody else")


STORED = """async () => [Object.keys(localStorage), Object.keys(sessionStorage), await indexedDB.databases(),
    await caches.keys(), await navigator.serviceWorker.getRegistrations()]"""


def test_reading_leaves_nothing_in_the_browser_and_leaving_one_mark(page: Page, site: Site) -> None:
    for path in GUIDE:
        page.goto(path)
    assert page.context.cookies() == []
    assert page.evaluate(STORED) == [[], [], [], [], []]
    page.locator("#exit").click()
    page.wait_for_url(AWAY)
    page.goto("/")
    assert page.evaluate(STORED) == [[], ["left"], [], [], []]
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", level=1).wait_for()
    assert page.evaluate(STORED) == [[], [], [], [], []]


def test_a_browser_that_keeps_pages_alive_shows_none_after_locking(
    playwright: Playwright, browser_type_launch_args: dict[str, Any], site: Site
) -> None:
    """Playwright turns the back-forward cache off; people's browsers have it on."""
    kept = {**browser_type_launch_args, "ignore_default_args": ["--disable-back-forward-cache"]}
    browser = playwright.chromium.launch(**kept)
    with watched(browser, site) as context:
        page = context.new_page()
        page.goto("/")
        page.evaluate("window.mark = 1")
        page.goto("/help/")
        page.go_back(wait_until="commit")
        page.wait_for_function("() => window.mark === 1")  # a page of the guide comes back alive, so the cache is on
        write(page, "exit-alive")
        page.evaluate("window.mark = 1")
        page.get_by_role("button", name="Lock").click()
        page.get_by_role("heading", name="Locked").wait_for()
        page.go_back(wait_until="commit")
        page.get_by_role("heading", name="Locked").wait_for()
        assert page.evaluate("window.mark") is None
        expect(page.locator("body")).not_to_contain_text("nobody else")
    browser.close()


def test_words_travel_in_no_address_title_referrer_or_preview(page: Page) -> None:
    said: list[str] = []
    page.on("request", lambda request: said.extend([request.url, *request.headers.values()]))
    page.on("framenavigated", lambda frame: said.append(frame.url))
    write(page, "exit-travel")
    for path in (
        "/journal/",
        "/journal/2/",
        "/journal/2/history/",
        "/journal/2/history/1/",
        "/journal/9/",
        "/account/",
    ):
        page.goto(path)
        said.append(page.title())
        assert page.locator("meta[property]").count() == 0, path
    page.locator("#exit").click()
    page.wait_for_url(AWAY)
    assert len(said) > 100
    assert [text for text in said if "nobody" in text or "exit-travel" in text] == []
    assert {text for text in said if "Way" in text or "found" in text} == {"Either Way"}


def test_writing_leaves_no_words_in_the_browser(page: Page) -> None:
    write(page, "exit-storage")
    page.locator("#id_text").fill("words that are not saved yet")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert sorted(cookie["name"] for cookie in page.context.cookies()) == ["csrf", "device", "jkey", "session"]
    assert all(cookie["httpOnly"] for cookie in page.context.cookies())


def test_a_password_typed_at_the_lock_opens_the_page_that_was_left(page: Page, site: Site) -> None:
    write(page, "exit-return")
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("heading", name="Locked").wait_for()
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("nobody else")
    page.goto("/journal/2/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.locator("#id_text")).to_have_value(WORDS)

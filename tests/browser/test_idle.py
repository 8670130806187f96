"""Two minutes before a journal locks: a warning, one action to stay, and the words sealed before they would go."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, send, sign_up, wait_for_the_lock
from tests.browser.test_accessibility import violations

WORDS = "Typed and not saved, 💔 and “all”."


def at(page: Page, path: str) -> Page:
    """Open a page whose clock the test moves. The server's clock goes on as ever."""
    page.clock.install()
    page.goto(path)
    return page


def seal_and_wait(page: Page) -> None:
    """Let what was typed be sealed, and then the time until the lock go by."""
    page.clock.run_for("00:01")
    expect(page.locator("[data-saving]")).to_contain_text("Saved and locked")  # the server's clock can't be hurried
    page.clock.run_for("17:04")


def test_a_warning_comes_in_time_and_one_action_stays(page: Page) -> None:
    """C30."""
    sign_up(page, "idle-reader")
    at(page, "/account/")
    page.clock.run_for("12:50")
    expect(page.locator("#idle")).to_be_empty()
    page.clock.run_for("00:15")
    expect(page.locator("#idle")).to_contain_text("Your journal locks in 2 minutes.")
    page.get_by_role("link", name="Stay here").click()
    page.get_by_role("heading", name="Your account").wait_for()
    expect(page.locator("#idle")).to_be_empty()


def test_quick_exit_works_beside_the_warning(page: Page, base_url: str) -> None:
    sign_up(page, "idle-leaver")
    at(page, "/journal/2/")
    page.clock.run_for("13:05")
    expect(page.locator("#idle")).to_contain_text("Your journal locks in 2 minutes.")
    page.locator("#exit").click()
    page.wait_for_url("**/robots.txt")
    wait_for_the_lock(page)
    page.goto(f"{base_url}/journal/")
    assert "/unlock/" in page.url


def test_staying_seals_what_stands_in_the_box_and_saves_no_version(page: Page) -> None:
    sign_up(page, "idle-writer")
    at(page, "/journal/2/")
    page.clock.run_for("13:05")
    page.locator("#id_text").fill(WORDS)
    page.get_by_role("button", name="Stay here").click()
    expect(page.locator("#idle")).to_be_empty()
    assert page.locator("#id_text").input_value() == WORDS
    expect(page.locator("#id_text")).to_be_focused()
    page.clock.run_for("10:00")
    assert page.url.endswith("/journal/2/")


def test_words_are_sealed_before_the_lock_screen_takes_the_pages_place(page: Page) -> None:
    sign_up(page, "idle-away")
    at(page, "/journal/2/")
    page.locator("#id_text").fill(WORDS)
    seal_and_wait(page)
    page.wait_for_url("**/unlock/**")
    assert WORDS not in page.content()
    send(page, "Lock it everywhere")
    page.goto("/unlock/?next=/journal/2/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("This is your draft from")).to_be_visible()
    assert page.locator("#id_text").input_value() == WORDS
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()


def test_a_new_page_is_sealed_under_its_own_address(page: Page) -> None:
    sign_up(page, "idle-page")
    at(page, "/journal/pages/new/")
    page.get_by_label("Title").fill("A Sunday")
    page.locator("#id_text").fill(WORDS)
    seal_and_wait(page)
    page.wait_for_url("**/unlock/**")
    page.get_by_role("link", name="Go on here").click()
    expect(page.get_by_label("Title")).to_have_value("A Sunday")
    assert page.locator("#id_text").input_value() == WORDS


def test_words_that_can_not_be_sealed_stay_on_the_page(page: Page) -> None:
    sign_up(page, "idle-offline")
    at(page, "/journal/2/")
    page.context.set_offline(True)
    page.locator("#id_text").fill(WORDS)
    page.clock.run_for("16:00")
    expect(page.locator("#idle")).to_contain_text("Your words are still on this page.")
    assert page.url.endswith("/journal/2/")
    assert page.locator("#id_text").input_value() == WORDS
    page.context.set_offline(False)
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()


def test_words_stay_when_the_journal_locked_while_the_device_slept(page: Page) -> None:
    sign_up(page, "idle-asleep")
    at(page, "/journal/2/")
    page.locator("#id_text").fill(WORDS)
    page.context.clear_cookies(name="jkey")
    page.clock.fast_forward("40:00")
    expect(page.locator("#idle")).to_contain_text("Your words are still on this page.")
    assert page.locator("#id_text").input_value() == WORDS
    page.get_by_role("button", name="Save and close").click()
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    assert page.locator("#id_text").input_value() == WORDS


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_warning_can_be_read_and_reached_by_everybody(page: Page, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    sign_up(page, f"idle-{width}-{scheme}")
    at(page, "/journal/2/")
    page.clock.run_for("13:05")
    page.clock.resume()
    stay = page.get_by_role("button", name="Stay here")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Shift+Tab")
    stay.focus()
    page.keyboard.press("Enter")
    expect(stay).to_have_count(0)

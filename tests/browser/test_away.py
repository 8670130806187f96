"""The server is away, or the line is, while somebody writes: the page says so, and no word is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import SAVED, kept, kept_on, send, sign_up, type_in, wait_until_kept
from tools.site import Site, serve


def test_offline_is_said_and_the_words_are_kept_when_it_is_over(box: Page) -> None:
    type_in(box, "online")
    wait_until_kept(box)
    box.context.set_offline(True)
    type_in(box, ", offline")
    line = box.locator("[data-saving]")
    expect(line).to_contain_text("Not saved. You’re offline. Your words are still on this page.")
    expect(line).to_contain_text(re.compile(r"Last saved at \d+:\d\d"))
    assert kept_on(box) == "online, offline"
    box.context.set_offline(False)
    wait_until_kept(box)
    assert kept(box) == "online, offline"


@pytest.fixture
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("own")) as running:
        yield running


@pytest.fixture
def writer(own_site: Site, context: BrowserContext) -> Page:
    page = context.browser.new_context(base_url=own_site.url).new_page()  # type: ignore[union-attr]
    sign_up(page, "alice")
    page.goto("/journal/2/")
    return page


def test_a_server_that_is_killed_is_told_of_and_the_words_are_kept_when_it_is_back(
    own_site: Site, writer: Page
) -> None:
    """C04."""
    type_in(writer, "before")
    wait_until_kept(writer)
    own_site.kill()
    type_in(writer, ", after")
    line, live = writer.locator("[data-saving]"), writer.locator("#said")
    expect(line).to_contain_text("Not saved. Your words are still on this page.")
    expect(line).to_contain_text("Last saved at")
    expect(live).to_contain_text("Not saved.", timeout=35_000)
    assert kept_on(writer) == "before, after"
    own_site.start()
    expect(line).to_have_text(SAVED, timeout=35_000)
    assert kept(writer) == "before, after"


def test_words_taken_back_while_offline_do_not_end_the_saving(box: Page) -> None:
    box.context.set_offline(True)
    type_in(box, "a")
    line = box.locator("[data-saving]")
    expect(line).to_contain_text("You’re offline.")
    box.locator("#id_text").press("Backspace")
    box.context.set_offline(False)
    wait_until_kept(box)
    with box.expect_response("**/draft/"):
        type_in(box, "and on")
    assert kept(box) == "and on"


def test_saving_while_nobody_answers_keeps_the_page_and_its_words(box: Page) -> None:
    type_in(box, "before")
    wait_until_kept(box)
    box.context.set_offline(True)
    type_in(box, ", after")
    for _ in range(2):
        box.get_by_role("button", name="Save and close").click()
        expect(box.locator("[data-saving]")).to_contain_text("Not saved. You’re offline.")
        box.wait_for_timeout(300)
    assert kept_on(box) == "before, after"
    box.context.set_offline(False)
    send(box, "Save and close")
    box.get_by_role("heading", name="Your journal").wait_for()
    assert box.get_by_text("Draft").count() == 0
    assert kept(box) == "before, after"


def test_a_page_that_stays_after_save_still_asks_before_it_goes(box: Page) -> None:
    box.context.set_offline(True)
    type_in(box, "not sealed")
    box.get_by_role("button", name="Save and close").click()
    expect(box.locator("[data-saving]")).to_contain_text("You’re offline.")
    asked: list[str] = []
    box.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with box.expect_event("dialog"):
        box.evaluate("location.reload()")
    assert asked == ["beforeunload"]
    box.context.set_offline(False)

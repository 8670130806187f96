"""Looking back by keyboard and without scripts, on the smallest phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site, watched
from tests.browser.test_accessibility import violations
from tests.browser.test_check_ins import press

SMALL = {"width": 320, "height": 640}


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def small(browser: Browser, site: Site, alices_state: Any, request: pytest.FixtureRequest) -> Any:
    options = {"viewport": SMALL, "storage_state": alices_state, "java_script_enabled": request.param}
    with watched(browser, site, **options) as context:
        yield context.new_page()


def test_two_versions_are_compared_by_keyboard(small: Page) -> None:
    small.goto("/journal/2/history/")
    small.get_by_role("radio", name=re.compile("^A"), checked=True).focus()
    small.keyboard.press("Tab")
    small.get_by_role("button", name="Compare A and B").press("Enter")
    small.wait_for_url("**/compare/?*")
    texts = small.locator(".past")
    assert texts.all_inner_texts() == ["first", "second"]
    above, below = (text.bounding_box() for text in texts.all())
    assert above
    assert below
    assert (above["x"], above["y"] < below["y"]) == (below["x"], True)
    small.get_by_role("link", name="Show what changed").press("Enter")
    small.wait_for_url("**marked=1")
    assert [small.locator(tag).count() for tag in ("del", "ins")] == [1, 1]
    assert small.get_by_role("deletion").text_content() == "removed: first"
    assert small.get_by_role("insertion").text_content() == "added: second"
    small.set_viewport_size({"width": 768, "height": 900})
    left, right = (text.bounding_box() for text in texts.all())
    assert left
    assert right
    assert (left["y"], left["x"] < right["x"]) == (right["y"], True)


def test_a_day_of_the_calendar_leads_to_what_was_written(small: Page) -> None:
    small.goto("/journal/calendar/")
    day = small.get_by_role("table").get_by_role("link", name=", you wrote").first
    box = day.bounding_box()
    assert box
    assert (box["width"] >= 33, box["height"] >= 44) == (True, True)
    assert small.locator("[aria-current=date]").count() == 1
    day.press("Enter")
    small.wait_for_url("**#day-*")
    assert small.locator("section:has(h2:target)").get_by_role("link").count() >= 2


def test_words_are_looked_for_and_stand_in_no_address(small: Page) -> None:
    small.goto("/journal/")
    small.get_by_role("main").get_by_role("link", name="Search").press("Enter")
    small.get_by_label("Words to look for").fill("SECOND")
    with small.expect_navigation():
        small.keyboard.press("Enter")
    small.get_by_role("heading", name="1 found").wait_for()
    assert small.locator("mark").count() == 0
    small.get_by_role("button", name="Show the sentences").press("Enter")
    small.locator("mark").wait_for()
    assert (small.locator("mark").inner_text(), small.title()) == ("second", "Either Way")
    assert "second" not in small.url.lower()
    assert small.evaluate("[scrollX, document.documentElement.scrollWidth]") == [0, 320]


def test_what_a_search_and_a_comparison_show_passes_axe(browser: Browser, site: Site, alices_state: Any) -> None:
    with watched(browser, site, viewport=SMALL, storage_state=alices_state) as context:
        page = context.new_page()
        page.goto("/journal/2/compare/?marked=1")
        assert violations(page) == []
        page.goto("/journal/search/")
        page.get_by_label("Words to look for").fill("second")
        page.get_by_role("main").get_by_role("button", name="Search").click()
        page.get_by_role("button", name="Show the sentences").click()
        page.locator("mark").wait_for()
        assert violations(page) == []


def test_the_keyboard_reaches_every_way_of_looking_back(small: Page) -> None:
    small.goto("/journal/")
    for address in ("/journal/timeline/", "/journal/calendar/", "/journal/search/"):
        press(small, "Tab", f"main a[href='{address}']")

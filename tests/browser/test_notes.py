"""A letter put out of sight and shown beside the limits; limits and summary picked, and printed; a record of facts."""

import re
import zlib
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS, send, sign_up, watched
from tests.browser.test_accessibility import violations
from tests.browser.test_check_ins import press
from tests.browser.test_modes import PRINTED
from tools.site import Site


def save(page: Page, path: str, text: str, button: str = "Save and close") -> None:
    page.goto(path)
    page.locator("#id_text").fill(text)
    page.get_by_role("button", name=button).click()
    page.get_by_role("heading", name="Your journal").wait_for()


def test_a_letter_is_sealed_and_its_wait_ended_by_keyboard_alone(page: Page) -> None:
    sign_up(page, "letter-keys")
    press(page, "Tab", "a[href='/journal/letters/new/']")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="An unsent letter").wait_for()
    press(page, "Tab", "#id_text")
    page.keyboard.type("Dear you")
    press(page, "Tab", "[name=wait]")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("24 hours").is_checked()
    press(page, "Tab", "main button[type=submit]:not([name])")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("It waits until").wait_for()
    assert "Dear you" not in page.content()
    press(page, "Tab", "a[href$='/open/']")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Read it now?").wait_for()
    press(page, "Tab", "main button")
    page.keyboard.press("Enter")
    page.get_by_text("It went to nobody.").wait_for()
    assert page.locator("#id_text").input_value() == "Dear you"


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_everything_is_picked_saved_and_shown(page: Page) -> None:
    sign_up(page, "notes-plain")
    save(page, "/journal/2/", "I need time. Not now.")
    page.goto("/journal/limits/")
    page.locator("summary", has_text="Do I have the time").click()
    page.get_by_label("I need time.").check()
    send(page, "Add to my limits")
    assert page.locator("#id_text").input_value() == "I need time."
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    page.goto("/journal/summary/")
    assert page.get_by_role("radio", checked=True).count() == 0
    page.locator("summary", has_text="My limits").click()
    page.get_by_label("I need time.").first.check()
    page.get_by_label("Walk away").check()
    page.get_by_role("button", name="Save the summary").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    page.goto("/journal/summary/page/")
    assert page.locator("main li").all_inner_texts() == ["I need time."]
    assert page.get_by_role("button", name="Print").count() == 0
    page.goto("/journal/pages/new/")
    expect(page.get_by_label("Place")).to_be_hidden()
    page.get_by_label("This is a record of what happened").check()
    page.get_by_label("Place").fill("At the door")
    page.get_by_label("Day").fill("2026-03-09")
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    expect(page.get_by_text("Record ·")).to_have_count(1)


@pytest.fixture(scope="module")
def notes(browser: Browser, site: Site) -> Any:
    """The cookies of somebody with limits, a summary, a letter that waits and one whose wait was ended."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    sign_up(page, "notes")
    save(page, "/journal/limits/", "No shouting\nMy phone is mine")
    page.goto("/journal/summary/")
    page.locator("summary", has_text="My limits").click()
    page.get_by_label("No shouting").check()
    page.get_by_label("Talk", exact=True).check()
    page.locator("#id_text").fill("Sleep first")
    page.get_by_role("button", name="Save the summary").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    paths = []
    for _ in range(2):
        page.goto("/journal/letters/new/")
        page.locator("#id_text").fill("Dear you. " * 40)
        page.get_by_label("Two weeks").check()
        page.get_by_role("button", name="Save and close").click()
        page.get_by_text("It waits until").wait_for()
        paths.append(page.url.partition("?")[0].removeprefix(site.url))
    page.get_by_role("link", name="End the wait now").click()
    page.get_by_role("button", name="End the wait").click()
    page.get_by_text("It went to nobody.").wait_for()
    state = context.storage_state()
    context.close()
    return state, paths


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_notes_pass_axe_and_keep_their_shape(browser: Browser, site: Site, notes: Any, scheme: Any) -> None:
    state, (waits, opened) = notes
    with watched(browser, site, viewport=WIDTHS["phone"], color_scheme=scheme, storage_state=state) as context:
        page = context.new_page()
        pages = ["/journal/", "/journal/limits/", "/journal/limits/page/", "/journal/summary/page/"]
        pages += ["/journal/summary/", waits, f"{waits}open/", opened]
        for path in pages:
            page.goto(path)
            assert violations(page) == [], path
            page.set_viewport_size({"width": 320, "height": 640})
            assert page.evaluate("document.documentElement.scrollWidth") == 320, path
            page.set_viewport_size(WIDTHS["phone"])


def test_a_letter_that_opened_stands_beside_the_limits_where_there_is_room(
    browser: Browser, site: Site, notes: Any
) -> None:
    state, (_, opened) = notes
    with watched(browser, site, storage_state=state) as context:
        page = context.new_page()
        page.goto(opened)
        beside = {}
        for width in (320, 767, 768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            letter, limits = (page.locator(selector).bounding_box() for selector in ("#write", ".beside"))
            assert letter
            assert limits
            beside[width] = limits["x"] >= letter["x"] + letter["width"]
            assert beside[width] or limits["y"] >= letter["y"] + letter["height"], width
        assert beside == {320: False, 767: False, 768: True, 1280: True}


def test_limits_and_summary_are_printed_with_their_words_and_nothing_else(
    browser: Browser, site: Site, notes: Any
) -> None:
    state, (waits, opened) = notes
    with watched(browser, site, storage_state=state) as context:
        page = context.new_page()
        page.emulate_media(media="print")
        printed = {}
        others = [waits, f"{waits}open/", opened, "/journal/limits/", "/journal/summary/", "/journal/letters/new/"]
        for path in ("limits/page/", "summary/page/", *others):
            page.goto(path if path.startswith("/") else f"/journal/{path}")
            said, notice = page.evaluate(PRINTED)
            printed[path] = ([line for line in said.split("\n") if line] or [""], notice)
        not_printed = ([""], "Journal pages are not printed.")
        assert printed == {
            "limits/page/": (["My notes", "No shouting", "My phone is mine"], "none"),
            "summary/page/": (
                ["My notes", "Talk", "No shouting", "What I want to remember", "Sleep first"],
                "none",
            ),
            **dict.fromkeys(others, not_printed),
        }


def test_on_paper_notes_leave_browsers_no_room_for_an_address(browser: Browser, site: Site, notes: Any) -> None:
    """With a header and a footer asked for: what the paper shows is what it shows without them."""
    with watched(browser, site, storage_state=notes[0]) as context:
        page = context.new_page()
        page.goto("/journal/limits/page/")
        options: dict[str, Any] = {"prefer_css_page_size": True, "format": "A4"}
        drawn = [text_streams(page.pdf(display_header_footer=headed, **options)) for headed in (False, True)]
        assert drawn[0] == drawn[1]
        page.goto("/guide/red-flags/")
        drawn = [text_streams(page.pdf(display_header_footer=headed, **options)) for headed in (False, True)]
        assert drawn[0] != drawn[1]


def text_streams(pdf: bytes) -> list[bytes]:
    """What a document draws, unpacked."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return [piece for packed in found if b"BT" in (piece := unpacked(packed))]


def unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""

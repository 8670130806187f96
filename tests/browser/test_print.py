"""Guide pages on paper, A4 and Letter: the text, and nothing of the frame."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import join, send
from tests.conftest import PASSWORD

FRAME = [".bar", "#exit", ".nav", ".skip", ".foot ul", ".toc", ".pn", ".side", ".beads", ".acts", ".coda a"]
PAGES = ["/", "/guide/red-flags/", "/guide/are-you-ready/", "/guide/are-you-ready/2/", "/guide/all/", "/help/us/"]
# In points, as Chromium rounds them.
PAPER = {"A4": (596, 843), "Letter": (612, 792)}


def sheets(pdf: bytes) -> list[tuple[float, float]]:
    """The size of each page of a document, in points."""
    found = re.findall(rb"/MediaBox\s*\[0 0 (\S+) (\S+)\]", pdf)
    assert len(found) == len(re.findall(rb"/Type\s*/Page\b", pdf))
    return [(float(width), float(height)) for width, height in found]


def on_paper(page: Page, path: str) -> Page:
    page.goto(path)
    page.emulate_media(media="print")
    return page


def styles(page: Page, selector: str, name: str) -> set[str]:
    return set(page.locator(selector).evaluate_all("(all, name) => all.map(e => getComputedStyle(e)[name])", name))


@pytest.mark.parametrize("paper", PAPER)
@pytest.mark.parametrize(("path", "fewest", "most"), [("/guide/all/", 20, 35), ("/guide/red-flags/", 2, 4)])
def test_a_page_is_printed_on_the_paper_there_is(page: Page, path: str, fewest: int, most: int, paper: str) -> None:
    page.goto(path)
    found = sheets(page.pdf(format=paper))
    assert fewest <= len(found) <= most
    assert {(round(width), round(height)) for width, height in found} == {PAPER[paper]}


@pytest.mark.parametrize("path", PAGES)
def test_paper_has_the_text_and_nothing_of_the_frame(page: Page, path: str) -> None:
    on_paper(page, path)
    for selector in FRAME:
        assert page.locator(selector).filter(visible=True).count() == 0, selector
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Others can find this paper.")).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.get_by_text("Others can find this paper.")).to_be_hidden()


def test_each_part_but_the_first_begins_on_a_page_of_its_own_with_its_title_kept_to_its_text(page: Page) -> None:
    on_paper(page, "/guide/all/")
    assert page.locator("article").count() == 7
    assert styles(page, "article:not(:first-of-type)", "breakBefore") == {"page"}
    assert styles(page, "article:first-of-type", "breakBefore") == {"auto"}  # below the words before it
    assert styles(page, "main :is(h1, h2, h3, h4, h5)", "breakAfter") == {"avoid"}
    assert styles(page, ".knot, .safe, .past, .notice, .card, .band svg, .sources li", "breakInside") == {"avoid"}
    for name in ("People you can talk to: United States", "Where this comes from"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_the_address_of_another_site_is_printed_once_and_none_of_ours_is(page: Page) -> None:
    """A link whose words are its address says enough."""
    on_paper(page, "/guide/all/")
    after = "all => all.map(e => getComputedStyle(e, '::after').content)"
    assert set(page.locator("main a").evaluate_all(after)) == {"none"}
    assert (
        page.locator("a.url").evaluate_all(
            "all => all.map(e => e.href).filter((at, i) => !at.includes(all[i].textContent))"
        )
        == []
    )
    page.locator("article p").first.evaluate("p => { p.innerHTML = '<a href=https://example.org/>words</a>' }")
    assert page.locator("article p a").first.evaluate("a => getComputedStyle(a, '::after').content") == (
        '" (https://example.org/)"'
    )


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_paper_is_white_whatever_the_screen_is(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme, media="print")
    page.goto("/guide/all/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_both_pages_with_a_recovery_key_print_it_and_no_page_of_the_journal_prints(page: Page) -> None:
    join(page, "onpaper")
    page.emulate_media(media="print")
    expect(page.locator("#key")).to_be_visible()
    page.emulate_media(media="screen")
    send(page, "Skip for now")
    page.goto("/account/key/")
    page.locator("main [name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Show a new key").click()
    page.locator("#key").wait_for()
    page.emulate_media(media="print")
    expect(page.locator("#key")).to_be_visible()
    for selector in FRAME:
        assert page.locator(selector).filter(visible=True).count() == 0, selector
    on_paper(page, "/journal/")
    assert page.locator("main > *").filter(visible=True).count() == 0


def test_paper_shows_what_was_ticked_in_the_check(page: Page) -> None:
    """The wording beside it says what is ticked, and printers leave backgrounds away."""
    page.goto("/check/")
    ticked = page.get_by_role("checkbox").first
    ticked.check()
    page.emulate_media(media="print")
    kept, ring = ticked.evaluate("e => { const s = getComputedStyle(e); return [s.printColorAdjust, s.outlineStyle] }")
    assert (kept, ring) == ("exact", "none")


def test_paper_lists_no_countries_that_can_not_be_chosen_there(page: Page) -> None:
    on_paper(page, "/help/")
    assert page.locator(".places, #countries").filter(visible=True).count() == 0
    expect(page.get_by_role("heading", name="United States")).to_be_visible()

"""The editors' desk in a real browser: the toolbar over a box, pasting from word processors, a picture's way in."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import WIDTHS, sign_in_at_the_desk, watched
from tests.browser.test_desk import open_record
from tools.site import Site

PASTED = Path(__file__).parent / "pasted"
ADD = "/manage/guide/tip/add/"
SELECT = "(box, [from, to]) => { box.focus(); box.setSelectionRange(from, to); }"
SELECTED = "box => box.value.slice(box.selectionStart, box.selectionEnd)"
PASTE = """(box, kinds) => {
  const given = new DataTransfer();
  for (const [kind, text] of Object.entries(kinds)) given.setData(kind, text);
  const event = new ClipboardEvent('paste', {clipboardData: given, bubbles: true, cancelable: true});
  box.focus();
  return !box.dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def ediths_state(browser: Browser, site: Site) -> Any:
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    sign_in_at_the_desk(page)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def context(
    browser: Browser, site: Site, ediths_state: Any, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """Edith, signed in; the test fails if a page of hers spoke on the console or asked a stranger."""
    options = {"viewport": WIDTHS["desk"], "storage_state": ediths_state}
    with watched(browser, site, **{**options, **getattr(request, "param", {})}) as context:
        yield context


@pytest.fixture
def box(page: Page) -> Locator:
    page.goto(ADD)
    return page.locator("#id_body")


def press(page: Page, name: str) -> None:
    page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()


def fill(box: Locator, text: str) -> None:
    """Type a text in which the selection stands between ‹ and ›."""
    box.fill(text.replace("‹", "").replace("›", ""))
    start, end = text.find("‹"), text.find("›") - 1
    if start >= 0:
        box.evaluate(SELECT, [start, end])


@pytest.mark.parametrize(
    ("tool", "before", "after"),
    [
        ("Bold", "a ‹b› c", "a **b** c"),
        ("Bold", "a‹ b ›c", "a **b** c"),
        ("Bold", "a **‹b›** c", "a b c"),
        ("Bold", "‹- one\n- two›", "- **one**\n- **two**"),
        ("Bold", "", "**strong words**"),
        ("Italic", "a ‹b›", "a *b*"),
        ("Italic", "a **‹b›**", "a ***b***"),
        ("Italic", "a *‹b›*", "a b"),
        ("Heading", "a\n‹b›\nc", "a\n\n## b\n\nc"),
        ("Heading", "‹## b›", "b"),
        ("Smaller heading", "‹## b›", "### b"),
        ("Link", "see ‹this›", "see [this](https://)"),
        ("Link", "‹https://b.example/c›", "[words](https://b.example/c)"),
        ("List", "‹a\nb›", "- a\n- b"),
        ("List", "‹- a\n- b›", "a\nb"),
        ("Numbered list", "‹a\nb›", "1. a\n2. b"),
        ("Numbered list", "‹- a\n- b›", "1. a\n2. b"),
        ("Quote", "‹a\n\nb›", "> a\n\n> b"),
        ("Note box", "x\n‹a›", "x\n\n::: note Title\na\n:::"),
        ("Safety box", "", "::: safety Title\nWords\n:::"),
        ("Picture", "‹A lake›", "![A lake](/images/)"),
    ],
)
def test_each_tool_marks_what_is_selected_and_the_browser_undoes_it(
    page: Page, box: Locator, tool: str, before: str, after: str
) -> None:
    fill(box, before)
    plain = box.input_value()
    press(page, tool)
    expect(box).to_have_value(after)
    expect(box).to_be_focused()
    page.keyboard.press("Control+z")
    expect(box).to_have_value(plain)


def test_what_is_to_be_typed_next_is_selected(page: Page, box: Locator) -> None:
    selected = {}
    for tool in ("Bold", "Italic", "Heading", "Link", "List", "Note box", "Picture"):
        box.fill("")
        press(page, tool)
        selected[tool] = box.evaluate(SELECTED)
    assert selected == {
        "Bold": "strong words", "Italic": "stressed words", "Heading": "Heading", "Link": "words", "List": "one",
        "Note box": "Title", "Picture": "/images/",
    }  # fmt: skip
    fill(box, "see ‹this›")
    press(page, "Link")
    assert box.evaluate(SELECTED) == "https://"


def test_the_keyboard_reaches_the_toolbar_in_one_stop_and_goes_on_with_arrows(page: Page, box: Locator) -> None:
    bar = page.get_by_role("toolbar", name="Markdown for Text")
    assert bar.get_attribute("aria-controls") == "id_body"
    assert bar.locator("[tabindex='0']").all_inner_texts() == ["Bold"]
    box.focus()
    page.keyboard.press("Shift+Tab")
    expect(bar.get_by_role("button", name="Bold")).to_be_focused()
    for key, name in [("ArrowRight", "Italic"), ("ArrowLeft", "Bold"), ("ArrowLeft", "Cheatsheet (new tab)")]:
        page.keyboard.press(key)
        expect(bar.get_by_text(name, exact=True)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(box).to_have_value("*stressed words*")
    expect(box).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(bar.get_by_role("button", name="Italic")).to_be_focused()


@pytest.mark.parametrize("program", ["word", "docs"])
def test_text_pasted_from_a_word_processor_becomes_markdown_and_can_be_undone(
    page: Page, box: Locator, program: str
) -> None:
    html, markdown = (PASTED.joinpath(f"{program}.{kind}").read_text().rstrip("\n") for kind in ("html", "md"))
    fill(box, "before ‹old› after")
    assert box.evaluate(PASTE, {"text/html": html, "text/plain": "plain"}) is True
    expect(box).to_have_value(f"before {markdown} after")
    page.keyboard.press("Control+z")
    expect(box).to_have_value("before old after")


def test_a_link_of_this_site_is_pasted_without_its_name(page: Page, box: Locator, site: Site) -> None:
    box.evaluate(PASTE, {"text/html": f'<p><a href="{site.url}/check/">the check</a></p>'})
    expect(box).to_have_value("[the check](/check/)")


@pytest.mark.parametrize(
    "kinds",
    [
        {"text/plain": "# As it is *typed*"},
        {"text/html": "<div style='white-space:pre'><span># As</span></div>", "text/plain": "# As"},
    ],
    ids=["no HTML, as Ctrl+Shift+V gives it", "HTML of a code editor"],
)
def test_plain_text_is_left_to_the_browser(page: Page, box: Locator, kinds: dict[str, str]) -> None:
    assert box.evaluate(PASTE, kinds) is False


def test_without_scripts_the_box_is_a_box(page: Page, browser: Browser, site: Site, ediths_state: Any) -> None:
    context = browser.new_context(base_url=site.url, storage_state=ediths_state, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(ADD)
    expect(plain.locator("#id_body")).to_be_visible()
    expect(plain.locator("[role=toolbar]")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("context", [{"viewport": WIDTHS["phone"]}, {}], ids=WIDTHS, indirect=True)
def test_nothing_is_wider_than_the_window_and_every_tool_is_large_enough(page: Page, box: Locator) -> None:
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for stop in page.get_by_role("toolbar").locator("> *").all():
        area = stop.bounding_box()
        assert area is not None
        assert area["height"] >= 24
        assert area["x"] + area["width"] <= page.viewport_size["width"]
    page.goto("/manage/cheatsheet/")
    assert page.evaluate(wide) <= 0


def test_the_cheatsheet_opens_from_the_box_and_shows_both_boxes(page: Page, box: Locator) -> None:
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Cheatsheet (new tab)").click()
    sheet = opened.value
    expect(sheet).to_have_title(re.compile("^Markdown: what to write, what readers see"))
    titles = ["If your honest answer is fear", "On paper works too"]
    expect(sheet.locator(".seen .safe h2, .seen .tell h2")).to_have_text(titles)


def photo() -> bytes:
    """A JPEG that knows where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Zwiebelkuchen"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (52.0, 31.0, 12.0), "E", (13.0, 24.0, 18.0)
    out = BytesIO()
    Image.linear_gradient("L").resize((800, 500)).convert("RGB").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_an_uploaded_photo_is_shown_to_readers_without_the_place_where_it_was_taken(page: Page, site: Site) -> None:
    assert b"Zwiebelkuchen" in photo()
    page.goto("/manage/guide/image/add/")
    page.get_by_label("Picture").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.get_by_label("Short name").fill("evening")
    page.get_by_label("What it shows").fill("The sky in the evening")
    page.locator("[name=_continue]").click()
    expect(page.locator("img.preview")).to_be_visible()
    assert page.locator("img.preview").evaluate("img => img.decode().then(() => img.naturalWidth)") == 800
    markdown = page.locator("pre.copy").inner_text()
    address = re.fullmatch(r"!\[The sky in the evening\]\((/images/evening-800x500-[0-9a-f]{12}\.webp)\)", markdown)[1]
    page.wait_for_timeout(1100)
    served = urlopen(f"{site.url}{address}").read()
    assert (served[:4], served[8:12]) == (b"RIFF", b"WEBP")
    assert [mark for mark in (b"Exif", b"EXIF", b"GPS", b"XMP", b"Zwiebelkuchen") if mark in served] == []
    open_record(page, "section", "Red flags the second time")
    page.locator("#id_body").evaluate(SELECT, [0, 0])
    page.keyboard.insert_text(markdown + "\n\n")
    page.locator("[name=_publish]").first.click()
    expect(page.locator(".messagelist")).to_contain_text("Published.")
    page.wait_for_timeout(1100)
    page.goto("/guide/red-flags/")
    picture = page.get_by_role("img", name="The sky in the evening")
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("img => img.decode().then(() => img.naturalWidth)") == 800
    column = page.locator(".prose").first.bounding_box()
    assert picture.bounding_box()["width"] <= column["width"]

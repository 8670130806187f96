"""What editors and publishers do at the desk, in a browser each: plan, take off, bring back, show a picture, export."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import at_the_desk
from tests.browser.test_desk import open_record
from tests.conftest import PASSWORD
from tools.site import Site

# Nobody waits three days here.
DUE = """
from datetime import timedelta
from django.utils import timezone
from guide.models import Release
Release.objects.open().filter(note="For spring").update(due_at=timezone.now() - timedelta(minutes=1))
"""


@pytest.fixture(scope="module")
def people(site: Site) -> None:
    site.manage("editor", "paula", given=f"{PASSWORD}\n")
    site.manage("editor", "edgar", "--group", "Editors", given=f"{PASSWORD}\n")


@pytest.fixture
def two(browser: Browser, site: Site, people: None) -> Iterator[list[Page]]:
    """Paula, who publishes, and Edgar, who only writes."""
    with at_the_desk(browser, site, "paula", "edgar") as pages:
        yield pages


def write(page: Page, kind: str, name: str, text: str) -> None:
    open_record(page, kind, name)
    page.locator("#id_body").fill(text)
    page.locator("[name=_continue]").first.click()
    page.get_by_text("was changed successfully").wait_for()


def readers_see(page: Page, path: str, words: str) -> bool:
    """Look as a reader whose browser has no copy of the page, once every process had the time to look for news."""
    page.wait_for_timeout(1100)
    return words in page.request.get(path).text()


def choose(page: Page, kind: str, name: str, action: str) -> None:
    page.goto(f"/manage/guide/{kind}/")
    page.get_by_role("row").filter(has=page.get_by_role("link", name=name)).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(action)
    with page.expect_navigation():
        page.get_by_role("button", name="Go", exact=True).click()


def test_what_is_planned_goes_live_when_it_is_due(site: Site, two: list[Page]) -> None:
    paula, edgar = two
    write(edgar, "flag", "Loneliness or insecurity", "Rhabarber.")
    choose(paula, "flag", "Loneliness or insecurity", "together")
    expect(paula.get_by_role("checkbox", checked=True)).to_have_count(1)
    paula.get_by_role("textbox", name="Why").fill("For spring")
    paula.locator("[name=at]").fill("2099-03-20T09:00")
    paula.locator("[name=zone]").select_option("America/Lima")
    paula.get_by_role("button", name="Go on").click()
    planned = paula.locator(".release", has_text="For spring")
    expect(planned).to_contain_text("for March 20, 2099, 14:00 UTC")
    edgar.goto("/manage/desk/")
    expect(edgar.locator(".release", has_text="For spring")).to_be_visible()
    expect(edgar.get_by_role("button", name="Call off")).to_have_count(0)
    assert not readers_see(edgar, "/guide/red-flags/", "Rhabarber.")

    site.manage("shell", "-v0", "-c", DUE)
    assert site.manage("publish_due") == "1 release carried out.\n"
    assert readers_see(edgar, "/guide/red-flags/", "Rhabarber.")
    paula.goto("/manage/desk/")
    expect(paula.locator(".release", has_text="For spring")).to_have_count(0)


def test_what_is_taken_off_or_archived_comes_back(two: list[Page]) -> None:
    paula, edgar = two
    choose(paula, "flag", "Nostalgia in place", "unpublish")
    expect(paula.get_by_text("Taken off the site. Nothing was deleted.")).to_be_visible()
    assert not readers_see(edgar, "/guide/red-flags/", "Nostalgia in place")
    choose(paula, "flag", "Nostalgia in place", "publish")
    expect(paula.get_by_text("Published. Readers see it now")).to_be_visible()
    assert readers_see(edgar, "/guide/red-flags/", "Nostalgia in place")

    open_record(paula, "tip", "Go easy on yourself")
    paula.get_by_role("link", name="Delete").first.click()
    paula.get_by_role("button", name="Yes, I’m sure").click()
    paula.get_by_role("link", name="archive", exact=True).click()
    assert not readers_see(edgar, "/guide/reaching-out/", "Go easy on yourself")
    paula.get_by_role("row", name="Go easy on yourself").get_by_role("checkbox").check()
    paula.get_by_label("Action:").select_option("bring_back")
    paula.get_by_role("button", name="Go", exact=True).click()
    expect(paula.get_by_text("Brought back, as drafts.")).to_be_visible()
    choose(paula, "tip", "Go easy on yourself", "publish")
    expect(paula.get_by_text("Published. Readers see it now")).to_be_visible()
    assert readers_see(edgar, "/guide/reaching-out/", "Go easy on yourself")


def test_a_picture_of_an_editor_is_shown_once_a_publisher_lets_it(two: list[Page]) -> None:
    paula, edgar = two
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "steelblue").save(file, "PNG")
    edgar.goto("/manage/guide/image/add/")
    edgar.locator("#id_picture").set_input_files(
        {"name": "lake.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    edgar.locator("#id_slug").fill("lake")
    edgar.locator("#id_alt").fill("A lake at dusk")
    edgar.locator("[name=_continue]").first.click()
    line = edgar.locator(".copy").inner_text()
    write(edgar, "tip", "Let their answer be theirs", line)
    assert not readers_see(edgar, "/guide/reaching-out/", "A lake at dusk")
    choose(paula, "tip", "Let their answer be theirs", "publish")
    expect(paula.get_by_text("Published. Readers see it now")).to_be_visible()
    paula.wait_for_timeout(1100)
    paula.goto("/guide/reaching-out/")
    shown = paula.get_by_role("img", name="A lake at dusk")
    shown.scroll_into_view_if_needed()
    paula.wait_for_function("image => image.naturalWidth === 64", arg=shown.element_handle())


def test_an_editor_is_shown_no_way_to_publish_and_a_forged_one_publishes_nothing(two: list[Page]) -> None:
    _, edgar = two
    open_record(edgar, "flag", "Nobody admits fault")
    expect(edgar.get_by_role("button", name="Save and publish")).to_have_count(0)
    edgar.locator("#id_body").fill("Stachelbeere.")
    button = edgar.locator("[name=_continue]").first
    button.evaluate("button => { button.name = '_publish' }")
    edgar.locator("[name=_publish]").click()
    edgar.get_by_text("was changed successfully").wait_for()

    edgar.goto("/manage/guide/flag/")
    actions = edgar.get_by_label("Action:")
    assert actions.locator("option").evaluate_all("all => all.map(option => option.value)") == ["", "translate"]
    actions.locator("[value=translate]").evaluate("option => { option.value = 'publish' }")
    edgar.get_by_role("row", name="Nobody admits fault").get_by_role("checkbox").check()
    actions.select_option("publish")
    with edgar.expect_navigation():
        edgar.get_by_role("button", name="Go", exact=True).click()
    answer = edgar.goto("/manage/desk/release/")
    assert answer
    assert answer.status == 403
    assert not readers_see(edgar, "/guide/red-flags/", "Stachelbeere.")


def test_what_goes_out_to_files_comes_in_again_without_a_change(site: Site, tmp_path: Path) -> None:
    assert site.manage("guide", "export", str(tmp_path / "guide")).startswith("Wrote ")
    said = site.manage("guide", "import", "--dry-run", str(tmp_path / "guide"))
    assert said == "0 added, 0 changed, 0 published.\nThis was a dry run. Nothing was changed.\n"

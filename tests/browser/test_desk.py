"""The desk in a real browser, under the strict policy: two people bring words to readers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import at_the_desk
from tests.conftest import PASSWORD
from tools.site import Site


@pytest.fixture(scope="module")
def pablo(site: Site) -> None:
    site.manage("editor", "pablo", "--superuser", given=f"{PASSWORD}\n")


@pytest.fixture
def two(browser: Browser, site: Site, pablo: None) -> Iterator[list[Page]]:
    with at_the_desk(browser, site, "edith", "pablo") as pages:
        yield pages


def open_record(page: Page, kind: str, name: str) -> None:
    page.goto(f"/manage/guide/{kind}/")
    with page.expect_navigation():  # the scripts of the form have to hear what is typed
        page.get_by_role("link", name=name).click()


def test_words_about_safety_are_looked_at_and_reach_readers_by_two_people(two: list[Page]) -> None:
    edith, pablo = two
    open_record(edith, "sign", "They put you down")
    edith.locator("#id_body").fill("Zwiebelkuchen, and [a page](/nowhere/).")
    expect(edith.locator("[data-checks]")).to_contain_text("This site has no page “/nowhere/”")

    edith.locator("#id_body").fill("Zwiebelkuchen.")
    with edith.context.expect_page() as opened:
        edith.get_by_role("button", name="Preview").first.click()
    preview = opened.value
    frame = preview.frame_locator("iframe")
    expect(frame.get_by_text("Preview. Readers don’t see this.")).to_be_visible()
    assert preview.locator("iframe").bounding_box()["width"] == pytest.approx(390, abs=3)  # type: ignore[index]
    preview.get_by_label("Desktop").check()
    assert preview.locator("iframe").bounding_box()["width"] == pytest.approx(1280, abs=3)  # type: ignore[index]
    preview.close()

    edith.get_by_role("button", name="Save and publish").first.click()
    expect(edith.get_by_text("A second person has to say yes first")).to_be_visible()
    edith.goto("/manage/desk/")
    assert edith.get_by_role("button", name="Yes, publish").count() == 0

    pablo.goto("/manage/desk/")
    pablo.get_by_role("link", name="what would change").first.click()
    expect(pablo.locator("ins")).to_contain_text("Zwiebelkuchen.")
    pablo.goto("/manage/desk/")
    pablo.get_by_role("button", name="Yes, publish").first.click()
    expect(pablo.get_by_text("Published. Readers see it now")).to_be_visible()
    pablo.wait_for_timeout(1100)
    pablo.goto("/guide/when-to-walk-away/")
    expect(pablo.get_by_text("Zwiebelkuchen.")).to_be_visible()


def test_words_of_an_ended_session_come_back_after_signing_in_and_are_saved(two: list[Page]) -> None:
    edith, _ = two
    open_record(edith, "tip", "Let their answer be theirs")
    edith.locator("#id_body").fill("Streuselkuchen. " * 9)
    edith.context.clear_cookies(name="session")
    edith.locator("[name=_save]").first.click()
    edith.get_by_text("You were signed out meanwhile").wait_for()
    edith.locator("#id_username").fill("edith")
    edith.locator("#id_password").fill(PASSWORD)
    edith.get_by_role("button", name="Log in").click()
    edith.get_by_role("button", name="Save as a draft").click()
    expect(edith.get_by_text("was changed successfully")).to_be_visible()
    expect(edith.locator("#id_body")).to_have_value(("Streuselkuchen. " * 9).strip())


def test_two_who_write_at_once_see_both_texts(two: list[Page]) -> None:
    edith, pablo = two
    for page in two:
        open_record(page, "tip", "Let others support you")
    pablo.locator("#id_body").fill("Pablo’s words.")
    pablo.locator("[name=_continue]").first.click()
    pablo.get_by_text("was changed successfully").wait_for()
    edith.locator("#id_body").fill("Edith’s words.")
    edith.locator("[name=_save]").first.click()
    expect(edith.get_by_text("pablo saved this at")).to_be_visible()
    expect(edith.locator(".compared del")).to_contain_text("Pablo’s")
    expect(edith.locator("#id_body")).to_have_value("Edith’s words.")
    edith.locator("[name=_continue]").first.click()
    edith.get_by_text("was changed successfully").wait_for()

    edith.get_by_role("link", name="History").click()
    edith.get_by_role("button", name="Compare").wait_for()
    edith.get_by_label("From version").nth(1).check()
    edith.get_by_role("button", name="Compare").click()
    expect(edith.locator(".compared ins")).to_contain_text("Edith’s")
    edith.go_back()
    edith.get_by_role("button", name="Restore as a draft").first.click()
    expect(edith.locator("#id_body")).to_have_value("Pablo’s words.")
    edith.get_by_role("button", name="Discard draft").click()
    edith.get_by_text("The draft stays in the history").wait_for()

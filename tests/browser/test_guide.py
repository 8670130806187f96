"""The guide's pages that do something in the browser: the safety check, colors and text, search, print."""

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import send


def shown(page: Page) -> list[str]:
    return [name for name in ("none", "some", "danger") if page.locator(f".result.{name}").is_visible()]


@pytest.mark.parametrize("context", [{}, {"java_script_enabled": False}], ids=["scripts", "no-scripts"], indirect=True)
def test_the_safety_check_answers_in_the_page_and_sends_nothing(page: Page) -> None:
    page.goto("/check/", wait_until="networkidle")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright takes no builtin
    assert shown(page) == ["none"]
    page.locator(".check input:not(.grave)").first.check()
    assert shown(page) == ["some"]
    page.locator(".check .grave").first.check()
    assert shown(page) == ["danger"]
    page.locator(".check .grave").first.uncheck()
    assert shown(page) == ["some"]
    page.get_by_role("button", name="Clear the form").click()
    assert shown(page) == ["none"]
    page.locator(".check input").last.check()
    page.locator(".check input").last.press("Enter")
    page.get_by_role("link", name="See what this may mean").click()
    assert shown(page) == ["some"]
    assert [request.url for request in asked if "icon" not in request.url] == []  # Chromium looks its icon up again
    expect(page).to_have_url(re.compile("/check/#meaning$"))
    assert page.locator(".check [name]").count() == 0


@pytest.mark.parametrize("context", [{}, {"java_script_enabled": False}], ids=["scripts", "no-scripts"], indirect=True)
def test_the_way_to_the_wording_is_in_view_from_the_first_tick(page: Page) -> None:
    page.goto("/check/")
    way, meaning = page.get_by_role("link", name="See what this may mean"), page.locator("#meaning")
    expect(way).not_to_be_in_viewport()
    page.locator(".check input").nth(3).check()
    expect(way).to_be_in_viewport(ratio=1)
    way.click()
    expect(meaning).to_be_in_viewport(ratio=1)
    expect(meaning).to_be_focused()


@pytest.mark.parametrize("wording", ["none", "some", "danger"])
def test_people_to_talk_to_stand_below_each_wording(page: Page, wording: str) -> None:
    page.goto("/check/")
    if wording != "none":
        page.locator(".check .grave" if wording == "danger" else ".check input:not(.grave)").first.check()
    assert shown(page) == [wording]
    expect(page.get_by_role("heading", name="Talk to a person")).to_be_visible()
    numbers = page.locator(".cards a[href^=tel]").all_inner_texts()
    assert numbers[:2] == ["911", "800-799-7233"]
    assert page.locator(".result a[href='tel:911']").is_visible() == (wording == "danger")


def test_ticks_are_gone_after_leaving_the_check(page: Page) -> None:
    page.goto("/check/")
    page.locator(".check input").first.check()
    page.goto("/")
    page.go_back()
    assert page.locator(".check input:checked").count() == 0
    page.reload()
    assert page.locator(".check input:checked").count() == 0


def test_colors_and_text_are_chosen_in_one_cookie_and_nothing_is_sent_back_differently(page: Page) -> None:
    page.goto("/display/")
    before = page.context.request.get("/").body()
    page.get_by_label("Dark").check()
    page.get_by_label("Largest").check()
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    assert cookies == {"display": "dark.3.."}
    page.goto("/")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-text", "3")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 25, 29)"
    assert page.context.request.get("/").body() == before
    page.goto("/display/")
    expect(page.get_by_label("Dark")).to_be_checked()
    page.get_by_label("Like my device").check()
    page.get_by_label("Normal").check()
    assert page.context.cookies() == []


def test_bare_titles_stand_on_every_page_and_give_way_to_the_cover(page: Page) -> None:
    page.goto("/display/")
    expect(page).to_have_title("Text and colors – Either Way")
    page.get_by_label("“Either Way” on every page").check()
    for path in ("/display/", "/", "/guide/red-flags/", "/es/help/", "/search/", "/nowhere/"):
        expect(page).to_have_title("Either Way")
        page.goto(path)
    page.goto("/")
    page.evaluate("sessionStorage.setItem('left', '1')")
    page.reload()
    expect(page).to_have_title("Loading")
    send(page, "Continue")
    page.goto("/display/")
    page.get_by_label("Say what a page is about").check()
    expect(page).to_have_title("Either Way")
    page.goto("/guide/red-flags/")
    expect(page).to_have_title("Red flags the second time – Either Way")


def test_a_search_finds_marks_and_stays_out_of_the_address(page: Page) -> None:
    page.goto("/search/")
    page.get_by_label("Words to look for").fill("boundaries")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_have_text(re.compile("boundaries", re.IGNORECASE))
    assert page.url.endswith("/search/")
    assert page.context.cookies() == []


def test_print_leaves_the_frame_away(page: Page) -> None:
    page.goto("/guide/red-flags/")
    page.emulate_media(media="print")
    for selector in ("header.bar", "nav.nav", ".toc", ".pn", "#exit"):
        expect(page.locator(selector)).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], ids=["no-scripts"], indirect=True)
def test_without_scripts_every_page_of_the_guide_works(page: Page) -> None:
    """The choice of colors needs a script, and says so; all three wordings of the check need none."""
    page.goto("/")
    page.get_by_role("link", name="Start with part 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why it ended, and whether it can be repaired")
    page.goto("/check/")
    page.locator(".grave").first.check()
    expect(page.locator(".result.danger")).to_be_visible()
    page.get_by_role("button", name="Clear the form").click()
    expect(page.locator(".result.danger")).to_be_hidden()
    page.goto("/search/")
    page.get_by_label("Words to look for").fill("feelings")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_be_visible()
    page.goto("/display/")
    expect(page.get_by_text(re.compile("scripts are (turned |switched )?off"))).to_be_visible()
    expect(page.locator("form.display")).to_be_hidden()

"""One person's way through the site, and one editor's, as a browser sees it."""

import re
import time
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, join, send, sign_up
from tests.conftest import PASSWORD

WORDS = "It is worst on Sunday nights. I could call Dana for that."


def lead_to_question(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Are you ready")).click()
    page.get_by_role("heading", level=1, name="Are you ready?").wait_for()
    page.locator(".qs h3 a").nth(1).click()
    expect(page).to_have_title("Question 2 of 8 – Either Way")
    page.get_by_role("link", name="Answer privately").click()
    expect(page).to_have_url(re.compile(r"/join/\?next=%2Fjournal%2F2%2F$"))


def confirm(page: Page, key: str) -> None:
    groups = key.split("-")
    page.get_by_label("Group 2").fill(groups[1].lower())
    page.get_by_label("Group 5").fill(groups[4])
    page.get_by_role("button", name="I wrote it down").click()


def write_lock_and_come_back(page: Page) -> None:
    page.locator("#id_text").fill(WORDS)
    page.get_by_text("Settled for now").click()
    page.get_by_role("button", name="Save and close").click()
    expect(page.locator(".todo li").nth(1)).to_contain_text("Settled for now")
    page.get_by_role("link", name=re.compile("time")).first.click()
    expect(page.locator("#id_text")).to_have_value(WORDS)
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Sunday")
    page.goto("/journal/2/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page).to_have_url(re.compile(r"/journal/2/#main$"))


def revise_and_look_back(page: Page) -> None:
    page.locator("#id_text").fill(WORDS + " The missing got smaller.")
    send(page, "Save and close")
    page.goto("/journal/2/history/")
    expect(page.locator(".entries li")).to_have_count(2)
    page.locator(".entries a").last.click()
    expect(page.locator(".words")).to_have_text(WORDS)
    page.goto("/account/")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Either Way: a guide and a private journal")
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Sunday")
    page.goto("/journal/")
    expect(page.get_by_role("heading", name="Open your journal")).to_be_visible()


@pytest.mark.parametrize("context", [{}, {"java_script_enabled": False}], ids=["scripts", "no-scripts"], indirect=True)
def test_a_person_reads_joins_writes_locks_comes_back_and_revises(page: Page, request: pytest.FixtureRequest) -> None:
    name = "quiet-" + request.node.callspec.id
    lead_to_question(page)
    key = join(page, name, page.url)
    assert re.fullmatch(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]{5}", key)
    confirm(page, key)
    expect(page).to_have_url(re.compile(r"/journal/2/$"))
    write_lock_and_come_back(page)
    revise_and_look_back(page)


def test_an_editor_changes_a_title_and_publishes_it(page: Page, site: Site) -> None:
    page.goto("/manage/")
    page.get_by_label("User name").fill("edith")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Sections", exact=True).click()
    page.get_by_role("link", name="The bottom line").click()
    page.get_by_label("Title").fill("What it comes down to")
    page.locator("[name=_save]").first.click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    assert b"What it comes down to" not in urlopen(f"{site.url}/guide/bottom-line/").read()
    row = page.locator("#result_list tr", has_text="What it comes down to")
    expect(row).to_contain_text("live + draft")
    row.get_by_role("link", name="What it comes down to").click()
    page.locator("[name=_publish]").first.click()
    expect(page.locator(".messagelist")).to_contain_text("Published.")
    time.sleep(1.1)
    page.goto("/guide/bottom-line/")
    expect(page.get_by_role("heading", level=1)).to_have_text("What it comes down to")
    for _ in range(8):  # whichever process answers
        assert b"What it comes down to" in urlopen(f"{site.url}/").read()


def test_words_typed_before_a_session_was_deleted_are_saved_after_signing_in(page: Page, site: Site) -> None:
    sign_up(page, "words-kept")
    page.goto("/journal/3/")
    page.locator("#id_text").fill(WORDS)
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="Save and close").click()
    expect(page.get_by_text("Your words are safe on this page.")).to_be_visible()
    expect(page.locator("[name=kept_text]")).to_be_hidden()
    page.get_by_label("User name").fill("words-kept")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Open journal").click()
    expect(page.locator("#id_text")).to_have_value(WORDS)
    send(page, "Save")
    page.goto("/journal/3/history/")
    expect(page.locator(".entries li")).to_have_count(1)


def test_a_form_left_open_while_signing_in_again_elsewhere_is_saved(page: Page) -> None:
    sign_up(page, "two-tabs")
    page.goto("/journal/3/")
    page.locator("#id_text").fill(WORDS)
    other = page.context.new_page()
    other.goto("/account/")
    send(other, "Sign out")
    other.goto("/sign-in/")
    other.get_by_label("User name").fill("two-tabs")
    other.locator("[name=password]").fill(PASSWORD)
    other.get_by_role("button", name="Open journal").click()
    other.get_by_role("heading", name="Your journal").wait_for()
    page.get_by_role("button", name="Save and close").click()
    expect(page.locator("#id_text")).to_have_value(WORDS)
    send(page, "Save")
    page.goto("/journal/3/history/")
    expect(page.locator(".entries li")).to_have_count(1)


def test_a_second_tab_shows_both_texts_and_saves_both(page: Page) -> None:
    sign_up(page, "clash")
    page.goto("/journal/3/")
    page.locator("#id_text").fill("written here")
    other = page.context.new_page()
    other.goto("/journal/3/")
    other.locator("#id_text").fill("written there")
    other.get_by_role("button", name="Save and close").click()
    other.get_by_role("heading", name="Your journal").wait_for()
    send(page, "Save and close")
    expect(page.locator(".words")).to_have_text("written there")
    expect(page.locator("#id_text")).to_have_value("written here")
    assert page.locator("h1, h2").all_inner_texts()[1:] == ["Saved somewhere else"]
    send(page, "Save and close")
    page.goto("/journal/3/history/")
    expect(page.locator(".entries li")).to_have_count(2)


def test_the_keyboard_saves_from_the_box(page: Page) -> None:
    sign_up(page, "keyboard")
    page.goto("/journal/4/")
    page.locator("#id_text").fill("saved by keyboard")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name="Your journal")).to_be_visible()

"""A form that is refused: what is said where, for eyes, keyboard and screen reader; and that nothing typed is lost."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_up
from tests.conftest import PASSWORD

# What the page says of each field that was refused: the summary's words and the field's, and how they are tied to it.
SAID = """() => [...document.querySelectorAll('.err a')].map(link => {
  const field = document.querySelector(link.hash);
  const told = (field.getAttribute('aria-describedby') || '').split(' ').map(id => document.getElementById(id));
  const message = told.find(part => part.classList.contains('msg'));
  return {name: field.name, invalid: field.getAttribute('aria-invalid'),
    same: message.textContent.trim().replace(/^Error:\\s*/, '') === link.textContent.trim()};
})"""
LONG = "x" * 41
FORMS: list[tuple[str, dict[str, str], list[str]]] = [
    ("/join/", {"username": "two words", "password": "short"}, ["username", "password"]),
    ("/sign-in/", {"username": LONG, "password": ""}, ["username", "password"]),
    ("/recover/", {"username": "somebody", "new_password": "short"}, ["recovery_key", "new_password"]),
]


def check_refusal(page: Page, typed: dict[str, str], refused: list[str]) -> None:
    expect(page.locator(".err")).to_be_focused()
    page.wait_for_load_state()
    assert page.title() == "Either Way"
    assert page.evaluate(SAID) == [{"name": name, "invalid": "true", "same": True} for name in refused]
    for name, value in typed.items():
        expected = "" if "password" in name else value
        expect(page.locator(f"main [name={name}]")).to_have_value(expected)
    for link, name in zip(page.locator(".err a").all(), refused, strict=True):
        link.click()
        expect(page.locator(f"main [name={name}]")).to_be_focused()


@pytest.mark.parametrize(("path", "typed", "refused"), FORMS, ids=["join", "sign in", "recover"])
def test_a_refused_door_says_what_is_wrong_and_keeps_all_but_passwords(
    page: Page, path: str, typed: dict[str, str], refused: list[str]
) -> None:
    page.goto(path)
    for name, value in typed.items():
        page.locator(f"main [name={name}]").evaluate("(field, value) => { field.value = value }", value)
    page.locator("main form [type=submit]").first.click()
    check_refusal(page, typed, refused)


def test_a_refused_text_says_what_is_wrong_and_is_all_there(page: Page) -> None:
    sign_up(page, "refused")
    page.goto("/journal/2/")
    page.locator("#id_text").evaluate("box => { box.value = 'x'.repeat(100001) }")
    page.get_by_role("button", name="Save and close").click()
    check_refusal(page, {"text": "x" * 100_001}, ["text"])
    page.goto("/account/password/")
    page.locator("main [type=submit]").click()
    check_refusal(page, {}, ["password", "new_password"])


def test_nothing_stops_a_paste_into_any_field(page: Page) -> None:
    pasted: Any = """() => [...document.querySelectorAll('main input:not([type=hidden], [type=checkbox]), textarea')]
      .map(field => field.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true})))"""
    sign_up(page, "pasted")
    for path in ("/account/password/", "/account/key/", "/account/key/test/", "/account/code/", "/journal/2/"):
        page.goto(path)
        assert set(page.evaluate(pasted)) == {True}, path
    page.context.clear_cookies()
    for path in ("/join/", "/sign-in/", "/recover/", "/search/"):
        page.goto(path)
        assert set(page.evaluate(pasted)) == {True}, path


def test_every_page_behind_the_lock_opens_where_it_was_with_its_words(page: Page) -> None:
    sign_up(page, "return")
    page.goto("/journal/2/")
    page.locator("#id_text").fill("half a thought")
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("heading", name="Locked").wait_for()
    page.goto("/journal/2/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.locator("#id_text")).to_have_value("half a thought")
    expect(page.locator("#main")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()


def test_a_wrong_password_at_the_lock_takes_the_focus_to_what_is_wrong(page: Page) -> None:
    sign_up(page, "wrongatthelock")
    page.get_by_role("button", name="Lock").click()
    page.locator("[name=password]").fill("not the password")
    page.get_by_role("button", name="Unlock").click()
    expect(page.locator(".err")).to_be_focused()

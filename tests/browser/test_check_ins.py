"""A week checked in by keyboard and without scripts, its chart on the smallest phone, and a pause on the way."""

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import check_in, send, sign_up
from tests.browser.test_accessibility import CHECKS

SCHEMES: list[Any] = ["light", "dark"]

# How high the letters of the chart are and how they stand out, at least, and which stand over others.
LETTERS = """() => {
  const texts = [...document.querySelectorAll('.chart text')];
  const scale = document.querySelector('.chart').getBoundingClientRect().width / 358;
  const all = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
  const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2;
  const pairs = all.flatMap(([said, a], i) => all.slice(i + 1).map(([other, b]) => [said, a, other, b]));
  const paper = getComputedStyle(document.querySelector('.card:has(.chart)') || document.body).backgroundColor;
  return {
    contrast: Math.min(...texts.map(text => checks.contrast(getComputedStyle(text).fill, paper))),
    least: Math.min(...texts.map(text => parseFloat(getComputedStyle(text).fontSize) * scale)),
    over: pairs.filter(([, a, , b]) => over(a, b)).map(([said, , other]) => said + ' ' + other),
  };
}"""


def numbers(page: Page) -> list[str]:
    return page.locator(".chart text:not(.ax)").all_text_contents()


def press(page: Page, key: str, until: str) -> None:
    """Press a key until the focus is on an element. A page that is just coming has not all of them yet."""
    page.wait_for_load_state()
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", until):
            return
    raise AssertionError(f"{key} never reaches {until}")


def test_a_week_is_checked_in_by_keyboard_alone(page: Page) -> None:
    sign_up(page, "check-in-keys")
    press(page, "Tab", "a[href='/journal/check-in/']")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Week of").wait_for()
    press(page, "Tab", "input[value=nostalgia]")
    page.keyboard.press("Space")
    press(page, "Tab", "#id_text")
    page.keyboard.type("A note")
    page.keyboard.press("Control+s")
    page.get_by_role("heading", name="Weekly check-ins").wait_for()
    expect(page.get_by_role("cell")).to_have_text(["Nostalgia in place of progress"])
    expect(page.get_by_text("Two check-ins within 12 weeks make a chart.")).to_be_visible()
    check_in(page, "before", 3)
    assert page.get_by_role("img", name="Red flags noticed each week").is_visible()
    assert numbers(page) == ["3", "1"]


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_a_week_is_saved_and_a_pause_loses_neither_ticks_nor_words(page: Page) -> None:
    sign_up(page, "check-in-plain")
    page.get_by_role("link", name="This week").click()
    page.get_by_label("Nostalgia in place of progress").check()
    page.get_by_label("Anything you want to remember?").fill("A note")
    send(page, "Pause on a quiet page")
    page.get_by_role("heading", name="A quiet page").wait_for()
    assert (page.title(), page.locator("main form, main img, main svg").count()) == ("Either Way", 0)
    page.get_by_role("link", name="Back to what you were writing").click()
    assert page.get_by_label("Nostalgia in place of progress").is_checked()
    assert page.get_by_label("Anything you want to remember?").input_value() == "A note"
    send(page, "Save this week")
    assert page.get_by_role("cell").all_inner_texts() == ["Nostalgia in place of progress"]


def test_a_pause_asks_nothing_though_words_are_unsaved(page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    sign_up(page, "pausing")
    page.goto("/journal/2/")
    page.locator("#id_text").press_sequentially("words")
    page.get_by_role("button", name="Pause on a quiet page").click()
    page.get_by_role("link", name="Back to what you were writing").click()
    assert (page.locator("#id_text").input_value(), asked) == ("words", [])


def test_twelve_weeks_of_the_chart_can_be_read_at_any_width(page: Page) -> None:
    page.add_init_script(path=CHECKS)
    sign_up(page, "check-in-12")
    check_in(page, "/journal/check-in/", 6)
    for n in range(11):
        check_in(page, "before", n % 7)
    for path in ("/journal/check-ins/", "/journal/"):
        page.goto(path)
        assert numbers(page) == [*(str(n % 7) for n in reversed(range(11))), "6"]
        for width, scheme in product((320, 390, 1280), SCHEMES):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            seen: dict[str, Any] = page.evaluate(LETTERS)
            assert seen["over"] == [], width
            assert seen["least"] > 12, width
            assert seen["contrast"] >= 7, (width, scheme)

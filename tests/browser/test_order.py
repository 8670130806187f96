"""Rows of the desk's lists are moved by mouse, finger and arrow keys. Save keeps the order, publishing shows it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import at_the_desk
from tools.site import Site

LIST = "/manage/guide/tip/"


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Page]:
    with at_the_desk(browser, site, "edith", has_touch=True) as [page]:
        yield page


def rows(page: Page) -> list[str]:
    return page.locator("#result_list tbody th").all_inner_texts()


def numbers(page: Page) -> list[str]:
    inputs = page.locator("#result_list input[name$=-position]")
    return [inputs.nth(i).input_value() for i in range(inputs.count())]


def handle(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Move {name}", exact=True)


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def save_and_publish(page: Page) -> None:
    with page.expect_navigation():  # a script of the next page ticks them all
        page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("changed successfully").wait_for()
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("publish")
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_text("Published. Readers see it now").wait_for()
    page.wait_for_timeout(1100)


def seen_by_readers(page: Page) -> list[str]:
    page.goto("/guide/reaching-out/")
    seen = page.locator("main h3").all_inner_texts()
    page.goto(LIST)
    return sorted(rows(page), key=seen.index)


def test_a_row_is_dragged_and_readers_meet_the_new_order(desk: Page) -> None:
    desk.goto(LIST)
    first, second, third, fourth = rows(desk)
    before = numbers(desk)
    x, y = middle(handle(desk, first))
    _, below = middle(handle(desk, third))
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x, below + 12, steps=8)
    desk.mouse.up()
    assert rows(desk) == [second, third, first, fourth]
    assert numbers(desk) == before
    expect(desk.get_by_text("Moved to place 3 of 4. Save to keep the order.")).to_be_visible()

    desk.goto(LIST)
    assert rows(desk) == [first, second, third, fourth]  # nothing was saved
    desk.mouse.move(*middle(handle(desk, first)))
    desk.mouse.down()
    desk.mouse.move(x, below + 12, steps=8)
    desk.mouse.up()
    save_and_publish(desk)
    assert rows(desk) == seen_by_readers(desk) == [second, third, first, fourth]


def test_the_arrow_keys_move_a_row_and_the_focus_stays(desk: Page) -> None:
    desk.goto(LIST)
    first, second, third, fourth = rows(desk)
    handle(desk, fourth).focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown"):
        desk.keyboard.press(key)
    expect(handle(desk, fourth)).to_be_focused()
    assert rows(desk) == [first, fourth, second, third]
    expect(desk.locator("[aria-live]")).to_have_text("Moved to place 2 of 4. Save to keep the order.")
    save_and_publish(desk)
    assert rows(desk) == seen_by_readers(desk) == [first, fourth, second, third]


def test_a_finger_drags_too(desk: Page) -> None:
    desk.goto(LIST)
    first, second, *others = rows(desk)
    x, y = middle(handle(desk, first))
    _, below = middle(handle(desk, second))
    finger = desk.context.new_cdp_session(desk)
    for kind, at in (("touchStart", y), ("touchMove", y + 9), ("touchMove", below + 12), ("touchEnd", None)):
        points = [] if at is None else [{"x": x, "y": at}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert rows(desk) == [second, first, *others]


def test_numbers_that_are_the_same_are_counted_anew(desk: Page) -> None:
    desk.goto(LIST)
    inputs = desk.locator("#result_list input[name$=-position]")
    for i, number in enumerate(("3", "3", "", "40")):
        inputs.nth(i).fill(number)
    handle(desk, rows(desk)[3]).press("ArrowUp")
    assert numbers(desk) == ["1", "2", "3", "4"]
    for i, number in enumerate(("10", "20", "30", "40")):
        inputs.nth(i).fill(number)
    handle(desk, rows(desk)[3]).press("ArrowUp")
    assert numbers(desk) == ["10", "20", "30", "40"]


def test_help_lines_are_moved_within_their_country(desk: Page) -> None:
    desk.goto("/manage/guide/helpline/")
    countries = desk.locator("#result_list .field-country").all_inner_texts()
    last = countries.count(countries[0]) - 1
    name = rows(desk)[last]
    before = rows(desk)
    handle(desk, name).press("ArrowDown")
    assert rows(desk) == before
    handle(desk, name).press("ArrowUp")
    assert rows(desk) == [*before[: last - 1], name, before[last - 1], *before[last + 1 :]]
    assert desk.locator("#result_list .field-country").all_inner_texts() == countries


@pytest.mark.parametrize("query", ["?q=you", "?state=live", "?language=es", "?o=-2", "?o=1", "?o=1.2"])
def test_a_list_that_is_not_whole_and_in_order_has_no_handles(desk: Page, query: str) -> None:
    desk.goto(LIST)
    expect(desk.locator(".handle")).to_have_count(4)
    desk.goto(LIST + query)
    expect(desk).to_have_url(re.compile(re.escape(query)))
    desk.locator("#changelist").wait_for()
    expect(desk.locator(".handle")).to_have_count(0)

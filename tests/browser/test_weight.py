"""What a first visit weighs on the wire and how often it asks: the real server, asked as a browser asks."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Request, expect

from tests.browser.conftest import Site, watched
from tests.browser.test_accessibility import PRIVATE, PUBLIC

PAGE, WHOLE_GUIDE = 30_000, 62_000  # bytes, headers of answers not counted
GUIDE = {name: path for name, path in PUBLIC.items() if name not in {"join", "sign in", "recover", "whole guide"}}
Weigh = Callable[[str], dict[str, int]]


@pytest.fixture
def weigh(browser: Browser, site: Site, alices_state: Any) -> Weigh:
    """Open a page with an empty cache; return the bytes of each kind of file, and how many were asked for."""

    def first_visit(path: str) -> dict[str, int]:
        state = alices_state if path in PRIVATE.values() else None
        with watched(browser, site, storage_state=state) as context:
            asked: list[Request] = []
            context.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108
            context.new_page().goto(path, wait_until="load")
            # A picture is an editor's choice, and another test may have put one into a text.
            ours = [request for request in asked if request.resource_type != "image"]
            found = {"document": 0, "stylesheet": 0, "script": 0, "other": 0, "requests": len(ours)}
            for request in ours:  # "other" is the icon
                found[request.resource_type] += request.sizes()["responseBodySize"]
        return found

    return first_visit


def heavy(found: dict[str, int], page: int, requests: int, script: int) -> dict[str, int]:
    """Return what is over its budget."""
    total = found["document"] + found["stylesheet"] + found["script"] + found["other"]
    budget = {"requests": requests, "stylesheet": 10_000, "script": script, "other": 500, "total": page}
    return {name: have for name, have in {**found, "total": total}.items() if have > budget.get(name, page)}


def test_a_page_of_the_guide_is_light_and_asks_at_most_five_times_with_its_icon(weigh: Weigh) -> None:
    found = {
        name: heavy(weigh(path), PAGE, requests=6 if name == "display" else 5, script=2000)
        for name, path in GUIDE.items()
    }
    assert {name: over for name, over in found.items() if over} == {}


def test_the_whole_guide_on_one_page_is_still_light(weigh: Weigh) -> None:
    assert heavy(weigh("/guide/all/"), WHOLE_GUIDE, requests=5, script=2000) == {}


def test_a_page_of_the_journal_is_light(weigh: Weigh) -> None:
    doors = {name: path for name, path in PUBLIC.items() if name in {"join", "sign in", "recover"}}
    found = {name: heavy(weigh(path), PAGE, requests=7, script=6000) for name, path in {**doors, **PRIVATE}.items()}
    assert {name: over for name, over in found.items() if over} == {}


def test_style_and_scripts_are_compressed(weigh: Weigh) -> None:
    found = weigh("/")
    assert 1000 < found["stylesheet"] < 10_000
    assert 1000 < found["script"] < 2000


def test_a_key_in_a_long_text_costs_no_look_at_the_whole_form(browser: Browser, site: Site, alices_state: Any) -> None:
    with watched(browser, site, storage_state=alices_state) as context:
        context.add_init_script("""
          window.forms = 0;
          window.FormData = class extends FormData { constructor(form) { super(form); window.forms += 1; } };
        """)
        page = context.new_page()
        page.goto("/journal/3/")
        looks = """box => {
          box.value = 'A line. '.repeat(2500);
          const before = window.forms;
          for (let n = 0; n < 50; n++) {
            box.value += "x";
            box.dispatchEvent(new InputEvent("input", {bubbles: true}));
          }
          return window.forms - before;
        }"""
        page.locator("#id_text").evaluate("box => { box.focus(); }")
        assert page.locator("#id_text").evaluate(looks) == 0
        page.wait_for_function("() => window.forms > 1")  # at the pause after them it looks
        expect(page.locator("[data-saving]")).to_contain_text("Saved and locked")

"""Every page at every width, with larger text, at 400 % zoom, with wide spacing, in other letters: each page is
loaded once, and asked about itself by `checks.js`."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site, watched
from tests.browser.test_accessibility import CHECKS, PRIVATE, PUBLIC

SIZES = {"small": (320, 640), "phone": (390, 844), "desk": (1280, 900)}
ZOOMED = (320, 256)  # 1280 × 1024 at 400 %
# WCAG 1.4.12, the widest spacing that text has to bear.
SPACED = "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
SWAPPED = ":root:root:root{--serif:sans-serif;--sans:serif}"
# What is smaller than 44 pixels, though never below 24: eight knots share the width of a phone, and so do seven days.
SMALL = {f"a Question {number}" for number in range(1, 9)} | {"a Question 2, answered"}


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def look(page: Page) -> dict[str, list[str]]:
    """Return what is wrong with a page that was just loaded, by what was asked."""
    ask = page.evaluate
    found = {"landmarks": ask("checks.landmarks()"), "labels": ask("checks.fields()")}
    for name, size in SIZES.items():
        resize(page, size)
        found |= {f"{name}, {check}": ask(f"checks.{check}()") for check in ("exit", "sideways", "clipped")}
        found[f"{name}, below 24"] = ask("checks.targets(24)")
        small = [control for control in ask("checks.targets(44)") if not re.fullmatch(r"a \d+, you wrote", control)]
        found[f"{name}, below 44"] = [control for control in small if control not in SMALL]
        for rule in (SPACED, SWAPPED) if name == "small" else ():
            ask("rule => checks.add(rule)", rule)
            found[f"{name} {rule[:3]}"] = ask("[...checks.sideways(), ...checks.clipped(), ...checks.exit()]")
            ask("checks.remove()")
        if name != "small":
            ask("document.documentElement.style.setProperty('font-size', '200%')")
            found[f"{name}, larger text"] = ask("[...checks.sideways(), ...checks.exit()]")
            ask("document.documentElement.style.removeProperty('font-size')")
    resize(page, ZOOMED)
    found["400 %"] = ask("[...checks.lowBar(), ...checks.exit(), ...checks.sideways()]")
    return {check: wrong for check, wrong in found.items() if wrong}


@pytest.mark.parametrize("pages", [PUBLIC, PRIVATE], ids=["public", "private"])
def test_every_page_keeps_its_shape_at_any_width_zoom_spacing_and_letters(
    browser: Browser, site: Site, alices_state: Any, pages: dict[str, str]
) -> None:
    state = alices_state if pages is PRIVATE else None
    with watched(browser, site, storage_state=state) as context:
        context.add_init_script(path=CHECKS)
        page = context.new_page()
        found = {}
        for name, path in pages.items():
            page.goto(path)
            found[name] = look(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}

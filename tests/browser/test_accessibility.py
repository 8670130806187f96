"""axe on every page type, on phone and desk, by day and by night; keyboard, reflow, text that grows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import WIDTHS, Site, at_the_desk, join, send, watched
from tests.conftest import PASSWORD

PUBLIC = {
    "home": "/",
    "part 1": "/guide/why-it-ended/",
    "part 2": "/guide/when-to-walk-away/",
    "part 3": "/guide/are-you-ready/",
    "part 4": "/guide/reaching-out/",
    "part 5": "/guide/red-flags/",
    "part 6": "/guide/what-others-think/",
    "question": "/guide/are-you-ready/2/",
    "whole guide": "/guide/all/",
    "check": "/check/",
    "help": "/help/",
    "country": "/help/uk/",
    "about": "/about/",
    "privacy": "/privacy/",
    "display": "/display/",
    "search": "/search/",
    "join": "/join/",
    "sign in": "/sign-in/",
    "recover": "/recover/",
    "deleted": "/account/deleted/",
    "pause": "/journal/pause/",
    "404": "/nowhere/",
}
PRIVATE = {
    "journal": "/journal/",
    "write": "/journal/2/",
    "new page": "/journal/pages/new/",
    "versions": "/journal/2/history/",
    "version": "/journal/2/history/1/",
    "delete version": "/journal/2/history/1/delete/",
    "check-in": "/journal/check-in/2026-W02/",
    "check-ins": "/journal/check-ins/",
    "check-in versions": "/journal/check-in/2026-W02/history/",
    "timeline": "/journal/timeline/",
    "calendar": "/journal/calendar/",
    "compare": "/journal/2/compare/",
    "search in the journal": "/journal/search/",
    "version of a check-in": "/journal/check-in/2026-W02/history/1/",
    "new letter": "/journal/letters/new/",
    "limits": "/journal/limits/",
    "summary": "/journal/summary/",
    "account": "/account/",
    "password": "/account/password/",
    "new key": "/account/key/",
    "try key": "/account/key/test/",
    "second step": "/account/code/",
    "sessions": "/account/sessions/",
    "export": "/journal/export/",
    "export of records": "/journal/export/record/",
    "import": "/journal/import/",
    "delete account": "/account/delete/",
}
LOOKS = [(width, scheme) for width in WIDTHS for scheme in ("light", "dark")]
CHECKS = Path(__file__).with_name("checks.js")
EACH_SCRIPT = ("/", "/display/", "/recover/", "/journal/2/", "/account/")  # between them they load every script
WALKS = [
    ("/", "light"),
    ("/", "dark"),
    ("/guide/are-you-ready/", "dark"),
    ("/check/", "light"),
    ("/help/us/", "dark"),
    ("/journal/", "light"),
    ("/journal/2/", "light"),
    ("/journal/2/", "dark"),
    ("/journal/check-in/2026-W02/", "dark"),
    ("/account/password/", "light"),
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "wcag2aaa", "best-practice"]
OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}

# Over 8 MB as a form; hidden, because laying it out takes a browser long.
TOO_MUCH = "box => { box.hidden = true; box.value = '💔'.repeat(800000); box.form.requestSubmit() }"


# How many stops there are for the Tab key; of a group of radios only one is.
STOPS = """() => {
  const all = [...document.querySelectorAll('a[href], button, input, textarea, summary')]
    .filter(e => e.type !== 'hidden' && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}));
  const groups = new Set(all.filter(e => e.type === 'radio').map(e => e.name));
  return all.filter(e => e.type !== 'radio').length + groups.size;
}"""


# What the keyboard could have changed.
SEEN = """() => [document.body.innerHTML, scrollY, document.activeElement.tagName,
   [...document.querySelectorAll('input, textarea')].map(field => field.value + field.checked)]"""


# What axe can't decide and was looked at: text on a surface with a drawn line beside it, whose colors are those of any
# other text there; and links of the same words to places of the same kind (a part and its part of the whole guide,
# two versions of one minute).
LEFT_OPEN = {
    ("color-contrast", "Element's background color could not be determined due to a pseudo element"),
    ("color-contrast-enhanced", "Element's background color could not be determined due to a pseudo element"),
    # The numbers in the chart of check-ins; `test_check_ins.py` measures them.
    ("color-contrast", "Element's background color could not be determined because element contains an image node"),
    ("color-contrast", "Element content is too short to determine if it is actual text content"),
    ("identical-links-same-purpose", ""),
}


def left_open(page: Page) -> set[tuple[str, str]]:
    """The rules that axe could neither pass nor fail on a page, and why."""
    found = Axe().run(page, options={**OPTIONS, "resultTypes": ["incomplete"]}).response["incomplete"]
    return {
        (rule["id"], next((check["message"] for check in node["any"]), "")) for rule in found for node in rule["nodes"]
    }


def violations(page: Page, *, at: int = 0, **more: Any) -> list[str]:
    page.wait_for_load_state()  # of a page that answers a form, the end may still be coming
    page.evaluate("top => scrollTo(0, top)", at)  # a control half under a bar is no small target: it is on its way
    found = Axe().run(page, options={**OPTIONS, **more}).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


@pytest.fixture
def looking(
    browser: Browser, site: Site, request: pytest.FixtureRequest, alices_state: Any
) -> Iterator[BrowserContext]:
    width, scheme = request.param
    with watched(browser, site, viewport=WIDTHS[width], color_scheme=scheme, storage_state=alices_state) as context:
        yield context


@pytest.mark.parametrize("looking", LOOKS, ids="-".join, indirect=True)
def test_every_page_type_passes_axe_up_to_triple_a_contrast(looking: BrowserContext) -> None:
    page = looking.new_page()
    found = {}
    for name, path in {**PUBLIC, **PRIVATE}.items():
        page.goto(path)
        if name in {"join", "sign in"}:
            looking.clear_cookies()
            page.goto(path)
        found[name] = violations(page)
    assert {name: bad for name, bad in found.items() if bad} == {}


def test_axe_leaves_nothing_open_that_was_not_looked_at(browser: Browser, site: Site, alices_state: Any) -> None:
    with watched(browser, site, storage_state=alices_state) as context:
        page = context.new_page()
        found = set()
        for path in {**PUBLIC, **PRIVATE}.values():
            page.goto(path)
            found |= left_open(page)
    assert found == LEFT_OPEN


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_component_passes_axe_in_every_state(browser: Browser, site: Site, scheme: str) -> None:
    """Of the page that shows them all; that navigation stands there three times is what it is for."""
    with at_the_desk(browser, site, "edith", color_scheme=scheme) as [page]:
        page.goto("/styleguide/")
        assert [found for found in violations(page) if not found.startswith("landmark-unique")] == []


@pytest.mark.parametrize("looking", LOOKS, ids="-".join, indirect=True)
def test_pages_that_answer_a_form_pass_axe_too(looking: BrowserContext, request: pytest.FixtureRequest) -> None:
    page = looking.new_page()
    found = {}
    page.route("**/draft/", lambda route: None)  # no draft stays: others weigh this page
    page.goto("/journal/2/")
    page.locator("#id_text").evaluate("box => { box.value = 'x'.repeat(100001) }")
    page.get_by_role("button", name="Save and close").click()
    expect(page.locator(".err")).to_be_focused()
    found["too long"] = violations(page)
    assert page.title() == "Either Way"
    page.goto("/journal/2/")
    page.locator("#id_text").evaluate(TOO_MUCH)
    page.get_by_role("heading", name="That was more than we can read").wait_for()
    found["413"] = violations(page)
    looking.clear_cookies()
    page.goto("/join/")
    page.get_by_label("User name").fill("two words")
    page.locator("[name=password]").fill("short")
    page.get_by_role("button", name="Create journal").click()
    page.locator(".err").wait_for()
    found["join, refused"] = violations(page)
    page.locator(".err a").first.click()
    expect(page.locator("#id_username")).to_be_focused()
    join(page, f"axe-{request.node.callspec.id}")
    found["key"] = violations(page)
    send(page, "Skip for now")
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("heading", name="Locked").wait_for()
    found["locked"] = violations(page)
    page.goto("/check/")
    page.get_by_role("checkbox").first.check()
    found["check, ticked"] = violations(page, at=100_000)
    page.locator(".grave").first.check()
    found["check, danger"] = violations(page, at=100_000)
    page.goto("/search/")
    page.get_by_label("Words to look for").fill("feelings")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    page.locator("mark").first.wait_for()
    found["search results"] = violations(page)
    assert {name: bad for name, bad in found.items() if bad} == {}


def walk(page: Page, key: str, times: int = 120) -> list[dict[str, Any]]:
    """Press a key until the focus leaves the page, or so many times; return each stop."""
    stops: list[dict[str, Any]] = []
    for _ in range(times):
        page.keyboard.press(key)
        here = page.evaluate("checks.focus()")
        if not here:
            break
        stops.append(here)
    return stops


@pytest.mark.parametrize(("path", "scheme"), WALKS)
def test_the_keyboard_reaches_everything_in_order_both_ways_and_always_sees_where_it_is(
    browser: Browser, site: Site, alices_state: Any, path: str, scheme: Any
) -> None:
    with watched(browser, site, storage_state=alices_state, color_scheme=scheme) as context:
        context.add_init_script(path=CHECKS)
        page = context.new_page()
        page.goto(path)
        stops = walk(page, "Tab")
        assert [stop for stop in stops if stop["wrong"]] == []
        assert stops[0]["text"] == "Skip to main content"
        assert stops[1]["text"].startswith("Quick exit")
        assert len(stops) == page.evaluate(STOPS)
        places = [stop["place"] for stop in stops]
        assert places == sorted(places)
        page.evaluate("place => document.querySelectorAll('*')[place].focus()", places[-1])
        back = walk(page, "Shift+Tab", len(places) - 1)
        assert [stop for stop in back if stop["wrong"]] == []
        assert [stop["place"] for stop in reversed(back)] == places[:-1]
        assert page.url.startswith(site.url)  # Shift held for Tab is no quick exit


def test_single_keys_do_nothing_whatever_scripts_a_page_has(browser: Browser, site: Site, alices_state: Any) -> None:
    """Nothing moves, opens or is typed."""
    with watched(browser, site, storage_state=alices_state) as context:
        page = context.new_page()
        for path in EACH_SCRIPT:
            page.goto(path)
            before = page.url, page.title(), page.evaluate(SEEN)
            page.evaluate("document.activeElement.blur()")
            for key in "abcdefghijklmnopqrstuvwxyz0123456789?/":
                page.keyboard.press(key)
            assert (page.url, page.title(), page.evaluate(SEEN)) == before


def test_forms_name_their_fields_as_password_managers_expect(page: Page) -> None:
    expected = {
        "/join/": {"suggested": "", "username": "username", "password": "new-password"},
        "/sign-in/": {"username": "username", "password": "current-password", "code": "one-time-code"},
        "/recover/": {
            "username": "username",
            "recovery_key": "off",
            "new_password": "new-password",
            "code": "one-time-code",
        },
    }
    for path, fields in expected.items():
        page.goto(path)
        found = page.eval_on_selector_all(
            "main input:not([type=hidden])", "all => Object.fromEntries(all.map(e => [e.name, e.autocomplete]))"
        )
        assert found == fields
        typed = page.locator("[type=password]")
        name = typed.get_attribute("name")
        typed.fill(PASSWORD)
        page.get_by_role("button", name=re.compile("^Show")).click()
        assert page.locator(f"[name={name}]").get_attribute("type") == "text"

"""axe on every page type, on phone and desk, by day and by night; keyboard, reflow, text that grows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import WIDTHS, Site, Watch, join, sign_up
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
    "404": "/nowhere/",
}
PRIVATE = {
    "journal": "/journal/",
    "write": "/journal/2/",
    "new page": "/journal/pages/new/",
    "versions": "/journal/2/history/",
    "version": "/journal/2/history/1/",
    "delete version": "/journal/2/history/1/delete/",
    "account": "/account/",
    "password": "/account/password/",
    "new key": "/account/key/",
    "try key": "/account/key/test/",
    "second step": "/account/code/",
    "sessions": "/account/sessions/",
    "delete account": "/account/delete/",
}
LOOKS = [(width, scheme) for width in WIDTHS for scheme in ("light", "dark")]
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


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


@pytest.fixture(scope="module")
def alices_state(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Any:
    """The cookies of somebody who has written two versions of an answer and a free page."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    sign_up(page, f"axe-{worker_id}")
    for text in ("first", "second"):
        page.goto("/journal/2/")
        page.locator("#id_text").fill(text)
        page.get_by_role("button", name="Save and close").click()
        page.get_by_role("heading", name="Your journal").wait_for()
    page.goto("/journal/pages/new/")
    page.get_by_label("Title").fill("A page")
    page.locator("#id_text").fill("words")
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def looking(
    browser: Browser, site: Site, request: pytest.FixtureRequest, alices_state: Any
) -> Iterator[BrowserContext]:
    width, scheme = request.param
    context = browser.new_context(
        base_url=site.url, viewport=WIDTHS[width], color_scheme=scheme, storage_state=alices_state
    )
    watch = Watch(context, site)
    yield context
    context.close()
    assert watch.said == []
    assert watch.asked == []


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


@pytest.mark.parametrize("looking", LOOKS, ids="-".join, indirect=True)
def test_pages_that_answer_a_form_pass_axe_too(looking: BrowserContext, request: pytest.FixtureRequest) -> None:
    page = looking.new_page()
    found = {}
    page.goto("/journal/2/")
    page.locator("#id_text").evaluate("box => { box.value = 'x'.repeat(100001) }")
    page.get_by_role("button", name="Save and close").click()
    page.locator(".err").wait_for()
    found["too long"] = violations(page)
    assert page.evaluate("document.activeElement.className") == "err"
    assert page.title() == "Error: Either Way"
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
    assert page.evaluate("document.activeElement.id") == "id_username"
    join(page, f"axe-{request.node.callspec.id}")
    found["key"] = violations(page)
    page.get_by_role("button", name="Skip for now").click()
    page.get_by_role("button", name="Lock").click()
    page.get_by_role("heading", name="Locked").wait_for()
    found["locked"] = violations(page)
    page.goto("/check/")
    page.get_by_role("checkbox").first.check()
    found["check, ticked"] = violations(page)
    page.locator(".grave").first.check()
    page.get_by_role("link", name="See what this may mean").click()  # no box is half under the bar there
    found["check, danger"] = violations(page)
    page.goto("/search/")
    page.get_by_label("Words to look for").fill("feelings")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    page.locator("mark").first.wait_for()
    found["search results"] = violations(page)
    assert {name: bad for name, bad in found.items() if bad} == {}


@pytest.mark.parametrize("width", [320, 390])
def test_no_page_scrolls_sideways_on_a_small_phone_or_with_larger_text(
    browser: Browser, site: Site, alices_state: Any, width: int
) -> None:
    context = browser.new_context(
        base_url=site.url, viewport={"width": width, "height": 640}, storage_state=alices_state
    )
    page = context.new_page()
    wide = {}
    for path in [*PUBLIC.values(), *PRIVATE.values()]:
        page.goto(path)
        if width == 390:
            page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        found = page.evaluate("document.documentElement.scrollWidth")
        if found > width:
            wide[path] = found
    context.close()
    assert wide == {}


def focus(page: Page) -> dict[str, Any]:
    """Where the focus is: its text, how thick its outline is, and whether it can be seen there."""
    return page.evaluate("""() => {
      const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
      const x = Math.min(Math.max(r.left + r.width / 2, 1), innerWidth - 1);
      const y = Math.min(Math.max(r.top + Math.min(r.height / 2, 20), 1), innerHeight - 1);
      const hit = document.elementFromPoint(x, y);
      return {text: e.textContent.trim(), outline: parseFloat(s.outlineWidth), body: e === document.body,
              seen: !!hit && (e.contains(hit) || hit.contains(e)), inside: r.top >= 0 && r.top < innerHeight};
    }""")


@pytest.mark.parametrize("path", ["/", "/guide/are-you-ready/", "/check/", "/journal/2/", "/account/password/"])
def test_the_keyboard_reaches_everything_in_order_and_always_sees_where_it_is(
    browser: Browser, site: Site, alices_state: Any, path: str
) -> None:
    context = browser.new_context(base_url=site.url, viewport=WIDTHS["phone"], storage_state=alices_state)
    page = context.new_page()
    page.goto(path)
    stops = []
    for _ in range(120):
        page.keyboard.press("Tab")
        here = focus(page)
        if here["body"]:
            break
        assert here["outline"] >= 2, here
        assert here["seen"], here
        assert here["inside"], here
        stops.append(here["text"])
    assert stops[0] == "Skip to main content"
    assert stops[1].startswith("Quick exit")
    assert len(stops) == page.evaluate(STOPS)
    for _ in range(len(stops)):
        page.keyboard.press("Shift+Tab")
    assert page.url.startswith(site.url)  # Shift held for Tab is no quick exit
    context.close()


def test_letters_alone_do_nothing(page: Page) -> None:
    for path in ("/", "/check/", "/sign-in/"):
        page.goto(path)
        before = page.url
        page.locator("body").focus()
        for key in "abcdefghijklmnopqrstuvwxyz0123456789?/":
            page.keyboard.press(key)
        assert page.url == before


def test_forms_name_their_fields_as_password_managers_expect(page: Page) -> None:
    expected = {
        "/join/": {"username": "username", "password": "new-password"},
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

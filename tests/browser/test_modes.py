"""What a device or its reader asked for: colors, contrast, forced colors, no motion, a phone on its side."""

import time
from base64 import b32decode
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import Site, join, sign_up, watched
from tests.browser.test_accessibility import CHECKS, PRIVATE
from tests.conftest import PASSWORD

TOKEN = "name => getComputedStyle(document.documentElement).getPropertyValue(name)"
PAPER = {"light": "rgb(242, 245, 243)", "dark": "rgb(16, 25, 29)"}


def paper(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_asks_for_more_contrast_gets_darker_words_and_lines(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme, contrast="more")
    page.goto("/")
    tokens = {name: page.evaluate(TOKEN, f"--{name}") for name in ("ink", "ink2", "edge", "rule")}
    assert (tokens["ink2"], tokens["rule"]) == (tokens["ink"], tokens["edge"])
    page.emulate_media(contrast="no-preference")
    assert page.evaluate(TOKEN, "--ink2") != tokens["ink"]


# Of what is drawn rather than written: does its line or border stand out from the page?
DRAWN = """selectors => selectors.flatMap(selector => [...document.querySelectorAll(selector)].map(found => {
  const style = getComputedStyle(found), svg = found.closest('svg');
  const [line, width] = svg ? [style.stroke, style.strokeWidth] : [style.borderTopColor, style.borderTopWidth];
  const paper = getComputedStyle(document.body).backgroundColor;
  return [selector, parseFloat(width) > 0 && checks.contrast(line, paper) >= 3];
}))"""
# Where the line stands that is written: the last one of those in the box.
LINE = """lines => {
  const box = document.getElementById('id_text'), style = getComputedStyle(box), high = parseFloat(style.lineHeight);
  const inside = parseFloat(style.borderTopWidth) + parseFloat(style.paddingTop) - box.scrollTop;
  const top = box.getBoundingClientRect().top + inside + (lines - 1) * high;
  return [top, top + high];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_knots_borders_and_icons_stay_visible_in_forced_colors(
    browser: Browser, site: Site, alices_state: Any, scheme: Any
) -> None:
    pages = {
        "/": [".thread .run .you", ".thread .run .them", ".knot", ".exit", ".btn:not(.link)", ".brand path"],
        "/guide/why-it-ended/": [".band .you", ".band .them", ".pn a", ".exit path"],
        "/journal/2/": ["textarea", ".lk path", ".beads i", ".btn:not(.link)"],
        "/journal/": [".chart .you", ".chart .them", ".chart circle"],
        "/account/password/": ["input[type=password]"],
    }
    with watched(browser, site, storage_state=alices_state, forced_colors="active", color_scheme=scheme) as context:
        context.add_init_script(path=CHECKS)
        page = context.new_page()
        for path, selectors in pages.items():
            page.goto(path)
            drawn = page.evaluate(DRAWN, selectors)
            assert {selector for selector, _ in drawn} == set(selectors), path
            assert [selector for selector, visible in drawn if not visible] == [], path


@pytest.mark.parametrize(("system", "chosen"), [("light", "Dark"), ("dark", "Light")])
def test_what_a_reader_chose_wins_over_the_device_before_anything_is_painted(
    page: Page, system: Any, chosen: str
) -> None:
    page.emulate_media(color_scheme=system)
    page.goto("/display/")
    assert paper(page) == PAPER[system]
    page.get_by_label(chosen).check()
    assert paper(page) == PAPER[chosen.lower()]
    # The theme stands before there is a body, so that nothing flashes; and without any deferred script.
    page.add_init_script("""new MutationObserver((_, watch) => {
      if (!document.body) return;
      window.early = document.documentElement.dataset.theme;
      watch.disconnect();
    }).observe(document, {childList: true, subtree: true})""")
    page.route("**/exit.*.js", abort)
    page.goto("/")
    assert (page.evaluate("window.early"), paper(page)) == (chosen.lower(), PAPER[chosen.lower()])


def abort(route: Route) -> None:
    route.abort()


def test_less_motion_changes_nothing_because_nothing_moves(page: Page) -> None:
    seen = []
    motions: tuple[Any, ...] = ("no-preference", "reduce")
    for motion in motions:
        page.emulate_media(reduced_motion=motion)
        page.goto("/")
        seen.append(page.screenshot())
    assert seen[0] == seen[1]
    assert page.evaluate("document.getAnimations().length") == 0


def test_on_a_phone_on_its_side_the_line_that_is_written_and_the_exit_are_seen(
    browser: Browser, site: Site, alices_state: Any
) -> None:
    with watched(browser, site, storage_state=alices_state, viewport={"width": 844, "height": 390}) as context:
        context.add_init_script(path=CHECKS)
        page = context.new_page()
        page.goto("/journal/3/")
        box = page.locator("#id_text")
        box.focus()
        for lines in (2, 32):
            box.press_sequentially("a line\n" * (lines - box.input_value().count("\n") - 1))
            top, bottom = page.evaluate(LINE, lines)
            bar = page.locator("header.bar").bounding_box() or {}
            assert bar["y"] == 0
            assert top >= bar["height"]
            assert bottom <= 390
            assert page.evaluate("checks.exit()") == []
        box.fill("")


# What would stand on the paper, but for what the style sheet writes itself; and that.
PRINTED = """() => [document.body.innerText.trim(),
  getComputedStyle(document.querySelector('main'), '::before').content.replaceAll('"', '')]"""


def test_pages_of_a_journal_print_nothing_but_that_they_are_not_printed(
    browser: Browser, site: Site, alices_state: Any
) -> None:
    with watched(browser, site, storage_state=alices_state) as context:
        page = context.new_page()
        page.emulate_media(media="print")
        found = {}
        for path in PRIVATE.values():
            page.goto(path)
            found[path] = page.evaluate(PRINTED)
        assert {path: said for path, said in found.items() if said != ["", "Journal pages are not printed."]} == {}
        page.goto("/es/journal/2/")
        assert page.evaluate(PRINTED) == ["", "Las páginas del diario no se imprimen."]


def test_pages_of_the_guide_print_without_their_frame(page: Page) -> None:
    page.emulate_media(media="print")
    for path in ("/", "/guide/are-you-ready/", "/guide/are-you-ready/2/", "/help/us/", "/privacy/"):
        page.goto(path)
        for frame in ("header.bar", "nav.nav", ".foot ul", "#exit", ".skip"):
            assert page.locator(frame).first.is_hidden(), (path, frame)
        assert page.locator("h1").is_visible()
        assert page.pdf().count(b"/Type /Page\n") < 12


def test_what_a_page_offers_to_print_is_printed(page: Page) -> None:
    sign_up(page, "printing-codes")
    page.goto("/account/code/")
    seed = b32decode(page.locator(".key").inner_text().replace(" ", ""))
    page.locator("main [name=password]").fill(PASSWORD)
    page.locator("main [name=code]").fill(TOTP(seed, 6, SHA1(), 30).generate(time.time()).decode())
    page.locator("main [type=submit]").first.click()
    page.get_by_role("button", name="Print").wait_for()
    page.emulate_media(media="print")
    assert page.locator("#codes").is_visible()
    assert page.locator(".foot").is_hidden()


def test_a_recovery_key_can_be_printed(page: Page) -> None:
    join(page, "printing-key")
    page.emulate_media(media="print")
    assert page.locator("#key").is_visible()

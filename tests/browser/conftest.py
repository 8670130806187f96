"""A real browser against the real server: granian, DEBUG off, a database file of its own."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.conftest import PASSWORD
from tools.site import Site, chromium, serve

SAVED = re.compile(r"Saved and locked at \d+:\d\d\s[AP]M\.")
WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    switches = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    switches += ["--no-first-run", "--disable-component-update", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": chromium(), "args": switches}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("site")) as running:
        running.manage("editor", "edith", "--superuser", given=f"{PASSWORD}\n")
        yield running


@pytest.fixture(scope="session")
def base_url(site: Site) -> str:
    return site.url


class Watch:
    """What a page must never do: speak on the console, or ask another origin."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.site = site
        context.on("console", self._console)
        context.on("weberror", lambda error: self.said.append(str(error.error)))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports every answer of 400 and more by itself; those pages are wanted.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.said.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        ours = (self.site.url, self.site.url.replace("127.0.0.1", "localhost"))
        if not request.url.startswith(ours):
            self.asked.append(request.url)


@pytest.fixture
def context(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser profile; the test fails if a page of it spoke on the console or asked a stranger."""
    options = getattr(request, "param", {})
    with watched(browser, site, **options) as context:
        yield context


@contextmanager
def watched(browser: Browser, site: Site, **options: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(**{"base_url": site.url, "viewport": WIDTHS["phone"], **options})
    context.set_default_timeout(15_000)
    watch = Watch(context, site)
    yield context
    context.close()
    assert watch.said == []
    assert watch.asked == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def join(page: Page, name: str, start: str = "/join/") -> str:
    """Join as somebody new; return the recovery key. The page is then the one with the key."""
    page.goto(start)
    page.get_by_label("User name").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Create journal").click()
    return page.locator("#key").inner_text().strip()


def sign_up(page: Page, name: str) -> str:
    """Join, and skip the check of the key. The page is then the journal's home."""
    key = join(page, name)
    page.get_by_role("button", name="Skip for now").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    return key


def send(page: Page, button: str) -> None:
    """Press a button that sends a form, and wait until the page that answers is all there, and its scripts ran."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


@pytest.fixture
def box(page: Page, request: pytest.FixtureRequest) -> Page:
    """The empty page of question 2, of somebody new."""
    sign_up(page, re.sub(r"\W+", "-", f"auto-{request.node.name}")[:36].strip("-"))
    page.goto("/journal/2/")
    return page


def type_in(page: Page, words: str) -> None:
    page.locator("#id_text").press_sequentially(words)


def kept(page: Page) -> str:
    """What the box holds for somebody who comes anew."""
    fresh = page.context.new_page()
    fresh.goto("/journal/2/")
    text = fresh.locator("#id_text").input_value()
    fresh.close()
    return text


def wait_until_kept(page: Page) -> None:
    expect(page.locator("[data-saving]")).to_have_text(SAVED)


def kept_on(page: Page) -> str:
    """What the box of a page holds now."""
    return page.locator("#id_text").input_value()


def wait_for_the_lock(page: Page) -> None:
    """Wait until the journal is locked after a quick exit: the page that it leads to may come before that."""
    for _ in range(200):
        if "jkey" not in {cookie["name"] for cookie in page.context.cookies()}:
            return
        page.wait_for_timeout(50)
    raise AssertionError("The quick exit never locked the journal.")


@pytest.fixture(scope="session")
def alices_state(browser: Browser, site: Site) -> Any:
    """The cookies of somebody who has two versions of an answer, a free page, and check-ins."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    sign_up(page, "alice")
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
    for path in ("/journal/check-in/", "before", "/journal/check-in/2026-W02/"):
        check_in(page, path, 2)
    state = context.storage_state()
    context.close()
    return state


def check_in(page: Page, path: str, flags: int) -> None:
    """Save a week with so many flags: the one at an address, or the one before the earliest in the table."""
    if path == "before":
        for link in (
            page.get_by_role("table").get_by_role("link").last,
            page.get_by_role("link", name="The week before"),
        ):
            with page.expect_navigation():  # a click alone doesn't wait for it, and all() below doesn't either
                link.click()
    else:
        page.goto(path)
    for box in page.get_by_role("checkbox").all()[:flags]:
        box.check()
    send(page, "Save this week")
    page.get_by_role("heading", name="Weekly check-ins").wait_for()


def sign_in_at_the_desk(page: Page, name: str = "edith") -> None:
    page.goto("/manage/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Desk", exact=True).wait_for()


@contextmanager
def at_the_desk(browser: Browser, site: Site, *names: str, **options: Any) -> Iterator[list[Page]]:
    """A page for each of these people, in a browser of their own. None may hear a word on the console."""
    with ExitStack() as open_browsers:
        pages = []
        for name in names:
            context = open_browsers.enter_context(watched(browser, site, viewport=WIDTHS["desk"], **options))
            pages.append(context.new_page())
            sign_in_at_the_desk(pages[-1], name)
        yield pages

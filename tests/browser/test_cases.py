"""What went wrong in journals elsewhere, with the very input, in a real browser."""

import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.core.signing import b64_decode
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from tests.browser.conftest import Site, Watch, send, sign_up, wait_for_the_lock
from tests.conftest import PASSWORD
from tests.journal.test_canaries import spellings

CANARY = "Kanarienvogel im Schacht"
SIX_HUNDRED_WORDS = " ".join(f"kanarienvogel{number}" for number in range(600))
END_SESSION = """
from importlib import import_module
from django.conf import settings
import_module(settings.SESSION_ENGINE).SessionStore({!r}).delete()
"""


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("User name").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Open journal").click()


def unpacked(value: Any) -> bytes:
    """What a signed text holds; rows of sessions are stored so. Nothing of anything else."""
    packed = value.split(":")[0] if isinstance(value, str) and value.count(":") == 2 else ""
    try:
        content = b64_decode(packed.lstrip(".").encode())
        return zlib.decompress(content) if packed.startswith(".") else content
    except (ValueError, zlib.error):
        return b""


def rows(site: Site) -> list[tuple[Any, ...]]:
    """Every row of every table of a running site."""
    if url := site.env.get("DATABASE_URL"):
        database, tables = psycopg.connect(url), "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    else:
        database = sqlite3.connect(site.data / "var" / "db.sqlite3")
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    with closing(database):
        names = [name for (name,) in database.execute(tables).fetchall()]
        return [row for name in names for row in database.execute(f'SELECT * FROM "{name}"').fetchall()]


def everywhere(site: Site, page: Page, urls: list[str]) -> dict[str, bytes]:
    """Every place where words may have come to rest: files with database and log, sessions, addresses, cookies."""
    found = {path.name: path.read_bytes() for path in site.data.rglob("*") if path.is_file()}
    stored = [value for row in rows(site) for value in row]
    found["rows"] = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in stored)
    found["sessions"] = b"\n".join(unpacked(value) for value in stored)
    return {**found, "urls": "\n".join(urls).encode(), "cookies": str(page.context.cookies()).encode()}


def test_six_hundred_words_outlive_their_session_are_saved_once_and_stand_nowhere_else(page: Page, site: Site) -> None:
    """C01."""
    urls: list[str] = []
    page.context.on("request", lambda request: urls.append(request.url))
    sign_up(page, "six-hundred-words")
    page.goto("/journal/3/")
    page.locator("#id_text").fill(SIX_HUNDRED_WORDS)
    session = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "session")
    site.manage("shell", "-c", END_SESSION.format(session))
    page.get_by_role("button", name="Save and close").click()
    expect(page.get_by_role("heading", name="Open your journal")).to_be_visible()
    at_the_door = everywhere(site, page, urls)
    sign_in(page, "six-hundred-words")
    expect(page.locator("#id_text")).to_have_value(SIX_HUNDRED_WORDS)
    send(page, "Save")
    page.goto("/journal/3/")
    expect(page.locator("#id_text")).to_have_value(SIX_HUNDRED_WORDS)
    page.goto("/journal/3/history/")
    expect(page.locator(".entries li")).to_have_count(1)
    places = everywhere(site, page, urls)
    assert b"_auth_user_id" in places["sessions"]
    assert b"/journal/3/" in places["log.txt"]
    assert b"/journal/3/" in places["urls"]
    assert b"csrf" in places["cookies"]
    kept_in = "rows" if "DATABASE_URL" in site.env else "db.sqlite3"
    assert any(b"six-hundred-words" in places[name] for name in places if name.startswith(kept_in))
    for spelling in spellings("kanarienvogel"):
        assert [name for name in places if spelling in at_the_door.get(name, b"") + places[name]] == []


def test_a_form_from_before_signing_in_again_elsewhere_comes_back_with_its_text_and_one_button(page: Page) -> None:
    """C02."""
    sign_up(page, "again-elsewhere")
    page.goto("/journal/3/")
    page.locator("#id_text").fill(CANARY)
    other = page.context.new_page()
    other.goto("/account/")
    send(other, "Sign out")
    other.goto("/sign-in/")
    sign_in(other, "again-elsewhere")
    other.get_by_role("heading", name="Your journal").wait_for()
    page.get_by_role("button", name="Save and close").click()
    expect(page.locator("main textarea:visible")).to_have_value(CANARY)
    expect(page.locator("main").get_by_role("button")).to_have_text(["Save"])
    page.locator("main").get_by_role("button").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    page.goto("/journal/3/")
    expect(page.locator("#id_text")).to_have_value(CANARY)
    page.goto("/journal/3/history/")
    expect(page.locator(".entries li")).to_have_count(1)


def test_three_wrong_passwords_at_the_lock_take_no_word_away(page: Page) -> None:
    """C05."""
    sign_up(page, "three-wrong")
    page.goto("/journal/3/")
    page.locator("#id_text").fill(CANARY)
    other = page.context.new_page()
    other.goto("/journal/")
    other.get_by_role("button", name="Lock").click()
    other.get_by_role("heading", name="Locked").wait_for()
    page.get_by_role("button", name="Save and close").click()
    for number in range(3):
        expect(page.get_by_role("heading", name="Locked")).to_be_visible()
        expect(page.locator("[name=kept_text]")).to_have_value(CANARY)
        page.locator("[name=password]").fill(f"wrong password {number}")
        send(page, "Unlock")
        expect(page.locator("main").get_by_text("That didn’t open it.").first).to_be_visible()
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.locator("#id_text")).to_have_value(CANARY)
    send(page, "Save")
    page.goto("/journal/3/")
    expect(page.locator("#id_text")).to_have_value(CANARY)


@pytest.fixture
def remembering(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], site: Site
) -> Iterator[BrowserContext]:
    """A browser that keeps whole pages for its Back button, as browsers of people do and those of tests do not."""
    options = {**browser_type_launch_args, "ignore_default_args": ["--disable-back-forward-cache"]}
    browser = browser_type.launch(**options)
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(15_000)
    context.add_init_script("addEventListener('pageshow', event => { window.kept = event.persisted; })")
    watch = Watch(context, site)
    yield context
    browser.close()
    assert (watch.said, watch.asked) == ([], [])


def back(page: Page) -> tuple[str, str, bool]:
    """Go back; return where that is, what can be read there, and whether the browser had kept the page whole."""
    page.evaluate("document.documentElement.dataset.before = ''; setTimeout(() => history.back())")
    page.locator("html:not([data-before]) body:not(:empty)").wait_for(state="attached")
    # A function: an expression is evaluated anew at each look, which the policy refuses from the second on.
    page.wait_for_function("() => document.readyState == 'complete' && 'kept' in window")
    return tuple(page.evaluate("[location.pathname, document.body.innerText, window.kept]"))


def cached(page: Page, path: str) -> str:
    """What the browser's own cache gives for an address, without asking the site."""
    script = """path => fetch(path, {cache: 'only-if-cached', mode: 'same-origin'}).then(
        answer => answer.text(), () => 'nothing')"""
    return page.evaluate(script, path)


def read_both(page: Page) -> None:
    """Look at a part of the guide, and then at what was written, on two pages."""
    page.goto("/guide/red-flags/")
    for path in ("/journal/2/history/1/", "/journal/2/"):
        page.goto(path)
        expect(page.locator(".words, #id_text")).to_contain_text(CANARY)


def test_after_leaving_back_and_the_cache_show_doors_and_covers_and_no_word(remembering: BrowserContext) -> None:
    """C20."""
    page = remembering.new_page()
    sign_up(page, "never-back")
    page.goto("/journal/2/")
    page.locator("#id_text").fill(CANARY)
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    read_both(page)
    page.goto("/account/")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"[0-9]/$"))
    assert "red flags" in cached(page, "/guide/red-flags/").lower()
    assert [cached(page, path) for path in ("/journal/2/history/1/", "/journal/2/", "/journal/")] == ["nothing"] * 3
    seen = [back(page) for _ in range(4)]
    assert [path for path, _, _ in seen] == ["/sign-in/", "/join/", "/sign-in/", "/guide/red-flags/"]
    assert [kept for _, _, kept in seen] == [False, False, False, True]
    assert [path for path, text, _ in seen if CANARY in text] == []
    page.goto("/sign-in/")
    sign_in(page, "never-back")
    page.get_by_role("heading", name="Your journal").wait_for()
    read_both(page)
    page.locator("#exit").click()
    page.wait_for_url("**/robots.txt")
    wait_for_the_lock(page)
    seen = [back(page) for _ in range(2)]
    assert seen == [("/unlock/", "Continue", False), ("/guide/red-flags/", "Continue", True)]

"""axe on the pages of the desk, Django's own included, by day and by night; and no page of it scrolls sideways."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WIDTHS, sign_in_at_the_desk, watched
from tests.browser.test_accessibility import violations
from tools.site import Site

ASK = """
from guide import releases
from guide.models import Sign, Tip
from guide.plans import Change
from journal.models import User
edith = User.objects.get(username="edith")
for row in (Sign.objects.originals().last(), Tip.objects.originals().last()):
    row.body, row._history_user = "Zwiebelkuchen.", edith
    row.save()
print(releases.ask([Change.to_newest(Sign.objects.originals().last())], edith).pk)
"""


def sent_wrong(page: Page) -> None:
    page.goto("/manage/desk/release/")
    page.locator("[name=at]").fill("2020-01-01T10:00")
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Nothing was asked for").wait_for()


def compared(page: Page) -> None:
    page.goto(f"{last_tip(page)}history/")
    page.get_by_role("button", name="Compare").click()
    page.locator("ins").first.wait_for()


def link(page: Page) -> None:
    page.goto(f"{last_tip(page)}change/")
    page.get_by_role("button", name="Link for a reviewer").click()
    page.locator(".copy").wait_for()


def refused(page: Page) -> None:
    page.goto(f"{last_tip(page)}change/")
    page.locator("#id_base").evaluate("field => { field.value -= 1 }")
    page.locator("#id_body").fill("Words of before.")
    page.locator("[name=_save]").first.click()
    page.locator(".compared").wait_for()


def last_tip(page: Page) -> str:
    page.goto("/manage/guide/tip/")
    address = page.locator("#result_list th a").last.get_attribute("href")
    assert address
    return address.removesuffix("change/")


PAGES: dict[str, str | Callable[[Page], Any]] = {
    "index": "/manage/",
    "desk": "/manage/desk/",
    "release": "/manage/desk/release/",
    "release, sent wrong": sent_wrong,
    "cheatsheet": "/manage/cheatsheet/",
    "list": "/manage/guide/section/",
    "list in groups": "/manage/guide/helpline/",
    "form": lambda page: page.goto(f"{last_tip(page)}change/"),
    "form, refused": refused,
    "new": "/manage/guide/page/add/",
    "history": lambda page: page.goto(f"{last_tip(page)}history/"),
    "compare": compared,
    "link": link,
    "images": "/manage/guide/image/",
    "new image": "/manage/guide/image/add/",
    "password": "/manage/password_change/",
}


@pytest.fixture(scope="module")
def ediths_state(browser: Browser, site: Site) -> Iterator[Any]:
    """The cookies of an editor who asked for a release, which waits."""
    release = site.manage("shell", "-v0", "-c", ASK).strip()
    context = browser.new_context(base_url=site.url)
    sign_in_at_the_desk(context.new_page())
    yield context.storage_state()
    context.close()
    site.manage("shell", "-v0", "-c", f"from guide.models import *; Release.objects.filter(pk={release}).delete()")


def visit(browser: Browser, site: Site, state: Any, look: Callable[[Page], Any], **options: Any) -> dict[str, Any]:
    """Open every page, and return what there is to say about each."""
    with watched(browser, site, storage_state=state, **options) as context:
        page = context.new_page()
        found = {}
        for name, place in PAGES.items():
            if isinstance(place, str):
                page.goto(place)
            else:
                place(page)
            found[name] = look(page)
    return {name: what for name, what in found.items() if what}


def axe(page: Page) -> list[str]:
    # Django's sheets import others. To read these, axe writes style elements of its own, and the policy refuses them.
    return violations(page, preload=False)


@pytest.mark.parametrize(("width", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_every_page_of_the_desk_passes_axe(
    browser: Browser, site: Site, ediths_state: Any, width: str, scheme: str
) -> None:
    found = visit(browser, site, ediths_state, axe, viewport=WIDTHS[width], color_scheme=scheme)
    assert found == {}


def test_no_page_of_the_desk_scrolls_sideways_on_a_small_phone(browser: Browser, site: Site, ediths_state: Any) -> None:
    wide = "document.documentElement.scrollWidth > 320"
    found = visit(browser, site, ediths_state, lambda page: page.evaluate(wide), viewport={"width": 320, "height": 640})
    assert found == {}

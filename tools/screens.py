"""Takes pictures of all pages into `docs/screens/`: `make screens`.

It starts a site of its own in a folder that is thrown away, and fills it with a person who has answers and with two
editors. Days, times and whatever was drawn by lot are written over before a picture is taken, so that the same pages
give the same pictures: those that changed are what a change of the look changed.
"""

import io
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tools.site import ROOT, chromium, serve

FOLDER = ROOT / "docs" / "screens"
PASSWORD = "seven quiet herons at dawn"  # noqa: S105 - of a site that is gone when this ends
NAME, KEY = "quiet-copper-kettle-42", "7KQ2M-X4RTA-9HWPC-3VNDE-8FJGS-5YB6Z"
TALLEST = {390: 1100, 1280: 1000}  # a picture shows the top of a page
COLORS = 128

Looks = tuple[tuple[int, str], ...]
PHONE: Looks = ((390, "light"),)
DESK: Looks = ((1280, "light"),)
MAIN: Looks = ((390, "light"), (390, "dark"), (1280, "light"))

PUBLIC: Mapping[str, tuple[str, Looks]] = {
    "home": ("/", MAIN),
    "part": ("/guide/when-to-walk-away/", MAIN),
    "part-questions": ("/guide/are-you-ready/", PHONE),
    "part-flags": ("/guide/red-flags/", PHONE),
    "question": ("/guide/are-you-ready/2/", MAIN),
    "whole": ("/guide/all/", PHONE),
    "check": ("/check/", MAIN),
    "help": ("/help/", MAIN),
    "country": ("/help/uk/", PHONE),
    "safe-online": ("/stay-safe-online/", PHONE),
    "privacy": ("/privacy/", PHONE),
    "about": ("/about/", PHONE),
    "accessibility": ("/accessibility/", PHONE),
    "display": ("/display/", PHONE),
    "search": ("/search/", PHONE),
    "spanish": ("/es/", PHONE),
    "not-found": ("/nowhere/", PHONE),
    "join": ("/join/", MAIN),
    "sign-in": ("/sign-in/", MAIN),
    "recover": ("/recover/", PHONE),
    "deleted": ("/account/deleted/", PHONE),
    "pause": ("/journal/pause/", PHONE),
}
JOURNAL: Mapping[str, tuple[str, Looks]] = {
    "journal": ("/journal/", MAIN),
    "writing": ("/journal/2/", MAIN),
    "new-page": ("/journal/pages/new/", PHONE),
    "letter": ("/journal/letters/new/", PHONE),
    "limits": ("/journal/limits/", PHONE),
    "limits-page": ("/journal/limits/page/", PHONE),
    "summary": ("/journal/summary/", PHONE),
    "summary-page": ("/journal/summary/page/", PHONE),
    "versions": ("/journal/2/history/", PHONE),
    "version": ("/journal/2/history/1/", PHONE),
    "version-delete": ("/journal/2/history/1/delete/", PHONE),
    "answer-delete": ("/journal/2/delete/", PHONE),
    "timeline": ("/journal/timeline/", PHONE),
    "calendar": ("/journal/calendar/", PHONE),
    "compare": ("/journal/2/compare/?marked=1", (*PHONE, *DESK)),
    "search-journal": ("/journal/search/", PHONE),
    "check-in": ("/journal/check-in/", PHONE),
    "check-ins": ("/journal/check-ins/", MAIN),
    "account": ("/account/", MAIN),
    "password": ("/account/password/", PHONE),
    "new-key": ("/account/key/", PHONE),
    "try-key": ("/account/key/test/", PHONE),
    "second-step": ("/account/code/", PHONE),
    "sessions": ("/account/sessions/", PHONE),
    "delete-account": ("/account/delete/", PHONE),
}
TIPS, SIGNS = "/manage/guide/tip/", "/manage/guide/sign/"
DESK_PAGES: Mapping[str, tuple[str, Looks]] = {
    "desk": ("/manage/desk/", ((1280, "light"), (1280, "dark"))),
    "desk-start": ("/manage/", DESK),
    "desk-list": (TIPS, DESK),
    "desk-release": ("/manage/desk/release/", DESK),
    "desk-images": ("/manage/guide/image/", DESK),
    "desk-cheatsheet": ("/manage/cheatsheet/", DESK),
}

# Days of this year, times and what was drawn by lot, in the words of the guide, the journal and the desk.
FREEZE = """([name, key]) => {
  const month = '(?:January|February|March|April|May|June|July|August|September|October|November|December)';
  const day = ' \\\\d{1,2}, ' + new Date().getFullYear();
  const rules = [
    [new RegExp(month + day + ', \\\\d\\\\d:\\\\d\\\\d', 'g'), 'March 3, 2026, 16:42'],
    [new RegExp(month + day, 'g'), 'March 3, 2026'],
    [new RegExp(month + ' \\\\d{1,2}(?!\\\\d|, 20)', 'g'), 'March 3'],
    [/\\b[A-Z][a-z]{2,4}\\. \\d{1,2}, 20\\d\\d(, [^)\\n]*?[ap]\\.m\\.)?/g, 'March 3, 2026$1'],
    [/\\b\\d{1,2}(:\\d\\d)? [ap]\\.m\\./g, '4:42 p.m.'], [/\\b\\d{1,2}:\\d\\d\\s[AP]M/g, '4:42\\u00a0PM'],
    [/after \\d{1,2}\\s[AP]M/g, 'after 4\\u00a0PM'], [/\\b20\\d\\d-\\d\\d-\\d\\d( \\d\\d:\\d\\d)?/g, '2026-03-03'],
    [/[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}-?/g, found => found.length > 17 ? key.slice(0, 18) : key.slice(18)],
    [/^(?:[A-Z2-7]{4} ?){8}$/, 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP'],
  ];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    for (const [found, said] of rules) node.data = node.data.replace(found, said);
  }
  for (const text of document.querySelectorAll('.chart .ax')) {
    text.textContent = text.y.baseVal[0].value > 160 ? 'Mar' : '3';
  }
  const names = [name, 'plain-garden-window-61', 'early-cedar-path-28'];
  document.querySelectorAll('[name=suggested]:not([value=""])').forEach((radio, n) => {
    radio.nextSibling.data = names[n];
  });
  const user = document.querySelector('form [name=username]');
  if (user && user.value && user.type !== 'hidden') user.value = name;
}"""


def say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def shoot(page: Page, name: str) -> None:
    """Take a picture of what a page shows, from its top."""
    page.evaluate(FREEZE, [NAME, KEY])
    width = page.viewport_size["width"] if page.viewport_size else 390
    page.set_viewport_size({"width": width, "height": 400})
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(height, 500), TALLEST[width])})
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    picture = Image.open(io.BytesIO(page.screenshot(mask=[page.locator(".qr")], mask_color="#999")))
    few = picture.convert("RGB").quantize(COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)
    say(".")


def open_page(browser: Browser, url: str, look: tuple[int, str] = PHONE[0], state: StorageState | None = None) -> Page:
    width, scheme = look
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        storage_state=state,
        timezone_id="America/New_York",
    )
    return context.new_page()


def shoot_all(
    browser: Browser, url: str, pages: Mapping[str, tuple[str, Looks]], state: StorageState | None = None
) -> None:
    for look in dict.fromkeys(look for _, looks in pages.values() for look in looks):
        page = open_page(browser, url, look, state)
        for name, (path, looks) in pages.items():
            if look in looks:
                page.goto(path)
                shoot(page, f"{name}-{look[0]}{'-dark' if look[1] == 'dark' else ''}")
        page.context.close()


def public(browser: Browser, url: str) -> None:
    shoot_all(browser, url, PUBLIC)
    page = open_page(browser, url)
    page.goto("/search/")
    page.get_by_label("Words to look for").fill("boundaries")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    page.locator("mark").first.wait_for()
    shoot(page, "search-found-390")
    page.goto("/check/")
    page.locator(".grave").first.check()
    page.locator(".results").evaluate("box => document.querySelector('main').replaceChildren(box.closest('form'))")
    page.locator(".check fieldset").evaluate_all("all => all.forEach(one => { one.hidden = true })")
    shoot(page, "check-answer-390")
    page.context.close()


def journal(browser: Browser, url: str) -> None:
    """Somebody joins, writes, and locks the journal."""
    page = open_page(browser, url)
    page.goto("/join/")
    page.locator("[name=username]").fill("two words")
    page.locator("[name=password]").fill("short")
    page.get_by_role("button", name="Create journal").click()
    shoot(page, "join-refused-390")
    page.locator("[name=username]").fill(NAME)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Create journal").click()
    shoot(page, "key-390")
    page.get_by_role("button", name="Skip for now").click()
    shoot(page, "journal-empty-390")
    for number, text, feeling in ANSWERS:
        write(page, f"/journal/{number}/", text, feeling)
    page.goto("/journal/pages/new/")
    page.get_by_label("Title").fill("A walk along the lake")
    write(page, "", "It was quiet. I could think about both ways without a knot in my stomach.", "Rather not say")
    notes(page)
    for flags in (1, 3, 2, 0):
        check_in(page, flags)
    state = page.context.storage_state()
    shoot_all(browser, url, JOURNAL, state)
    page.goto("/journal/")
    page.get_by_role("button", name="Lock").click()
    for look in MAIN:
        locked = open_page(browser, url, look, page.context.storage_state())
        locked.goto("/unlock/")
        shoot(locked, f"locked-{look[0]}{'-dark' if look[1] == 'dark' else ''}")
        locked.context.close()
    page.context.close()


ANSWERS = (
    (1, "I have begun to say what I need before I am angry. It is slow.", "Settled for now"),
    (2, "Evenings, maybe. I am not sure about weekends.", "Still thinking"),
    (2, "Two evenings a week. I would give up the late shift for it.", "Still thinking"),
    (4, "That I want to be asked how my day was, and to be told the truth.", "Settled for now"),
)


def notes(page: Page) -> None:
    """Limits, a summary with a sentence of them, and a letter that waits."""
    page.goto("/journal/limits/")
    page.locator("#id_text").fill("I am told the truth\nMy evenings are mine")
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    page.goto("/journal/summary/")
    page.locator("summary", has_text="My limits").click()
    page.get_by_label("I am told the truth").check()
    page.locator("#id_text").fill("There is no hurry.")
    page.get_by_role("button", name="Save the summary").click()
    page.get_by_role("heading", name="Your journal").wait_for()
    page.goto("/journal/letters/new/")
    page.locator("#id_text").fill("Dear you")
    page.get_by_label("72 hours").check()
    page.get_by_role("button", name="Save and close").click()
    page.get_by_text("It waits until").wait_for()
    shoot(page, "letter-waits-390")


def write(page: Page, path: str, text: str, feeling: str) -> None:
    if path:
        page.goto(path)
    page.locator("#id_text").fill(text)
    page.get_by_label(feeling).check()
    page.get_by_role("button", name="Save and close").click()
    page.get_by_role("heading", name="Your journal").wait_for()


def check_in(page: Page, flags: int) -> None:
    """Check in for the week before the earliest one there is, or for this one."""
    page.goto("/journal/check-in/")
    while page.get_by_role("link", name="All versions").is_visible():
        page.get_by_role("link", name="The week before").click()
    for box in page.get_by_role("checkbox").all()[:flags]:
        box.check()
    page.get_by_role("button", name="Save this week").click()


def desk(browser: Browser, url: str) -> None:
    """Edith drafts a tip, asks for a sign to be published, and looks at what there is."""
    page = sign_in(browser, url, "edith")
    shoot(page, "desk-empty-1280")
    draft_a_tip(page)
    page.goto(SIGNS)
    page.get_by_role("link", name="They put you down").click()
    page.locator("#id_body").fill("It may be dressed up as a joke. You come away feeling small, and say less.")
    page.get_by_role("button", name="Save and publish").first.click()
    page.get_by_text("A second person has to say yes first").wait_for()
    shoot(page, "desk-second-person-1280")
    add_a_picture(page)
    shoot_all(browser, url, DESK_PAGES, page.context.storage_state())
    page.context.close()
    other = sign_in(browser, url, "pablo")
    other.goto("/manage/desk/")
    shoot(other, "desk-yes-1280")
    other.get_by_role("link", name="what would change").first.click()
    shoot(other, "desk-compare-1280")
    other.context.close()


def sign_in(browser: Browser, url: str, name: str) -> Page:
    page = open_page(browser, url, DESK[0])
    page.goto("/manage/")
    if name == "edith":
        shoot(page, "desk-door-1280")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto("/manage/desk/")
    return page


def draft_a_tip(page: Page) -> None:
    page.goto(TIPS)
    page.get_by_role("link", name="Let others support you").click()
    page.locator("#id_body").fill(
        "You don’t have to do this alone. Friends and family can listen.\n\n"
        "A [safety check](/check/) takes a few minutes, and nothing of it is kept."
    )
    page.locator("[data-checks]").get_by_text("words").first.wait_for()
    shoot(page, "desk-form-1280")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").first.click()
    preview = opened.value
    preview.frame_locator("iframe").get_by_text("Preview. Readers").wait_for()
    preview.set_viewport_size({"width": 1280, "height": 900})
    shoot(preview, "desk-preview-1280")
    preview.close()
    page.locator("[name=_continue]").first.click()
    page.get_by_text("was changed successfully").wait_for()
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Compare").wait_for()
    shoot(page, "desk-history-1280")


def add_a_picture(page: Page) -> None:
    """A lake at dusk, made here."""
    lake = Image.linear_gradient("L").resize((800, 450)).convert("RGB")
    data = io.BytesIO()
    lake.save(data, "PNG")
    page.goto("/manage/guide/image/add/")
    page.locator("input[type=file]").set_input_files(
        {"name": "lake.png", "mimeType": "image/png", "buffer": data.getvalue()}
    )
    page.locator("#id_slug").fill("lake")
    page.locator("#id_alt").fill("A lake at dusk")
    shoot(page, "desk-picture-1280")
    page.locator("[name=_save]").first.click()
    page.get_by_text("was added successfully").wait_for()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as site, sync_playwright() as playwright:
        for name in ("edith", "pablo"):
            site.manage("editor", name, "--superuser", given=f"{PASSWORD}\n")
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for chapter in (public, journal, desk):
            chapter(browser, site.url)
        browser.close()
    files = sorted(FOLDER.glob("*.png"))
    say(f"\n{len(files)} pictures, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB, in {FOLDER.name}.\n")


if __name__ == "__main__":
    main()

"""Words are kept while they are written, and what the page says of that is true."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, SAVED, kept, kept_on, send, type_in, wait_until_kept

WORDS = "Typed and not saved, 💔 and “all”."
STORED = """async () => [localStorage.length, sessionStorage.length, (await caches.keys()).length,
  (await indexedDB.databases()).length, (await navigator.serviceWorker.getRegistrations()).length]"""


def stop_the_clock(page: Page) -> None:
    """Load a page anew whose clock only the test moves, however long the server takes."""
    page.clock.install()
    page.reload()
    page.clock.pause_at(time.time() + 60)


def test_words_are_kept_when_typing_stops_and_no_version_is_made(box: Page) -> None:
    with box.expect_response("**/draft/") as sealed:
        type_in(box, WORDS)
    assert sealed.value.status == 200
    wait_until_kept(box)
    assert kept(box) == WORDS
    box.goto("/journal/2/history/")
    expect(box.get_by_text("Nothing is written here yet.")).to_be_visible()
    box.goto("/journal/")
    expect(box.get_by_role("link", name="Do I have the time")).to_contain_text("Draft")


def test_one_request_follows_a_pause_and_one_comes_every_ten_seconds_while_typing_goes_on(box: Page) -> None:
    stop_the_clock(box)
    asked: list[str] = []
    box.on("request", lambda request: asked.append(request.url) if request.url.endswith("/draft/") else None)
    for letter in "abcdefghijklmnopqrstuvwxyz"[:24]:
        type_in(box, letter)
        box.clock.run_for(500)
    wait_until_kept(box)
    assert len(asked) == 1
    box.clock.run_for(800)
    wait_until_kept(box)
    assert len(asked) == 2
    box.clock.run_for(60_000)
    assert len(asked) == 2


def test_a_killed_tab_loses_a_second_at_most(box: Page) -> None:
    """C03."""
    words = "x" * 300
    box.locator("#id_text").fill(words)
    box.wait_for_timeout(400)
    box.evaluate("""() => {
      Object.defineProperty(document, 'hidden', {value: true});
      document.dispatchEvent(new Event('visibilitychange'));
    }""")
    context = box.context
    box.close(run_before_unload=False)
    fresh = context.new_page()
    for _ in range(50):  # what the tab sent last may still be on its way
        fresh.goto("/journal/2/")
        if fresh.locator("#id_text").input_value():
            break
    assert fresh.locator("#id_text").input_value() == words


def test_a_reload_a_second_after_typing_loses_nothing_and_asks_nothing(box: Page) -> None:
    type_in(box, WORDS)
    wait_until_kept(box)
    box.reload()
    assert box.locator("#id_text").input_value() == WORDS
    expect(box.get_by_text("This is your draft from")).to_be_visible()


def test_leaving_before_the_words_are_sealed_is_asked_about(box: Page) -> None:
    asked: list[str] = []
    box.context.set_offline(True)
    type_in(box, "not sealed")
    expect(box.locator("[data-saving]")).to_contain_text("You’re offline.")
    box.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with box.expect_event("dialog"):
        box.evaluate("location.reload()")
    assert asked == ["beforeunload"]
    box.context.set_offline(False)


def test_what_is_announced_changes_twice_a_minute_at_most(box: Page) -> None:
    stop_the_clock(box)
    box.evaluate("""() => {
      window.heard = [];
      new MutationObserver(() => heard.push(document.getElementById('said').textContent))
        .observe(document.getElementById('said'), {childList: true});
    }""")
    for letter in "abcdef":
        with box.expect_response("**/draft/"):
            type_in(box, letter)
            box.clock.run_for(1_000)
        wait_until_kept(box)
        box.clock.run_for(3_000)
    assert len(box.evaluate("heard")) == 1
    box.clock.run_for(30_000)
    assert len(box.evaluate("heard")) == 2


def test_a_second_tab_overwrites_nothing_and_both_are_in_the_end_in_the_history(box: Page) -> None:
    """C07."""
    other = box.context.new_page()
    other.goto("/journal/2/")
    type_in(box, "AB")
    wait_until_kept(box)
    type_in(other, "AC")
    expect(other.locator("[data-saving]")).to_contain_text("open in another tab")
    assert kept(box) == "AB"
    other.get_by_role("button", name="Save and close").click()
    other.get_by_role("heading", name="Your journal").wait_for()
    box.get_by_role("button", name="Save and close").click()
    expect(box.get_by_text("Nothing is lost.").first).to_be_visible()
    assert (kept_on(box), box.locator(".past.words").inner_text()) == ("AB", "AC")
    send(box, "Save and close")
    box.goto("/journal/2/history/")
    expect(box.get_by_text("2 versions, newest first.")).to_be_visible()


def test_words_saved_somewhere_else_meanwhile_are_told_of(box: Page) -> None:
    other = box.context.new_page()
    other.goto("/journal/2/")
    other.locator("#id_text").fill("theirs")
    other.get_by_role("button", name="Save and close").click()
    other.get_by_role("heading", name="Your journal").wait_for()
    type_in(box, "mine")
    expect(box.locator("[data-saving]")).to_contain_text("This also changed somewhere else.")
    assert kept(box) == "mine"


def test_typing_in_a_journal_that_was_locked_elsewhere_keeps_the_words(box: Page) -> None:
    other = box.context.new_page()
    other.goto("/journal/")
    other.get_by_role("button", name="Lock").click()
    other.get_by_role("heading", name="Locked").wait_for()
    type_in(box, WORDS)
    expect(box.locator("[data-saving]")).to_contain_text("Your journal is locked or was opened anew.")
    box.get_by_role("button", name="Save and close").click()
    box.locator("[name=password]").fill(PASSWORD)
    box.get_by_role("button", name="Unlock").click()
    assert kept_on(box) == WORDS


def test_long_words_of_every_script_are_kept_to_the_letter(box: Page) -> None:
    """C11: more than the browser sends of a page that is going."""
    words = "👩🏽‍❤️‍💋‍👩 שלום ↳ e\u0301 é 漢字 " * 400
    box.locator("#id_text").fill(words)
    wait_until_kept(box)
    assert kept(box) == words


def test_the_feeling_and_a_title_are_kept_too(box: Page) -> None:
    box.get_by_label("Still thinking").check()
    wait_until_kept(box)
    box.reload()
    expect(box.get_by_label("Still thinking")).to_be_checked()
    box.goto("/journal/pages/new/")
    box.get_by_label("Title").press_sequentially("A Sunday")
    wait_until_kept(box)
    box.goto("/journal/")
    expect(box.get_by_role("link", name="A Sunday")).to_contain_text("Draft")


def test_saving_right_after_typing_saves_all_and_leaves_no_draft(box: Page) -> None:
    for words in ("one", " two", " three"):
        type_in(box, words)
        box.wait_for_timeout(650)  # so that a draft is under way
    send(box, "Save and close")
    box.get_by_role("heading", name="Your journal").wait_for()
    assert box.get_by_text("Draft").count() == 0
    box.goto("/journal/2/")
    assert kept_on(box) == "one two three"


def test_nothing_is_kept_in_the_browser(box: Page) -> None:
    type_in(box, WORDS)
    wait_until_kept(box)
    assert box.evaluate(STORED) == [0, 0, 0, 0, 0]


def test_an_untouched_page_sends_nothing(box: Page) -> None:
    box.clock.install()
    box.reload()
    asked: list[str] = []
    box.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    box.locator("#id_text").click()
    box.get_by_label("Still thinking").focus()
    box.clock.run_for("10:00")
    assert asked == []


def untouched(page: Page) -> list[str]:
    """Go through the boxes of a page and leave it; return what it sent and asked."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/draft/") else None)
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#id_text").click()
    page.keyboard.press("Tab")
    page.goto("/journal/")
    return asked


@pytest.mark.parametrize("context", [{"timezone_id": "America/New_York"}], indirect=True)
def test_a_page_read_in_another_time_zone_sends_and_asks_nothing(box: Page) -> None:
    assert untouched(box) == []


def test_a_page_whose_draft_is_only_looked_at_sends_and_asks_nothing(box: Page) -> None:
    type_in(box, WORDS)
    wait_until_kept(box)
    box.reload()
    assert untouched(box) == []


def test_going_back_to_what_is_saved_leaves_no_draft(box: Page) -> None:
    box.locator("#id_text").fill("two\nlines")
    box.get_by_role("button", name="Save and close").click()
    box.get_by_role("heading", name="Your journal").wait_for()
    box.goto("/journal/2/")
    box.locator("#id_text").press("End")
    type_in(box, "x")
    wait_until_kept(box)
    with box.expect_response("**/draft/"):
        box.locator("#id_text").press("Backspace")
    box.goto("/journal/")
    assert box.get_by_text("Draft").count() == 0


def test_a_text_too_long_to_be_sent_by_a_page_that_goes_is_asked_about(box: Page) -> None:
    asked: list[str] = []
    box.route("**/draft/", lambda route: None)
    box.locator("#id_text").fill("漢字" * 5_000)
    box.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    box.wait_for_timeout(900)
    expect(box.locator("[data-saving]")).to_have_text("Saving…")
    with box.expect_event("dialog"):
        box.evaluate("location.reload()")
    assert asked == ["beforeunload"]


def test_words_that_came_back_refused_are_sealed_though_nothing_more_is_typed(box: Page) -> None:
    box.locator("#id_text").fill("x" * 100_001)
    send(box, "Save and close")
    box.locator("#id_text[aria-invalid]").wait_for()
    box.locator("#id_text").focus()
    with box.expect_response("**/draft/") as sealed:
        box.keyboard.press("Tab")
    assert sealed.value.status == 200


def test_enter_in_the_title_saves_and_does_not_lock(box: Page) -> None:
    box.goto("/journal/pages/new/")
    box.get_by_label("Title").fill("A Sunday")
    box.get_by_label("Title").press("Enter")
    box.get_by_role("heading", name="Your journal").wait_for()
    expect(box.get_by_role("link", name="A Sunday")).to_be_visible()


def test_a_button_does_not_move_away_from_under_a_finger(box: Page) -> None:
    """What the page says of a draft changes while Save is pressed. That must not cost the press."""
    save = box.get_by_role("button", name="Save and close")
    where = "button => button.getBoundingClientRect().top + scrollY"
    place = save.evaluate(where)
    box.get_by_label("Still thinking").check()
    expect(box.locator("[data-saving]")).to_have_text(SAVED)
    assert save.evaluate(where) == place
    box.get_by_label("Settled for now").check()
    save.click()
    box.get_by_role("heading", name="Your journal").wait_for()


def test_sealing_a_letter_leaves_no_draft_of_it(box: Page) -> None:
    """What is sent while the page goes would come after the save, and say something else: a draft never waits."""
    box.goto("/journal/letters/new/")
    box.locator("#id_text").fill("Dear you, I kept the blue cup.")
    box.get_by_label("72 hours").check()
    box.get_by_role("button", name="Save and close").click()
    expect(box.get_by_text("It waits until")).to_be_visible()
    box.goto("/journal/")
    expect(box.get_by_role("link", name="An unsent letter").last).to_be_visible()
    assert box.get_by_text("Draft").count() == 0

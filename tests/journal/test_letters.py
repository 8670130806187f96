"""Letters that nobody is sent: sealed for a while, shown again, opened early, and hidden everywhere meanwhile."""

import re
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journal import entries, subjects
from journal.entries import Head
from journal.models import Draft, Revision
from tests.conftest import PASSWORD, Person
from tests.journal.test_kept import fields
from tests.journal.test_writing import box

pytestmark = pytest.mark.django_db
LETTER = UUID(int=9)
SECRET = "Dear you, the sea is cold"
NOW = "2026-03-03T21:42:00Z"
ZONE = "America/New_York"


def path(name: str = "letter", *args: Any) -> str:
    return reverse(name, args=[LETTER, *args])


def send(person: Person, text: str = SECRET, base: int = 0, **more: Any) -> Any:
    """Send a letter: a new one if it is written over nothing."""
    data = {"text": text, "title": "", "base": base, "zone": ZONE, **more}
    return person.client.post(path() if base else reverse("new-letter"), {**data, "entry": LETTER.hex})


def stored(person: Person, number: int | None = None) -> Any:
    return entries.read(person.vault, LETTER, number, early=True)


def shown(person: Person, name: str = "letter", *args: Any) -> str:
    response = person.client.get(path(name, *args))
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.mark.parametrize(
    ("wait", "opens", "said"),
    [
        ("24", "2026-03-04T16:42:00-05:00", "March 4, 4:42\u00a0PM"),
        ("72", "2026-03-06T16:42:00-05:00", "March 6, 4:42\u00a0PM"),
        ("336", "2026-03-17T17:42:00-04:00", "March 17, 5:42\u00a0PM"),  # clocks were set forward on March 8
    ],
)
def test_a_letter_waits_as_long_as_was_chosen_by_the_writers_own_clock(
    alice: Person, wait: str, opens: str, said: str
) -> None:
    with time_machine.travel(NOW, tick=False):
        alice.sign_in()
        response = send(alice, wait=wait)
        assert response["Location"] == f"{path()}?done=saved"
        assert stored(alice).head.opens == opens
        page = shown(alice)
    assert (f"It waits until <b>{said}</b>." in page, SECRET in page) == (True, False)
    assert "a courtesy of this page, not a lock" in page
    assert "this page cannot send" in page
    for moment, waits in ((-1, True), (1, False)):
        with time_machine.travel(datetime.fromisoformat(opens).timestamp() + moment, tick=False):
            alice.sign_in()
            assert (SECRET in shown(alice)) is not waits


def test_a_letter_that_does_not_wait_is_a_page_like_any_other(alice: Person) -> None:
    assert send(alice, title="To you")["Location"] == "/journal/?done=saved"
    assert (stored(alice).head.kind, stored(alice).head.opens, stored(alice).head.title) == ("letter", "", "To you")
    assert box(alice.client.get(path())) == SECRET
    send(alice, "again", base=1)
    assert (stored(alice).number, stored(alice).text) == (2, "again")


def test_a_letter_is_called_one_where_it_has_no_title(alice: Person) -> None:
    send(alice, wait="24")
    for name in ("letter", "letter-history", "letter-delete", "letter-open"):
        assert "An unsent letter" in shown(alice, name)
    assert "An unsent letter" in shown(alice, "letter-version", 1)
    assert "A page" not in shown(alice, "letter-history")


def test_while_it_waits_no_page_has_a_word_of_it(alice: Person) -> None:
    send(alice, wait="72")
    alice.client.post(path("letter-draft"), {"text": SECRET, "title": "", "base": 1})
    assert entries.draft(alice.vault, LETTER, early=True).text == SECRET
    for name in ("letter", "letter-history", "letter-delete", "letter-open", "letter-draft-delete"):
        assert SECRET not in shown(alice, name), name
    for name in ("letter-version", "letter-version-delete"):
        assert SECRET not in shown(alice, name, 1), name
    assert SECRET not in alice.client.get(reverse("journal")).content.decode()
    assert "It waits until" in shown(alice, "letter-version", 1)
    assert "A draft of it was kept as well. It waits too." in shown(alice)


def test_words_kept_as_a_draft_wait_until_the_letter_opens_and_can_be_thrown_away(alice: Person) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        alice.sign_in()
        send(alice, wait="24")
        alice.client.post(path("letter-draft"), {"text": "more", "title": "", "base": 1})
        assert entries.draft(alice.vault, LETTER).text == ""
        clock.shift(90_000)
        alice.sign_in()
        assert box(alice.client.get(path())) == "more"
        assert "more" in shown(alice, "letter-draft-delete")
        alice.client.post(path("letter-draft-delete"))
    assert not Draft.objects.exists()


def test_a_draft_never_waits(alice: Person) -> None:
    data = {"text": SECRET, "title": "", "base": 0, "entry": LETTER.hex, "wait": "72"}
    alice.client.post(reverse("new-letter-draft"), data)
    assert entries.draft(alice.vault, LETTER).head.opens == ""
    assert box(alice.client.get(path())) == SECRET


def test_the_wait_ends_early_with_one_confirm_and_the_letter_says_the_same(alice: Person) -> None:
    send(alice, wait="336", title="To you")
    assert "Nobody else is told, and nothing is sent." in shown(alice, "letter-open")
    assert stored(alice).number == 1
    assert alice.client.post(path("letter-open"))["Location"] == path()
    found = stored(alice)
    assert (found.number, found.text, found.head.title, found.head.waits) == (2, SECRET, "To you", False)
    assert (found.head.opens, found.head.zone) == (found.head.written, ZONE)
    assert box(alice.client.get(path())) == SECRET
    assert alice.client.post(path("letter-open"))["Location"] == path()
    assert stored(alice).number == 2


def test_a_letter_can_wait_once_more(alice: Person) -> None:
    send(alice)
    send(alice, base=1, wait="24")
    assert (stored(alice).number, SECRET in shown(alice)) == (2, False)


def test_saving_an_opened_letter_unchanged_is_no_new_version(alice: Person) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        alice.sign_in()
        send(alice, wait="24")
        clock.shift(90_000)
        alice.sign_in()
        send(alice, base=1)
    assert stored(alice).number == 1


def test_a_letter_sent_twice_is_saved_once_though_seconds_lie_between(alice: Person) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        alice.sign_in()
        send(alice, wait="24")
        clock.shift(2)
        assert send(alice, wait="24").status_code == 302
    assert Revision.objects.count() == 1


def test_a_clash_with_a_letter_that_waits_shows_until_when_and_not_what(alice: Person) -> None:
    send(alice, "first")
    send(alice, base=1, wait="24")
    response = send(alice, "other words", base=1)
    page = response.content.decode()
    assert (response.status_code, box(response)) == (409, "other words")
    assert (SECRET in page, "It waits until" in page) == (False, True)
    assert send(alice, "other words", base=int(fields(response)["base"])).status_code == 302
    assert [stored(alice, number).text for number in (1, 2, 3)] == ["first", SECRET, "other words"]
    assert SECRET not in shown(alice, "letter-version", 2)


def test_a_wait_that_is_not_offered_is_refused_with_everything_kept(alice: Person) -> None:
    response = send(alice, wait="1", title="To you")
    assert (response.status_code, box(response)) == (422, SECRET)
    assert 'value="To you"' in response.content.decode()
    assert "Choose one of these." in response.content.decode()
    assert not Revision.objects.exists()


def test_the_choice_stands_when_a_letter_is_refused(alice: Person) -> None:
    page = send(alice, "x" * 100_001, wait="72").content.decode()
    assert re.search(r'name="wait" value="72"[^>]* checked', page)


def test_locking_while_sealing_seals(alice: Person) -> None:
    response = send(alice, wait="24", lock="1")
    assert response["Location"].startswith("/unlock/?next=")
    alice.client.post(reverse("unlock"), {"password": PASSWORD})
    assert (stored(alice).head.waits, SECRET in shown(alice)) == (True, False)


def test_words_and_wait_come_back_when_sealing_meets_a_lock(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    door = send(alice, wait="72", title="To you")
    carried = dict(re.findall(r'<textarea name="(kept_\w+)" hidden>\n(.*?)</textarea>', door.content.decode()))
    resumed = alice.client.post(reverse("unlock"), {**carried, "password": PASSWORD})
    assert box(resumed) == SECRET
    assert {"wait": "72", "title": "To you", "entry": LETTER.hex}.items() <= fields(resumed).items()


def test_a_letter_that_waits_can_be_deleted(alice: Person) -> None:
    send(alice, wait="336")
    assert alice.client.post(path("letter-delete"))["Location"] == "/journal/?done=deleted"
    assert not Revision.objects.exists()


def test_a_damaged_letter_says_so(alice: Person) -> None:
    send(alice, wait="24")
    Revision.objects.update(body=b"x")
    assert "can’t be opened" in shown(alice)
    assert alice.client.get(path("letter-open"))["Location"] == path()


def test_limits_stand_above_a_letter_and_beside_one_that_has_opened(alice: Person) -> None:
    limits = entries.named(alice.vault, Head("limits"))
    with time_machine.travel(NOW, tick=False) as clock:
        alice.sign_in()
        new = alice.client.get(reverse("new-letter")).content.decode()
        assert "No limits are written down yet." in new
        entries.write(alice.vault, limits, 0, Head("limits"), "No shouting\n\n<b>Ever</b>\n")
        lines = ["No shouting", "&lt;b&gt;Ever&lt;/b&gt;"]
        closed = alice.client.get(reverse("new-letter")).content.decode()
        assert re.findall(r'<li dir="auto">(.*?)</li>', closed) == lines
        assert ("<summary>Your limits</summary>" in closed, 'class="beside"' in closed) == (True, False)
        send(alice, wait="24")
        clock.shift(90_000)
        alice.sign_in()
        opened = alice.client.get(path()).content.decode()
    assert ("<summary>Your limits</summary>" in opened, 'class="beside"' in opened) == (False, True)
    assert "It waited until March 4, 4:42\u00a0PM. It went to nobody." in opened
    assert re.findall(r'<li dir="auto">(.*?)</li>', opened) == lines


def test_mallory_finds_no_letter_of_alices_and_can_not_end_its_wait(alice: Person, mallory: Person) -> None:
    send(alice, wait="24")
    for name in ("letter", "letter-open", "letter-history", "letter-delete"):
        assert mallory.client.get(path(name)).status_code == 404
        assert mallory.client.post(path(name), {"text": "x", "base": 1}).status_code in {404, 405}
    assert (stored(alice).number, stored(alice).head.waits) == (1, True)
    with pytest.raises(subjects.Http404):
        subjects.find(mallory.vault, "letter", entry=LETTER)


@pytest.mark.parametrize("count", [1, 3])
def test_pages_of_letters_take_the_same_queries_however_many_versions(alice: Person, count: int) -> None:
    for base in range(count):
        send(alice, f"{base}", base=base, wait="24" if base == count - 1 else "")
    for name, args, queries in (("letter", [LETTER], 6), ("letter-open", [LETTER], 5), ("new-letter", [], 5)):
        alice.client.get(reverse(name, args=args))
        with CaptureQueriesContext(connection) as captured:
            alice.client.get(reverse(name, args=args))
        assert len(captured) == queries, (name, [query["sql"][:90] for query in captured])

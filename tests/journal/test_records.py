"""Facts and feelings apart: a page that is marked as a record of what happened."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse

from journal import entries
from journal.models import Revision
from tests.conftest import PASSWORD, Person
from tests.journal.test_kept import fields
from tests.journal.test_writing import box

pytestmark = pytest.mark.django_db
PAGE = UUID(int=8)
FACTS = {"record": "on", "happened": "2026-03-09", "place": "The <old> station"}


def send(person: Person, text: str = "The door was locked.", base: int = 0, **more: Any) -> Any:
    data = {"text": text, "title": "", "base": base, "entry": PAGE.hex, **more}
    return person.client.post(reverse("page-entry", args=[PAGE]) if base else reverse("new-page"), data)


def head(person: Person) -> Any:
    found = entries.read(person.vault, PAGE)
    return found.head if found else None


def shown(person: Person, name: str, *args: Any) -> str:
    return person.client.get(reverse(name, args=args)).content.decode()


def test_a_record_keeps_its_day_and_place_and_they_stand_there_again(alice: Person) -> None:
    assert send(alice, **FACTS).status_code == 302
    found = head(alice)
    assert (found.kind, found.record, found.happened, found.place) == ("page", True, "2026-03-09", "The <old> station")
    page = alice.client.get(reverse("page-entry", args=[PAGE]))
    assert {"happened": "2026-03-09", "place": "The <old> station"}.items() <= fields(page).items()
    assert re.search(r'name="record"[^>]* checked', page.content.decode())
    assert "facts alone are easier to use later" in page.content.decode()


def test_a_page_is_no_record_unless_it_is_marked(alice: Person) -> None:
    send(alice)
    assert (head(alice).record, head(alice).happened, head(alice).place) == (False, "", "")
    assert "Record" not in shown(alice, "journal")


def test_lists_and_versions_say_that_it_is_a_record(alice: Person) -> None:
    send(alice, **FACTS)
    assert re.search(r"<span>Record · \w+ \d+", shown(alice, "journal"))
    version = shown(alice, "page-entry-version", PAGE, 1)
    assert re.search(r"Record · March 9(, 2026)? · <bdi>The &lt;old&gt; station</bdi>", version)


def test_day_and_place_can_be_left_open(alice: Person) -> None:
    send(alice, record="on", happened="", place="")
    assert head(alice).record is True
    assert '<p class="meta">Record</p>' in shown(alice, "page-entry-version", PAGE, 1)


def test_marking_a_saved_page_is_a_version_of_its_own(alice: Person) -> None:
    send(alice)
    send(alice, base=1, record="on")
    send(alice, base=2, record="on")
    assert Revision.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"happened": "2026-03-12"}, "This day has not come yet. Choose today or a day before."),
        ({"happened": "March 9"}, "Write the day as year, month and day, like 2026-03-09."),
        ({"place": "x" * 121}, "Use at most 120 characters for the place."),
    ],
)
@time_machine.travel("2026-03-10T12:00:00Z", tick=False)
def test_what_can_not_be_is_refused_with_everything_kept(alice: Person, wrong: dict[str, str], said: str) -> None:
    alice.sign_in()
    response = send(alice, **{**FACTS, **wrong})
    page = unescape(response.content.decode())
    assert (response.status_code, box(response), said in page) == (422, "The door was locked.", True)
    assert {**FACTS, **wrong}.items() <= {**fields(response), "record": "on"}.items()
    assert re.search(r'name="record"[^>]* checked', page)
    assert head(alice) is None


@pytest.mark.parametrize("day", ["2026-03-11", "2026-03-10", "1999-12-31"])
@time_machine.travel("2026-03-10T12:00:00Z", tick=False)
def test_any_day_that_has_begun_for_somebody_is_one(alice: Person, day: str) -> None:
    alice.sign_in()
    assert send(alice, **{**FACTS, "happened": day}).status_code == 302
    assert head(alice).happened == day


def test_a_draft_keeps_the_facts_but_for_a_day_that_is_none(alice: Person) -> None:
    data = {"text": "", "title": "", "base": 0, "entry": PAGE.hex, **FACTS}
    alice.client.post(reverse("new-page-draft"), data)
    kept = entries.draft(alice.vault, PAGE).head
    assert (kept.record, kept.happened, kept.place) == (True, "2026-03-09", "The <old> station")
    alice.client.post(reverse("new-page-draft"), {**data, "happened": "x", "place": "y" * 200})
    kept = entries.draft(alice.vault, PAGE).head
    assert (kept.happened, kept.place) == ("", "y" * 200)


def test_facts_come_back_when_a_save_meets_a_lock(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    door = send(alice, **FACTS).content.decode()
    carried = {n: unescape(v) for n, v in re.findall(r'<textarea name="(kept_\w+)" hidden>\n(.*?)</textarea>', door)}
    resumed = alice.client.post(reverse("unlock"), {**carried, "password": PASSWORD})
    assert FACTS.items() <= fields(resumed).items()


def test_a_letter_and_an_answer_are_never_records(alice: Person) -> None:
    alice.write(2, "text", **FACTS)
    alice.client.post(reverse("new-letter"), {"text": "x", "title": "", "base": 0, "entry": PAGE.hex, **FACTS})
    assert head(alice).kind == "letter"
    for found in entries.newest_beside(alice.vault, []):
        assert (found.head.record, found.head.happened, found.head.place) == (False, "", "")

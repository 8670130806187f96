"""Kinds of entries: what they are about, where their pages are, and what a new key does to their ids."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.http import Http404

from journal import accounts, entries, subjects
from journal.entries import Head
from journal.models import User, random_id
from tests.conftest import Person

pytestmark = pytest.mark.django_db
NAMED = [Head("check-in", week="2026-W13", signs={"cycles": "Old cycles"}), Head("limits"), Head("summary")]


def soon(**time: float) -> str:
    return (datetime.now().astimezone() + timedelta(**time)).isoformat()


@pytest.mark.parametrize("head", NAMED, ids=lambda head: head.kind)
def test_an_entry_with_a_name_is_found_again_after_a_new_key(alice: Person, head: Head) -> None:
    before = entries.named(alice.vault, head)
    entries.write(alice.vault, before, 0, head, "text")
    entries.keep_draft(alice.vault, before, 1, head, "draft")
    accounts.rotate(alice.user, alice.vault, "another long password")
    vault = accounts.open_with_password(User.objects.get(username="alice"), "another long password")
    after = entries.named(vault, head)
    assert after != before
    assert entries.read(vault, after) == entries.Version(after, 1, head, "text")
    assert entries.draft(vault, after).text == "draft"
    assert entries.read(vault, before) is None


def test_two_people_have_other_ids_for_the_same_week(alice: Person, mallory: Person) -> None:
    assert entries.named(alice.vault, NAMED[0]) != entries.named(mallory.vault, NAMED[0])


def test_a_page_and_a_letter_have_no_name() -> None:
    assert [Head(kind).name for kind in ("page", "letter")] == ["", ""]


@pytest.mark.parametrize(
    ("head", "path"),
    [
        (Head("answer", "time"), "/journal/2/"),
        (Head("check-in", week="2026-W13"), "/journal/check-in/2026-W13/"),
        (Head("limits"), "/journal/limits/"),
        (Head("summary"), "/journal/summary/"),
        (Head("letter"), f"/journal/letters/{UUID(int=7)}/"),
        (Head("page"), f"/journal/pages/{UUID(int=7)}/"),
        (Head("answer", "never-was"), f"/journal/pages/{UUID(int=7)}/"),
        (None, f"/journal/pages/{UUID(int=7)}/"),
    ],
)
def test_an_entry_that_was_found_knows_its_address(head: Head | None, path: str) -> None:
    assert subjects.of(UUID(int=7), head).url() == path


@pytest.mark.parametrize("week", ["2026-W54", "2026W13", "2026-W1", "9999-W01", "2026-13", "0000-W01", "x"])
def test_a_week_that_is_none_or_has_not_begun_is_not_there(alice: Person, week: str) -> None:
    with pytest.raises(Http404):
        subjects.find(alice.vault, "check-in", week=week)


def test_a_letter_is_not_there_under_the_address_of_a_page(alice: Person) -> None:
    entry = random_id()
    entries.write(alice.vault, entry, 0, Head("letter", opens=soon(days=1)), "Dear you")
    for kind in ("page", "answer"):
        with pytest.raises(Http404):
            subjects.find(alice.vault, kind, entry=entry)
    assert subjects.find(alice.vault, "letter", entry=entry).kind == "letter"


def test_a_letter_that_waits_comes_without_its_text(alice: Person) -> None:
    entry, waits, opened = random_id(), Head("letter", opens=soon(hours=1)), Head("letter", opens=soon(hours=-1))
    entries.write(alice.vault, entry, 0, opened, "it was time")
    entries.write(alice.vault, entry, 1, waits, "not yet")
    assert [entries.read(alice.vault, entry, number).text for number in (1, 2)] == ["it was time", ""]
    assert entries.read(alice.vault, entry, 2, early=True).text == "not yet"


def test_a_letter_that_is_sent_twice_waits_once(alice: Person) -> None:
    entry, head = random_id(), Head("letter", opens=soon(hours=1))
    assert [entries.write(alice.vault, entry, 0, head, "Dear you") for _ in range(2)] == [1, 1]


def test_a_clash_with_a_letter_that_waits_does_not_show_it(alice: Person) -> None:
    entry = random_id()
    entries.write(alice.vault, entry, 0, Head("letter", opens=soon(hours=1)), "not yet")
    with pytest.raises(entries.ClashError) as clash:
        entries.write(alice.vault, entry, 0, Head("letter"), "another")
    assert clash.value.newest.text == ""

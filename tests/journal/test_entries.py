import uuid
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from journal import entries, subjects
from journal.entries import ClashError, Head, StaleVaultError
from journal.models import Keyring, Revision, random_id
from tests.conftest import Person

HEAD = Head(kind="page", title="Sunday", written="2026-11-25T22:42:00-05:00", zone="America/New_York", words=2)
pytestmark = pytest.mark.django_db


def test_what_was_written_comes_back_with_its_head(alice: Person) -> None:
    entry = random_id()
    assert entries.write(alice.vault, entry, 0, HEAD, "  two words\r\n") == 1
    found = entries.read(alice.vault, entry)
    assert found == entries.Version(entry, 1, HEAD, "  two words\r\n")


def test_each_save_adds_a_version_and_keeps_the_others(alice: Person) -> None:
    entry = random_id()
    for base, text in enumerate(["one", "two", "three"]):
        entries.write(alice.vault, entry, base, HEAD, text)
    assert [version.number for version in entries.versions(alice.vault, entry)] == [3, 2, 1]
    assert [entries.read(alice.vault, entry, number).text for number in (1, 2, 3)] == ["one", "two", "three"]


def test_a_save_over_an_older_version_is_a_clash_and_writes_nothing(alice: Person) -> None:
    entry = random_id()
    entries.write(alice.vault, entry, 0, HEAD, "A")
    entries.write(alice.vault, entry, 1, HEAD, "AB")
    with pytest.raises(ClashError) as clash:
        entries.write(alice.vault, entry, 1, HEAD, "AC")
    assert clash.value.newest.text == "AB"
    assert Revision.objects.filter(entry=entry).count() == 2


def test_the_same_text_sent_twice_is_saved_once(alice: Person) -> None:
    entry = random_id()
    assert entries.write(alice.vault, entry, 0, HEAD, "once") == 1
    assert entries.write(alice.vault, entry, 0, HEAD, "once") == 1
    assert Revision.objects.filter(entry=entry).count() == 1


def test_a_base_that_never_was_is_a_clash(alice: Person) -> None:
    with pytest.raises(ClashError) as clash:
        entries.write(alice.vault, random_id(), 7, HEAD, "text")
    assert clash.value.newest is None


def test_a_vault_whose_dek_was_changed_meanwhile_writes_nothing(alice: Person) -> None:
    Keyring.objects.update(dek_tag=b"another DEK's tag")
    with pytest.raises(StaleVaultError):
        entries.write(alice.vault, random_id(), 0, HEAD, "text")
    assert not Revision.objects.exists()


def test_another_persons_vault_finds_nothing(alice: Person, mallory: Person) -> None:
    entry = random_id()
    entries.write(alice.vault, entry, 0, HEAD, "hers")
    assert entries.read(mallory.vault, entry) is None
    assert entries.versions(mallory.vault, entry) == []
    assert entries.newest_of(mallory.vault, [entry]) == {}
    assert entries.newest_beside(mallory.vault, []) == []
    assert entries.delete(mallory.vault, entry) == 0
    assert entries.read(alice.vault, entry).text == "hers"


def test_two_people_answer_one_question_under_ids_that_have_nothing_in_common(alice: Person, mallory: Person) -> None:
    assert entries.answer_id(alice.vault, "time") != entries.answer_id(mallory.vault, "time")


def test_a_damaged_version_is_shown_as_damaged_and_the_rest_is_there(alice: Person) -> None:
    good, bad = random_id(), random_id()
    entries.write(alice.vault, good, 0, HEAD, "good")
    entries.write(alice.vault, bad, 0, HEAD, "bad")
    Revision.objects.filter(entry=bad).update(head=b"\x01" + bytes(300), body=b"garbage")
    listed = {version.entry: version.head for version in entries.newest_beside(alice.vault, [])}
    assert listed == {good: HEAD, bad: None}
    assert entries.read(alice.vault, bad).head is None
    assert entries.read(alice.vault, good).text == "good"


@pytest.mark.parametrize("column", ["head", "body"])
def test_swapped_ciphertexts_are_refused_within_one_journal_and_between_two(
    alice: Person, mallory: Person, column: str
) -> None:
    rows = {}
    for person, text in ((alice, "one"), (alice, "two"), (mallory, "three")):
        entry = random_id()
        entries.write(person.vault, entry, 0, HEAD, text)
        rows[text] = Revision.objects.get(entry=entry)
    for other in ("two", "three"):
        Revision.objects.filter(pk=rows["one"].pk).update(**{column: getattr(rows[other], column)})
        assert entries.read(alice.vault, rows["one"].entry).head is None


def test_a_version_put_in_the_place_of_a_later_one_is_refused(alice: Person) -> None:
    entry = random_id()
    entries.write(alice.vault, entry, 0, HEAD, "old")
    entries.write(alice.vault, entry, 1, HEAD, "new")
    old = Revision.objects.get(entry=entry, number=1)
    Revision.objects.filter(entry=entry, number=2).update(head=old.head, body=old.body)
    assert entries.read(alice.vault, entry).head is None


def test_one_version_can_be_deleted_and_the_others_stay(alice: Person) -> None:
    entry = random_id()
    for base in range(3):
        entries.write(alice.vault, entry, base, HEAD, str(base))
    assert entries.delete(alice.vault, entry, 2) == 1
    assert [version.number for version in entries.versions(alice.vault, entry)] == [3, 1]
    assert entries.delete(alice.vault, entry) == 2
    assert entries.read(alice.vault, entry) is None


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_the_same_queries_however_many_there_are(alice: Person, count: int) -> None:
    for _ in range(count):
        entries.write(alice.vault, random_id(), 0, HEAD, "text")
    with CaptureQueriesContext(connection) as queries:
        assert len(entries.newest_beside(alice.vault, [])) == count
    assert len(queries) == 1


def test_pages_come_last_written_first_and_page_by_page(alice: Person) -> None:
    ids = [random_id() for _ in range(5)]
    for entry in ids:
        entries.write(alice.vault, entry, 0, HEAD, "text")
    entries.write(alice.vault, ids[0], 1, HEAD, "again")
    found = [version.entry for version in entries.newest_beside(alice.vault, [], start=0, count=3)]
    assert found == [ids[0], ids[4], ids[3]]
    assert [v.entry for v in entries.newest_beside(alice.vault, [], start=3, count=3)] == [ids[2], ids[1]]


def test_a_line_end_counts_as_one_character_however_it_was_sent() -> None:
    assert entries.length("a\r\nb\nc👩") == 6


def test_the_day_of_an_entry_never_moves() -> None:
    assert HEAD.written_at.strftime("%B %d %H:%M %z") == "November 25 22:42 -0500"


def test_a_head_keeps_the_wording_that_was_answered(alice: Person) -> None:
    before = Head(kind="answer", question="gone", asked="As it was asked")
    head = subjects.of(uuid.uuid4(), before).head({}, "a b", ZoneInfo("UTC"))
    assert (head.kind, head.question, head.asked, head.words) == ("answer", "gone", "As it was asked", 2)

"""What comes in: exactly what was in the file, beside what is here, or nothing."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from journal import accounts, entries, export, import_formats, imports, places
from journal.entries import Head
from journal.import_formats import Contents, Line, Saved
from journal.models import Draft, Revision, random_id
from tests.conftest import PASSWORD, Person
from tests.journal.test_export import body, fill, take
from tests.journal.test_import_formats import NOW, SAMPLES, ours, page, read


def send(person: Person, data: bytes, name: str = "notes.json", opens: str = "") -> Any:
    return person.client.post(reverse("import"), {"file": SimpleUploadedFile(name, data), "opens": opens})


def bring(person: Person, data: bytes, name: str = "notes.json", opens: str = "") -> None:
    assert send(person, data, name, opens).status_code == 302
    found = imports.plan(person.vault)
    assert found
    assert person.client.post(reverse("import"), {"add": found.which}).status_code == 302


def everything(person: Person) -> list[Any]:
    """All that somebody has, but for ids that are another in each vault."""
    vault = person.vault
    return json.loads(b"".join(export.as_json(places.at(vault, places.everything(vault)), NOW)))["entries"]


def without_ids(found: list[Any]) -> list[Any]:
    return [{**entry, "id": None} for entry in found]


# --- round trips of our own files ---


@pytest.mark.parametrize("way", ["password", "recovery key", "zip", "json"])
def test_everything_comes_back_exactly_in_another_journal(alice: Person, mallory: Person, way: str) -> None:
    fill(alice)
    locked = body(take(alice)) if way in {"password", "recovery key"} else b""
    zipped = body(take(alice, "readable")) if not locked else b""
    data, name, opens = {
        "password": (locked, "notes.locked", PASSWORD),
        "recovery key": (locked, "x", alice.recovery_key.lower()),
        "zip": (zipped, "notes.zip", ""),
        "json": (zipfile.ZipFile(io.BytesIO(zipped)).read("notes.json") if zipped else b"", "notes.json", ""),
    }[way]
    bring(mallory, data, name, opens)
    assert without_ids(everything(mallory)) == without_ids(everything(alice))
    assert Draft.objects.filter(keyring=mallory.user.keyring, entry=imports._waiting_id(mallory.vault)).count() == 0


def test_a_journal_that_was_emptied_gets_everything_back_and_twice_adds_nothing(alice: Person) -> None:
    fill(alice)
    before, data = everything(alice), body(take(alice))
    for model in (Revision, Draft):
        model.objects.all().delete()
    bring(alice, data, opens=PASSWORD)
    assert everything(alice) == before
    send(alice, data, opens=PASSWORD)
    found = imports.plan(alice.vault)
    assert found
    assert (found.adds, found.here, found.apart) == (False, 7, [])


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(words, min_size=1, max_size=4), title=words, unsaved=words)
def test_any_text_comes_back_to_the_byte(alice: Person, texts: list[str], title: str, unsaved: str) -> None:
    Revision.objects.all().delete()
    Draft.objects.all().delete()
    head = Head("page", title=title)
    versions = [Saved(3 * n + 1, head, text) for n, text in enumerate(texts)]
    line = Line(versions, Saved(1, head, unsaved), random_id())
    read_again = import_formats.from_json(ours(line))
    assert read_again == Contents([line])
    imports.wait(alice.vault, read_again)
    found = imports.plan(alice.vault)
    assert found
    imports.add(alice.vault, found.which)
    again = import_formats.from_json(
        b"".join(export.as_json(places.at(alice.vault, places.everything(alice.vault)), NOW))
    )
    assert again == Contents([line])


# --- beside what is here ---


def test_what_goes_on_where_the_one_here_ends_is_added_to_it(alice: Person) -> None:
    answer = Head("answer", "time", "Is it time?")
    entry = entries.named(alice.vault, answer)
    entries.write(alice.vault, entry, 0, answer, "one")
    bring(alice, ours(Line([Saved(1, answer, "one"), Saved(2, answer, "two")])))
    assert [version["text"] for version in everything(alice)[0]["versions"]] == ["one", "two"]


@pytest.mark.parametrize(
    "head", [Head("answer", "time", "Is it time?"), Head("check-in", week="2026-W13", signs={"a": "A"}), Head("limits")]
)
def test_another_text_for_what_is_written_here_becomes_a_page_of_its_own_once(alice: Person, head: Head) -> None:
    entry = entries.named(alice.vault, head)
    entries.write(alice.vault, entry, 0, head, "mine")
    entries.keep_draft(alice.vault, entry, 1, head, "my draft")
    data = ours(Line([Saved(1, head, "theirs"), Saved(2, head, "theirs too")], Saved(2, head, "their draft")))
    bring(alice, data)
    here, other = everything(alice)
    assert ([version["text"] for version in here["versions"]], here["draft"]["text"]) == (["mine"], "my draft")
    assert [version["text"] for version in other["versions"]] == ["theirs", "theirs too"]
    assert (other["versions"][0]["head"]["kind"], other["draft"]["text"]) == ("page", "their draft")
    assert other["versions"][0]["head"].get("signs", {}) == head.signs
    send(alice, data)
    found = imports.plan(alice.vault)
    assert found
    assert (found.adds, found.here) == (False, 1)


def test_a_draft_beside_another_draft_becomes_a_page_that_is_not_saved(alice: Person) -> None:
    head = Head("answer", "time", "Is it time?")
    entries.keep_draft(alice.vault, entries.named(alice.vault, head), 0, head, "mine")
    data = ours(Line([], Saved(0, head, "theirs")))
    for _ in range(2):
        bring(alice, data)
    assert [entry["draft"]["text"] for entry in everything(alice)] == ["mine", "theirs"]


def test_the_same_page_twice_in_a_file_comes_in_once(alice: Person) -> None:
    bring(alice, ours(page("a"), page("a"), page("b")))
    assert [entry["versions"][0]["text"] for entry in everything(alice)] == ["a", "b"]


# --- the page ---


def test_the_preview_tells_what_is_in_a_file_and_adds_nothing(alice: Person) -> None:
    alice.write(2, "text")
    assert send(alice, (SAMPLES / "day-one.json").read_bytes()).status_code == 302
    shown = alice.client.get(reverse("import")).content.decode()
    for told in (
        "2 pages",
        "2 versions in all, from March 9, 2024 to March 11, 2024",
        "Entry 3 (2024-03-12): there is no text",
    ):
        assert told in shown
    assert (Revision.objects.count(), entries.drafts(alice.vault)) == (1, [])
    assert "Day One" not in alice.client.get(reverse("journal")).content.decode()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (["20240309T080000-05:00"], "1 version in all, March 9, 2024<"),
        (
            ["2024-03-11T00:30+14:00", "20240309T080000Z", "2024-W10-7T01:00Z"],
            ", from March 9, 2024 to March 11, 2024<",
        ),
        (["2024-03-09T23:00-05:00", "2024-03-09T01:00+09:00"], "2 versions in all, March 9, 2024<"),
        ([""], "1 version in all<"),
    ],
)
def test_the_preview_tells_the_days_of_the_writers_clock_however_a_file_spells_them(
    alice: Person, written: list[str], told: str
) -> None:
    assert send(alice, ours(*(page(f"text {when}", written=when) for when in written))).status_code == 302
    assert told in alice.client.get(reverse("import")).content.decode()


def test_what_waits_is_sealed_and_goes_when_it_is_thrown_away_replaced_or_added(alice: Person) -> None:
    send(alice, ours(page("a secret")))
    rows = [bytes(row.body) + bytes(row.head) for row in Draft.objects.all()]
    assert [b"secret" in row for row in rows] == [False]
    send(alice, ours(page("another")))
    assert Draft.objects.count() == 1
    alice.client.post(reverse("import"), {"drop": "1"})
    assert (Draft.objects.count(), imports.plan(alice.vault)) == (0, None)


def test_a_yes_to_another_file_than_the_one_that_waits_adds_nothing(alice: Person) -> None:
    send(alice, ours(page("one")))
    first = imports.plan(alice.vault)
    send(alice, ours(page("two")))
    assert first
    alice.client.post(reverse("import"), {"add": first.which})
    assert (Revision.objects.count(), Draft.objects.count()) == (0, 1)


def test_what_waits_outlives_a_change_of_keys(alice: Person) -> None:
    imports.wait(alice.vault, Contents([page("one")]))
    accounts.rotate(alice.user, alice.vault, "another quiet heron at noon")
    found = imports.plan(alice.vault)
    assert found
    assert [saved.text for _, saved in found.versions] == ["one"]


def test_when_one_row_can_not_be_written_none_is(alice: Person) -> None:
    imports.wait(alice.vault, Contents([page("one"), page("two")]))
    found = imports.plan(alice.vault)
    assert found
    stale = replace_vault(alice)
    with pytest.raises(entries.StaleVaultError):
        imports.add(stale, found.which)
    assert Revision.objects.count() == 0


def replace_vault(person: Person) -> Any:
    """The vault as it was before its key changed."""
    old = person.vault
    accounts.rotate(person.user, old, "another quiet heron at noon")
    return old


def test_nobody_sees_or_adds_what_waits_for_somebody_else(alice: Person, mallory: Person) -> None:
    send(alice, ours(page("one", title="Alice her page")))
    found = imports.plan(alice.vault)
    assert found
    mallory.client.post(reverse("import"), {"add": found.which})
    mallory.client.post(reverse("import"), {"drop": "1"})
    assert (Revision.objects.count(), Draft.objects.count()) == (0, 1)
    assert send(Person(alice.user, "", Client()), ours(page("x"))).status_code == 403


def test_a_locked_file_asks_for_what_opens_it(alice: Person, mallory: Person) -> None:
    data = body(take(alice))
    for opens in ("", "not this one at all", mallory.recovery_key):
        response = send(alice, data, "x.locked", opens)
        assert response.status_code == 422
        assert 'id="id_opens_error"' in response.content.decode() or "id_opens" in response.content.decode()
    assert send(alice, data[:-1], "x.locked", PASSWORD).status_code == 422


def test_a_file_over_the_limit_is_refused_with_the_limit(alice: Person) -> None:
    response = send(alice, b"x" * (20 * 2**20 + 1))
    assert (response.status_code, "larger than 20 MB" in response.content.decode()) == (422, True)
    response = send(alice, b"x" * (22 * 2**20))
    assert (response.status_code, "over 21 MB" in response.content.decode()) == (413, True)


@pytest.mark.parametrize(("pages", "queries"), [(1, 11), (3, 11), (250, 13)])
def test_adding_asks_no_more_for_many_than_for_one(
    alice: Person, django_assert_num_queries: DjangoAssertNumQueries, pages: int, queries: int
) -> None:
    imports.wait(alice.vault, Contents([page(str(n)) for n in range(pages)]))
    found = imports.plan(alice.vault)
    assert found
    with django_assert_num_queries(queries):
        imports.add(alice.vault, found.which)
    assert Revision.objects.count() == pages


def titles(person: Person) -> list[str]:
    return [found.head.title for found in entries.newest_beside(person.vault, []) if found.head]


def dated(title: str, day: str) -> Line:
    return page(f"the text of {title}", title=title, written=f"{day}T08:00:00+00:00", zone="UTC")


def test_what_comes_in_stands_among_what_is_here_in_the_order_of_its_writing(alice: Person) -> None:
    entry = random_id()
    for number, day in enumerate(("2026-01-10", "2026-01-20")):
        head = Head("page", title=f"Mine {number}", written=f"{day}T08:00:00+00:00", zone="UTC")
        entries.write(alice.vault, entry, number, head, f"text {number}")
        entries.write(alice.vault, random_id(), 0, head, f"other {number}")
    before = dict(Revision.objects.values_list("head", "body"))
    bring(alice, ours(dated("Last", "2026-02-01"), dated("Between", "2026-01-15"), dated("First", "2025-12-31")))
    assert titles(alice) == ["Last", "Mine 1", "Mine 1", "Between", "Mine 0", "First"]
    assert before.items() <= dict(Revision.objects.values_list("head", "body")).items()
    assert [version.number for version in entries.versions(alice.vault, entry)] == [2, 1]
    found = list(places.at(alice.vault, places.everything(alice.vault)))
    assert [version.text for place, version in found if place.entry == entry] == ["text 0", "text 1"]


def test_versions_keep_their_order_whatever_their_clocks_said(alice: Person) -> None:
    entry = random_id()
    for number, day in enumerate(("2026-01-20", "2026-01-10")):
        head = Head("page", title=f"Mine {number}", written=f"{day}T08:00:00+00:00", zone="UTC")
        entries.write(alice.vault, entry, number, head, f"text {number}")
    bring(alice, ours(dated("Between", "2026-01-15")))
    assert titles(alice) == ["Mine 1", "Between"]
    assert list(Revision.objects.filter(entry=entry).order_by("pk").values_list("number", flat=True)) == [1, 2]


def test_a_damaged_entry_keeps_its_place_among_what_comes_in(alice: Person) -> None:
    bring(alice, ours(dated("One", "2026-01-10"), dated("Two", "2026-01-20"), dated("Three", "2026-01-30")))
    damaged = entries.newest_beside(alice.vault, [])[1].entry
    Revision.objects.filter(entry=damaged).update(head=b"\x01" + bytes(300))
    bring(alice, ours(dated("Before", "2026-01-01")))
    found = [version.head.title if version.head else None for version in entries.newest_beside(alice.vault, [])]
    assert found == ["Three", None, "One", "Before"]


def test_a_file_that_is_being_taken_along_has_all_of_it_when_another_is_brought_in_meanwhile(alice: Person) -> None:
    bring(alice, ours(*(dated(f"Page {number}", "2026-01-10") for number in range(150))))
    taken = places.at(alice.vault, places.everything(alice.vault))
    begun = next(taken)
    bring(alice, ours(dated("Before", "2026-01-01")))
    assert len([begun, *taken]) == 150


def test_a_file_of_others_brought_in_again_after_a_change_of_keys_adds_nothing(alice: Person) -> None:
    data = (SAMPLES / "day-one.json").read_bytes()
    bring(alice, data, "Journal.json")
    accounts.rotate(alice.user, alice.vault, PASSWORD)
    alice.sign_in()
    imports.wait(alice.vault, read("Journal.json", data))
    found = imports.plan(alice.vault)
    assert found
    assert (found.adds, found.here) == (False, 2)


def test_the_account_does_not_count_a_file_that_waits_as_a_draft(alice: Person) -> None:
    imports.wait(alice.vault, Contents([page("waits")]))
    assert accounts.stored(alice.vault).drafts == 0
    assert Draft.objects.count() == 1


def test_what_is_in_a_file_is_told_in_the_number_that_it_has(alice: Person) -> None:
    imports.wait(
        alice.vault,
        Contents([page("one"), Line([Saved(1, Head("letter"), "a")]), Line([Saved(1, Head("letter"), "b")])]),
    )
    found = imports.plan(alice.vault)
    assert found
    assert found.told == ["1 page", "2 unsent letters"]

"""What comes in: exactly what was in the file, beside what is here, or nothing."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from journal import accounts, entries, export, import_formats, imports, places
from journal.entries import Head
from journal.import_formats import Contents, Line, RefusedError, Saved
from journal.models import Draft, Revision, random_id
from tests.conftest import PASSWORD, Person
from tests.journal.test_export import body, fill, take

SAMPLES = Path(__file__).parent / "imported"
ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 3, 21, 15, tzinfo=ZONE)


def read(name: str, data: bytes) -> Contents:
    return import_formats.read(name, data, ZONE, NOW)


def packed(**files: bytes) -> bytes:
    return packed_as(files)


def packed_as(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in files.items():
            written.writestr(name, data)
    return out.getvalue()


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


def ours(*lines: Line) -> bytes:
    return import_formats.to_json(Contents(list(lines)))


def page(text: str, **said: Any) -> Line:
    return Line([Saved(1, Head("page", **said), text)])


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


# --- the files of others ---


def test_a_day_one_export_becomes_pages_with_their_own_times() -> None:
    data = (SAMPLES / "day-one.json").read_bytes()
    found = read("Journal.json", data)
    assert [
        (line.versions[0].text, line.versions[0].head.written, line.versions[0].head.zone) for line in found.lines
    ] == [
        (
            "We walked along the river.\n\nIt was quiet 💔.\n\n#evening\n\nRiver Walk, Hudson, United States",
            "2024-03-09T23:30:15-05:00",
            "America/New_York",
        ),
        ("Second.", "2024-03-11T10:00:00+00:00", "UTC"),
    ]
    assert found.left_out == [
        "Entry 3 (2024-03-12): there is no text in it.",
        "Entry 4 (9024-13-12): there is no such date as it gives.",
    ]
    assert read("x.zip", packed_as({"Journal.json": data, "photos/1.jpeg": b"x" * 100})) == found


def test_a_dailytxt_backup_becomes_a_page_for_each_day() -> None:
    month = (SAMPLES / "dailytxt-2024-02.json").read_bytes()
    found = read("backup.zip", packed_as({"2024/02.json": month, "tags.json": b"{}", "templates.json": b"{}"}))
    assert [(line.versions[0].text, line.versions[0].head.written[:10]) for line in found.lines] == [
        ("Rain all day.\nWe talked.", "2024-02-28"),
        ("A leap day.", "2024-02-29"),
    ]
    assert found.left_out == [
        "2024-02-30: there is no such date as it gives.",
        "2024-02-27: there is no text in it.",
    ]


def test_texts_become_pages_titled_with_their_names() -> None:
    name = "2024-05-06 letter.md"
    data = (SAMPLES / name).read_bytes()
    alone = read(name, data)
    assert [(saved.head.title, saved.head.written[:10], saved.text) for saved in alone.lines[0].versions] == [
        ("2024-05-06 letter", "2024-05-06", data.decode())
    ]
    files = {"../../etc/" + name: data, "a\\b\\c.txt": b"\xef\xbb\xbfc", "pic.png": b"x", "__MACOSX/._c.txt": b"x"}
    found = read("x.zip", packed_as(files))
    assert [line.versions[0].head.title for line in found.lines] == ["2024-05-06 letter", "c"]
    assert found.lines[1].versions[0].text == "c"


# --- what is refused ---


def bomb() -> bytes:
    return packed_as({"notes.txt": b"x" * (30 * 2**20)})


def lying() -> bytes:
    """A zip that says of a file that it is small."""
    data = packed_as({"notes.txt": bytes(range(32, 120)) * 500_000})
    size = (88 * 500_000).to_bytes(4, "little")
    return data.replace(size, (1000).to_bytes(4, "little"))


REFUSED: dict[str, Callable[[], tuple[str, bytes]]] = {
    "nothing we know": lambda: ("x.pdf", b"%PDF-1.7"),
    "no JSON": lambda: ("x.json", b'{"entries": ['),
    "JSON of another kind": lambda: ("x.json", b'{"a": 1}'),
    "a list": lambda: ("x.json", b"[1, 2]"),
    "no UTF-8": lambda: ("x.json", b'{"entries": ["\xff"]}'),
    "no bottom": lambda: ("x.json", b'{"entries": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "a number without end": lambda: ("x.json", b'{"entries": [' + b"9" * 10_000 + b"]}"),
    "another format": lambda: ("x.json", b'{"format": "x", "version": 1, "entries": []}'),
    "a newer version": lambda: ("x.json", b'{"format": "either-way journal", "version": 2, "entries": []}'),
    "nothing in it": lambda: ("x.json", b'{"format": "either-way journal", "version": 1, "entries": []}'),
    "too many entries": lambda: ("x.json", json.dumps({"entries": [1] * 20_001}).encode()),
    "one month of DailyTxT": lambda: ("02.json", (SAMPLES / "dailytxt-2024-02.json").read_bytes()),
    "a locked backup of DailyTxT": lambda: ("x.zip", packed_as({"user.json": b"{}", "2024/02.json": b"{}"})),
    "an empty zip": lambda: ("x.zip", packed_as({})),
    "a damaged zip": lambda: ("x.zip", packed_as({"a.txt": b"text"})[:-30]),
    "a bomb": lambda: ("x.zip", bomb()),
    "a bomb that lies": lambda: ("x.zip", lying()),
    "too many files": lambda: ("x.zip", packed_as({f"{n}.jpg": b"" for n in range(20_001)})),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_can_not_be_taken_is_refused_as_a_whole(kind: str) -> None:
    name, data = REFUSED[kind]()
    with pytest.raises(RefusedError):
        read(name, data)


HEAD = {"kind": "page", "written": "2026-03-03T21:15:00-05:00"}
WRONG: dict[str, Any] = {
    "no head": {"number": 1, "text": "x"},
    "no text": {"number": 1, "head": HEAD},
    "no number": {"head": HEAD, "text": "x"},
    "number that is a word": {"number": "1", "head": HEAD, "text": "x"},
    "number that is true": {"number": True, "head": HEAD, "text": "x"},
    "huge number": {"number": 10**30, "head": HEAD, "text": "x"},
    "no number at all": {"number": -1, "head": HEAD, "text": "x"},
    "NUL": {"number": 1, "head": HEAD, "text": "a\0"},
    "half a character": {"number": 1, "head": HEAD, "text": "\ud800"},
    "half a character in the title": {"number": 1, "head": {**HEAD, "title": "\udfff"}, "text": ""},
    "a text too long": {"number": 1, "head": HEAD, "text": "x" * 100_001},
    "no kind": {"number": 1, "head": {}, "text": ""},
    "a kind of ours that is no entry": {"number": 1, "head": {"kind": "import"}, "text": ""},
    "a title that is a list": {"number": 1, "head": {**HEAD, "title": ["x"]}, "text": ""},
    "signs that are a list": {"number": 1, "head": {**HEAD, "signs": ["x"]}, "text": ""},
    "no such day": {"number": 1, "head": {**HEAD, "written": "2026-02-30T00:00:00+00:00"}, "text": ""},
    "no offset": {"number": 1, "head": {**HEAD, "written": "2026-02-03T00:00:00"}, "text": ""},
    "an absurd year": {"number": 1, "head": {**HEAD, "written": "0001-01-01T00:00:00+00:00"}, "text": ""},
    "a letter that opens never": {"number": 1, "head": {"kind": "letter", "opens": "soon"}, "text": ""},
    "no such week": {"number": 1, "head": {"kind": "check-in", "week": "2026-W60"}, "text": ""},
    "an answer to nothing": {"number": 1, "head": {"kind": "answer"}, "text": ""},
    "words without end": {"number": 1, "head": {**HEAD, "words": 10**30}, "text": ""},
}


@pytest.mark.parametrize("kind", WRONG)
def test_an_entry_that_can_not_be_ours_is_left_out_by_name_and_the_rest_is_taken(kind: str) -> None:
    good = {"number": 1, "head": HEAD, "text": "good"}
    both = [{"versions": [WRONG[kind]]}, {"versions": [good]}]
    content = {"format": "either-way journal", "version": 1, "entries": both}
    found = read("notes.json", json.dumps(content).encode())
    assert [line.versions[0].text for line in found.lines] == ["good"]
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith("Entry 1: ")


@given(data=st.binary(max_size=300), name=st.sampled_from(["x.json", "x.zip", "x.txt", "x", "x.md"]))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes, name: str) -> None:
    for start in (b"", b"{", b"PK\x03\x04", b'{"entries":[', b"PK\x05\x06"):
        try:
            read(name, start + data)
        except RefusedError:
            continue


# --- the page ---


def test_the_preview_tells_what_is_in_a_file_and_adds_nothing(alice: Person) -> None:
    alice.write(2, "text")
    assert send(alice, (SAMPLES / "day-one.json").read_bytes()).status_code == 302
    shown = alice.client.get(reverse("import")).content.decode()
    for told in (
        "2 pages",
        "2 versions in all, from 2024-03-09 to 2024-03-11",
        "Entry 3 (2024-03-12): there is no text",
    ):
        assert told in shown
    assert (Revision.objects.count(), entries.drafts(alice.vault)) == (1, [])
    assert "Day One" not in alice.client.get(reverse("journal")).content.decode()


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

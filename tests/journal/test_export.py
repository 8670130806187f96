"""What leaves with its owner: everything, exactly, and for nobody else."""

import html
import io
import json
import zipfile
from typing import Any

import html5lib
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from journal import accounts, crypto, entries, export, locked_file, notices, places
from journal.entries import Head
from journal.models import Draft, Revision, random_id
from tests.conftest import PASSWORD, Person

TEXT = 'Tom & ich <3 "ok" &amp;\r\n👩🏽‍❤️‍💋‍👩 💔 שלום ↳ e\u0301 é\n\n'


def fill(person: Person) -> None:
    """Write one entry of each kind, a second version, a draft over it, and a draft of its own."""
    vault = person.vault
    answer = Head(
        "answer", question="time", asked="Is it time?", feeling="settled", written="2026-03-03T21:15:00-05:00"
    )
    entries.write(vault, entries.named(vault, answer), 0, answer, TEXT)
    entries.write(vault, entries.named(vault, answer), 1, answer, "two")
    entries.keep_draft(vault, entries.named(vault, answer), 2, answer, "half a")
    heads = [
        Head("page", title="<b>Title</b>", record=True, happened="2026-02-01", place="Kitchen"),
        Head("letter", opens="2199-01-01T00:00:00+00:00"),
        Head("check-in", week="2026-W13", signs={"triggers": "Only when lonely"}),
        Head("limits"),
        Head("summary", ending="talk"),
    ]
    for head in heads:
        entry = entries.named(vault, head) if head.name else random_id()
        entries.write(vault, entry, 0, head, f"text of {head.kind}")
    entries.keep_draft(vault, random_id(), 0, Head("page", title="Begun"), "a beginning")


def take(person: Person, shape: str = "locked", **more: Any) -> Any:
    return person.client.post(reverse("export"), {"shape": shape, "password": PASSWORD, **more})


def body(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def opened(data: bytes, password: str = PASSWORD) -> Any:
    return json.loads(locked_file.unlock(data, password))


def test_a_locked_file_holds_every_version_and_draft_of_every_kind(alice: Person) -> None:
    fill(alice)
    content = opened(body(take(alice)))
    assert (content["format"], content["version"]) == ("either-way journal", 1)
    told = [
        (
            [(found["number"], found["head"]["kind"], found["text"]) for found in entry["versions"]],
            entry.get("draft", {}).get("text"),
        )
        for entry in content["entries"]
    ]
    assert told == [
        ([(1, "answer", TEXT), (2, "answer", "two")], "half a"),
        *(([(1, kind, f"text of {kind}")], None) for kind in ("page", "letter", "check-in", "limits", "summary")),
        ([], "a beginning"),
    ]
    assert content["entries"][0]["versions"][0]["head"] == {
        "kind": "answer", "question": "time", "asked": "Is it time?", "feeling": "settled",
        "written": "2026-03-03T21:15:00-05:00",
    }  # fmt: skip


def test_the_recovery_key_opens_it_and_a_new_password_changes_nothing_about_it(alice: Person) -> None:
    fill(alice)
    data = body(take(alice))
    accounts.rotate(alice.user, alice.vault, "another quiet heron at noon")
    key = crypto.read_recovery_key(alice.recovery_key)
    assert json.loads(locked_file.unlock_with_recovery_key(data, key)) == opened(data)


def test_a_readable_file_holds_the_same_three_times(alice: Person) -> None:
    fill(alice)
    packed = zipfile.ZipFile(io.BytesIO(body(take(alice, "readable"))))
    assert packed.testzip() is None
    assert packed.namelist() == ["notes.html", "notes.md", "notes.json"]
    assert json.loads(packed.read("notes.json"))["entries"] == opened(body(take(alice)))["entries"]
    page = packed.read("notes.html").decode()
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    texts = [found for found in parser.parse(page).iter("div") if found.get("class") == "text"]
    assert {found.get("dir") for found in texts} == {"auto"}
    assert [found.text for found in texts][1:] == [
        "two", "half a", *(f"text of {kind}" for kind in ("page", "letter", "check-in", "limits", "summary")),
        "a beginning",
    ]  # fmt: skip
    assert html.escape(TEXT) in page.replace("&#x27;", "&#x27;")
    assert "<b>Title</b>" not in page
    assert "<script" not in page
    plain = packed.read("notes.md").decode()
    assert TEXT in plain
    assert "Only when lonely" in plain


@pytest.mark.parametrize("shape", ["locked", "readable"])
def test_a_file_is_kept_nowhere_on_the_way_and_its_name_says_nothing(alice: Person, shape: str) -> None:
    response = take(alice, shape)
    assert response.streaming
    assert "no-store" in response["Cache-Control"]
    assert "Refresh" not in response
    name = response["Content-Disposition"]
    assert name.startswith('attachment; filename="notes-20')
    assert "alice" not in name


def test_the_wrong_password_gets_nothing_and_is_counted(alice: Person) -> None:
    for _ in range(10):
        response = take(alice, password="not this one at all")
        assert (response.status_code, response.streaming) == (422, False)
    assert take(alice).status_code == 429


def test_the_file_that_is_not_chosen_or_not_known_is_not_made(alice: Person) -> None:
    for shape in ("", "pdf"):
        assert take(alice, shape).status_code == 422


def test_a_copy_is_told_to_its_owner(alice: Person) -> None:
    take(alice)
    assert str(notices.SAID["copy"]) in alice.client.get(reverse("sessions")).content.decode()


def test_nobody_takes_what_is_not_theirs(alice: Person, mallory: Person) -> None:
    fill(alice)
    assert opened(body(take(mallory)))["entries"] == []
    assert Client().post(reverse("export"), {"shape": "locked", "password": PASSWORD}).status_code == 403
    alice.client.post(reverse("lock"))
    assert take(alice).status_code == 403


def test_a_damaged_version_is_reported_and_the_rest_is_there(alice: Person) -> None:
    fill(alice)
    row = Revision.objects.order_by("pk").first()
    assert row
    Revision.objects.filter(pk=row.pk).update(body=bytes(len(row.body)))
    found = opened(body(take(alice)))["entries"]
    assert found[0]["versions"][0] == {"number": 1, "damaged": True}
    assert (found[0]["versions"][1]["text"], len(found)) == ("two", 7)
    packed = zipfile.ZipFile(io.BytesIO(body(take(alice, "readable"))))
    for name in ("notes.html", "notes.md"):
        assert "damaged where it is stored" in packed.read(name).decode()


def test_a_key_that_changes_meanwhile_ends_the_file_rather_than_call_everything_damaged(alice: Person) -> None:
    fill(alice)
    old = alice.vault
    wanted = places.everything(old)
    accounts.rotate(alice.user, old, "another quiet heron at noon")
    with pytest.raises(entries.StaleVaultError):
        list(places.at(old, wanted))


@pytest.mark.parametrize(("versions", "queries"), [(1, 3), (3, 3), (100, 3), (250, 5)])
def test_an_export_asks_once_for_each_hundred(
    alice: Person, django_assert_num_queries: DjangoAssertNumQueries, versions: int, queries: int
) -> None:
    head = Head("page")
    entry = random_id()
    for number in range(versions):
        entries.write(alice.vault, entry, number, head, f"{number}")
    with django_assert_num_queries(queries):
        found = [version.text for _, version in places.at(alice.vault, places.everything(alice.vault))]
    assert found == [str(number) for number in range(versions)]


def test_what_an_import_waits_with_is_not_taken_along(alice: Person) -> None:
    Draft.objects.create(
        keyring_id=alice.user.keyring.pk, entry=entries.named(alice.vault, Head("import")), base=0, head=b"x", body=b"x"
    )
    assert places.everything(alice.vault) == []
    assert entries.drafts(alice.vault) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_stands_in_the_page_as_it_was_typed(alice: Person, text: str) -> None:
    place = places.Place(random_id(), 1)
    page = b"".join(export.as_html([(place, entries.Version(place.entry, 1, Head("page"), text))])).decode()
    assert f'<div class="text" dir="auto">{export.escape(text)}</div>' in page


# --- records for an adviser ---


def test_records_alone_leave_with_a_passphrase_of_their_own(alice: Person) -> None:
    fill(alice)
    head = Head("page", title="Was a record", record=True)
    entry = random_id()
    entries.write(alice.vault, entry, 0, head, "what I felt")
    entries.write(alice.vault, entry, 1, head, "what happened")
    entries.keep_draft(alice.vault, entry, 2, head, "a draft")
    sent = {"passphrase": "blue stones under water", "password": PASSWORD}
    data = body(alice.client.post(reverse("export-record"), sent))
    found = opened(data, "blue stones under water")["entries"]
    assert [[version["text"] for version in each["versions"]] for each in found] == [
        ["text of page"],
        ["what happened"],
    ]
    assert [each.get("draft") for each in found] == [None, None]
    assert len(data) - len(data) // 2**16 * 16 < 4096
    assert data[9:10] == b"\x01"  # no way to the vault


@pytest.mark.parametrize("passphrase", ["", "short", PASSWORD])
def test_a_passphrase_that_is_too_short_or_opens_the_journal_is_refused(alice: Person, passphrase: str) -> None:
    fill(alice)
    response = alice.client.post(reverse("export-record"), {"passphrase": passphrase, "password": PASSWORD})
    assert response.status_code == 422


def test_without_a_record_there_is_nothing_to_take(alice: Person) -> None:
    sent = {"passphrase": "blue stones under water", "password": PASSWORD}
    response = alice.client.post(reverse("export-record"), sent)
    assert (response.streaming, response.status_code) == (False, 200)


def test_the_program_that_opens_files_is_handed_out(alice: Person) -> None:
    assert b"either_way_open.py" in alice.client.get(reverse("export-opener")).content


def test_a_journal_too_large_to_come_back_in_one_file_is_told_so(alice: Person) -> None:
    page = reverse("export")
    alice.write(2, "text")
    assert "20 MB" not in alice.client.get(page).content.decode()
    Revision.objects.update(body=bytes(17 * 2**20))
    assert "You wrote about 20 MB or more." in alice.client.get(page).content.decode()

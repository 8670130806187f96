"""Nothing of an entry stands anywhere in clear: every form is sent unique words, then every byte is searched."""

import base64
import io
import logging
import re
import zlib
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from journal import throttle
from journal.models import Session
from tests.conftest import PASSWORD, Person

CANARIES = {name: f"Kanarienvogel{zlib.crc32(name.encode()):08x}" for name in (
    "file", "file title", "passphrase",
    "text", "revised", "title", "page", "search", "held", "wrong", "new password", "stale", "week",
    "letter", "draft letter", "place", "limits", "picked", "remember", "looked for",
)}  # fmt: skip


def send_everything(alice: Person) -> None:
    """Send a canary through every form there is, in good and in bad times."""
    c, client = CANARIES, alice.client
    alice.write(2, c["text"], feeling="settled", zone="America/New_York")
    alice.write(2, c["revised"], base=1)
    alice.write(2, c["stale"], base=1)  # a clash
    alice.write(2, c["text"] * 10_000, base=2)  # too long
    alice.write(2, c["text"] + "\0", base=2)
    data = {"text": c["page"], "title": c["title"], "base": 0, "entry": "1" * 32}
    client.post(reverse("new-page"), data)
    client.post(reverse("search"), {"q": c["search"]})
    week = {"text": c["week"], "signs": ["triggers", "nostalgia"], "base": 0}
    for signs in (week["signs"], ["triggers", c["wrong"]]):
        for name in ("check-in-draft", "check-in"):
            client.post(reverse(name, args=["2026-W13"]), {**week, "signs": signs})
    client.post(reverse("check-in", args=["2026-W13"]), {**week, "base": 1, "pause": "1"})
    for words in (c["looked for"], c["text"]):
        client.post(reverse("search-journal"), {"q": words, "sentences": "1"})
    send_letter_record_limits_and_summary(client)
    for path in ("/journal/", "/journal/2/", "/journal/2/history/", "/journal/timeline/", "/journal/check-ins/"):
        client.get(path)
    send_files(alice)
    client.post(reverse("lock"))
    client.post(reverse("search-journal"), {"q": c["looked for"]})
    alice.write(3, c["held"])
    client.post(reverse("unlock"), {"password": c["wrong"], "kept_path": "/journal/3/", "kept_text": c["held"]})
    client.post(reverse("unlock"), {"password": PASSWORD, "kept_path": "/journal/3/", "kept_text": c["held"]})
    Client().post(reverse("sign-in"), {"username": "alice", "password": c["wrong"]})
    Client().post(reverse("recover"), {"username": "alice", "recovery_key": c["wrong"], "new_password": c["wrong"]})
    client.post(reverse("password"), {"password": PASSWORD, "new_password": c["new password"], "lock_out": "on"})
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    strict.post(reverse("answer", args=[4]), {"text": c["stale"], "base": 0})


def send_letter_record_limits_and_summary(client: Client) -> None:
    c = CANARIES
    letter = {"text": c["letter"], "title": c["title"], "base": 0, "entry": "2" * 32, "wait": "72"}
    client.post(reverse("new-letter-draft"), {**letter, "text": c["draft letter"]})
    client.post(reverse("new-letter"), {**letter, "wait": c["wrong"]})
    client.post(reverse("new-letter"), letter)
    client.post(reverse("letter-open", args=[UUID("2" * 32)]))
    record = {"text": c["page"], "record": "on", "happened": "2026-03-09", "place": c["place"], "title": "", "base": 0}
    for happened in ("2026-03-09", c["wrong"]):
        client.post(reverse("new-page"), {**record, "happened": happened, "entry": "3" * 32})
    for kind, ending in (("limits", ""), ("summary", c["wrong"]), ("summary", "walk-away")):
        picking = {"text": c["limits" if kind == "limits" else "remember"], "picked": [c["picked"]], "base": 0}
        for name in (f"{kind}-draft", kind):
            client.post(reverse(name), {**picking, "ending": ending})
        client.post(reverse(kind), {**picking, "add": "1"})
    for path in ("/journal/limits/", "/journal/limits/page/", "/journal/summary/", "/journal/summary/page/"):
        client.get(path)


def send_files(alice: Person) -> None:
    """Bring a file in, well and badly, with one large enough for a temporary file, and take all of it out again."""
    c, client = CANARIES, alice.client
    for name in (f"{c['file title']}.txt", f"{c['file title']}.pdf"):
        for text in (c["file"], c["file"] * 200_000):
            upload = SimpleUploadedFile(name, text.encode())
            client.post(reverse("import"), {"file": upload, "opens": c["wrong"]})
    client.post(reverse("import"), {"file": SimpleUploadedFile(f"{c['file title']}.txt", c["file"].encode())})
    for shape in ("locked", "readable"):
        for password in (PASSWORD, c["wrong"]):
            response = client.post(reverse("export"), {"shape": shape, "password": password})
            assert not response.streaming or b"".join(response.streaming_content)
    client.post(reverse("export-record"), {"passphrase": c["passphrase"], "password": PASSWORD})


def spellings(word: str) -> list[bytes]:
    """A word as it may stand in bytes: raw, wide, base64 at each alignment, hex, upper and lower case."""
    raw = word.encode()
    wide = [word.encode("utf-16-le"), word.encode("utf-16-be")]
    encoded = [base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)]
    return [raw, raw.lower(), *wide, *encoded, raw.hex().encode()]


def everything_stored() -> dict[str, bytes]:
    """Every byte that the site has kept: the database and its log, sessions opened, and files beside it."""
    found = {}
    for path in kept_files():
        with suppress(FileNotFoundError):  # PostgreSQL has cleared it away meanwhile
            found[str(path)] = path.read_bytes()
    found["sessions"] = str([row.get_decoded() for row in Session.objects.all()]).encode()
    return found | rows_of_all_tables()


def kept_files() -> list[Path]:
    """The files of this database, those beside it, and what PostgreSQL shares: its log of writes, and of messages."""
    if connection.vendor == "sqlite":
        return [path for path in Path(connection.settings_dict["NAME"]).parent.rglob("*") if path.is_file()]
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT oid::text FROM pg_database WHERE datname = current_database()")
        (number,) = cursor.fetchone()
        cursor.execute("SHOW data_directory")
        data = Path(cursor.fetchone()[0])
    folders = (data / "base" / number, data / "pg_wal", settings.DATA_DIR)
    return [data.parent / "log.txt", *(path for each in folders for path in each.rglob("*") if path.is_file())]


def rows_of_all_tables() -> dict[str, bytes]:
    """Every value as the database tells it: PostgreSQL compresses what is long, and its files would not show that."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            values = (value for row in cursor.fetchall() for value in row)
            found[table] = b"\n".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in values
            )
    return found


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    lines = io.StringIO()
    monkeypatch.setattr(logging.getLogger("django").handlers[0], "stream", lines)
    return lines


@pytest.mark.django_db(transaction=True)
def test_no_canary_stands_anywhere_in_clear(alice: Person, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "TRIES_AT_ONE_NAME_FROM_ONE_NETWORK", 1000)
    send_everything(alice)
    stored = {**everything_stored(), "log": log.getvalue().encode()}
    secrets = [*CANARIES.values(), PASSWORD, alice.recovery_key, alice.client.cookies["jkey"].value]
    secrets += [alice.client.cookies["session"].value, "America/New_York"]
    assert stored["log"]
    for secret in secrets:
        for spelling in spellings(secret):
            assert [where for where, content in stored.items() if spelling in content] == []


@pytest.mark.django_db(transaction=True)
def test_the_search_for_canaries_finds_what_is_in_clear(alice: Person) -> None:
    """The user name is allowed in clear, so it is found: the search can fail."""
    assert any(b"alice" in content for content in everything_stored().values())


@pytest.mark.django_db(transaction=True)
def test_a_stolen_database_shows_what_is_allowed_in_clear_and_no_more(alice: Person) -> None:
    alice.write(2, CANARIES["text"])
    alice.write(3, CANARIES["page"])
    with connection.cursor() as thief:
        tables = set(connection.introspection.table_names(thief))
        columns = [column.name for column in connection.introspection.get_table_description(thief, "journal_revision")]
        thief.execute("SELECT entry, number, length(head), length(body) FROM journal_revision")
        rows = thief.fetchall()
        thief.execute("SELECT username, password, is_active, is_staff, is_superuser FROM journal_user")
        users = thief.fetchall()
    assert {name for name in tables if name.startswith("journal_")} == {
        "journal_user", "journal_user_groups", "journal_user_user_permissions",
        "journal_keyring", "journal_unlockedsession", "journal_revision", "journal_attempts", "journal_session",
        "journal_draft", "journal_notice", "journal_deletedvault",
    }  # fmt: skip
    assert columns == ["id", "entry", "number", "head", "body", "keyring_id"]
    assert [row[1:] for row in rows] == [(1, 285, 1053), (1, 285, 1053)]
    assert all(re.fullmatch(r"[0-9a-f]{32}", str(row[0]).replace("-", "")) for row in rows)
    assert [(row[0], row[1][:1], *row[2:]) for row in users] == [("alice", "!", True, False, False)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL keeps deleted rows until it vacuums: docs/scale.md"
)
def test_what_was_deleted_is_gone_from_the_file(alice: Person) -> None:
    alice.write(2, CANARIES["text"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT hex(body) FROM journal_revision")
        sealed = bytes.fromhex(cursor.fetchone()[0])
    piece = sealed[100:400]
    assert any(piece in content for content in everything_stored().values())
    alice.client.post(reverse("delete-account"), {"password": PASSWORD})
    assert not any(piece in content for content in everything_stored().values())
    assert not any(b"alice" in content for content in everything_stored().values())

"""A backup put back: what was written opens, what was deleted stays deleted, and a bad file changes nothing."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from config.operations import RefusedError, backup, restore
from guide.models import Flag
from journal import accounts, ledger
from journal.models import Keyring, Session, UnlockedSession, User
from tests.attack.web import box
from tests.conftest import Person, make_person

pytestmark = pytest.mark.django_db(transaction=True)
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="of a SQLite file")


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    path = settings.DATA_DIR / ledger.NAME
    path.write_text("\n")
    yield
    path.unlink(missing_ok=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def person(file: Path) -> Person:
    """Alice, who had a journal when a backup was made; the database is empty again, as on a new machine."""
    alice = make_person("alice")
    backup.make(file)
    lose_everything()
    return alice


def lose_everything() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert not User.objects.exists()


def key_pair(folder: Path, name: str) -> tuple[Path, str]:
    """A new identity of age, and who it is sealed for."""
    identity = folder / name
    subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True)
    recipient = subprocess.run(["age-keygen", "-y", identity], check=True, capture_output=True, text=True).stdout
    return identity, recipient.strip()


def text_of(person: Person, number: int = 2) -> str:
    return box(person.client.get(reverse("answer", args=[number])).content.decode())


def test_what_stood_at_the_backup_opens_and_what_came_after_is_not_there(guide: None, file: Path) -> None:
    alice = make_person("alice")
    alice.write(2, "what she had")
    backup.make(file)
    alice.write(2, "what came after", base=1)
    lose_everything()
    restore.run(file)
    assert alice.client.get(reverse("answer", args=[2])).status_code == 302  # signed out
    alice.sign_in()
    assert text_of(alice) == "what she had"
    assert accounts.stored(alice.vault).versions == 1


def test_who_deleted_their_journal_since_stays_gone(guide: None, file: Path) -> None:
    make_person("alice")
    mallory = make_person("mallory")
    mallory.write(2, "his")
    backup.make(file)
    accounts.delete(mallory.user)
    lose_everything()
    assert restore.run(file) == restore.Restored(journals=1, deleted_again=1, without_pepper=0)
    assert [user.username for user in User.objects.all()] == ["alice"]


def test_a_restore_without_the_list_of_deleted_journals_has_to_be_meant(person: Person, file: Path) -> None:
    (settings.DATA_DIR / ledger.NAME).unlink()
    with pytest.raises(CommandError, match="--without-ledger"):
        call_command("restore", str(file))
    assert not User.objects.exists()
    call_command("restore", str(file), without_ledger=True)
    assert User.objects.get().username == "alice"


def test_nobody_is_overwritten(person: Person, file: Path) -> None:
    User.objects.create_user("somebody")
    with pytest.raises(CommandError, match="The database has people in it"):
        call_command("restore", str(file))
    assert User.objects.get().username == "somebody"


def test_a_database_in_use_is_left_alone(person: Person, file: Path) -> None:
    other = connection.copy()
    with closing(other), other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM journal_user")
        with pytest.raises(RefusedError, match="Stop the site first"):
            restore.run(file)
    restore.run(file)
    assert User.objects.get().username == "alice"


def test_a_file_that_was_cut_off_or_changed_is_refused_and_nothing_is_touched(person: Person, file: Path) -> None:
    whole = file.read_bytes()
    for size in (0, 1, 3, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        refused(file)
    # A few in a row: one byte alone may only say in another way how far back a run of zeros is copied from.
    for at in (len(whole) // 3, len(whole) // 2, len(whole) - 20):
        changed = bytes(byte ^ 0xFF for byte in whole[at : at + 16])
        file.write_bytes(whole[:at] + changed + whole[at + 16 :])
        refused(file)
    file.write_bytes(whole)
    restore.check(file)
    assert not User.objects.exists()


def refused(file: Path) -> None:
    with pytest.raises(RefusedError, match=r"not whole|no backup|no whole backup|damaged"):
        restore.run(file)
    assert not User.objects.exists()


@pytest.mark.parametrize("other", [b"a letter", b"SQLite format 3\x00" + bytes(4096), b"PGDMP" + bytes(100)])
def test_another_file_is_refused(file: Path, other: bytes) -> None:
    file.write_bytes(other)
    with pytest.raises(RefusedError, match=r"no backup|no whole backup|another kind of database|not whole"):
        restore.run(file)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^The backup can’t be unpacked: No such file or directory\.$"):
        call_command("restore", str(tmp_path / "missing"))


def test_a_backup_of_a_newer_version_is_refused(file: Path) -> None:
    MigrationRecorder(connection).record_applied("journal", "9999_of_tomorrow")
    try:
        backup.make(file)
    finally:
        MigrationRecorder(connection).record_unapplied("journal", "9999_of_tomorrow")
    with pytest.raises(RefusedError, match="newer version"):
        restore.run(file)


def test_a_backup_of_an_older_version_is_brought_up_to_date(file: Path) -> None:
    make_person("alice")
    call_command("migrate", "guide", "0005", verbosity=0)
    try:
        backup.make(file)
    finally:
        call_command("migrate", verbosity=0)
    lose_everything()
    restore.run(file)
    assert not Flag.objects.filter(offers_help=True).exists()
    assert User.objects.get().username == "alice"


def test_passwords_under_a_pepper_that_is_not_here_are_counted(
    person: Person, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "JOURNAL_PEPPERS", {1: bytes(32)})
    with pytest.raises(CommandError, match="Passwords that open nothing here: 1"):
        call_command("restore", str(file))
    assert Keyring.objects.count() == 1


def test_a_sealed_backup_opens_with_its_key_only(tmp_path: Path) -> None:
    make_person("alice")
    (mine, recipient), (other, _) = key_pair(tmp_path, "mine"), key_pair(tmp_path, "other")
    file = tmp_path / "backup"
    call_command("backup", str(file), to=[recipient])
    assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
    lose_everything()
    with pytest.raises(CommandError, match="--identity FILE"):
        call_command("restore", str(file))
    for identity in (other, tmp_path / "missing"):
        with pytest.raises(CommandError, match="this is not its key, or it is not whole"):
            call_command("restore", str(file), identity=identity)
    call_command("restore", str(file), identity=mine)
    assert User.objects.get().username == "alice"


def test_a_sealed_backup_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    make_person("alice")
    identity, recipient = key_pair(tmp_path, "mine")
    file = tmp_path / "backup"
    backup.make(file, [recipient])
    whole = file.read_bytes()
    lose_everything()
    for size in (25, 300, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(RefusedError, match="not whole"):
            restore.run(file, identity)
    assert not User.objects.exists()


@sqlite_only
def test_a_copy_made_by_hand_is_taken_too_and_its_sessions_end(file: Path) -> None:
    make_person("alice")
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as one,
        closing(sqlite3.connect(file)) as other,
    ):
        one.backup(other)
    lose_everything()
    restore.run(file)
    assert User.objects.get().username == "alice"
    assert (Session.objects.count(), UnlockedSession.objects.count()) == (0, 0)

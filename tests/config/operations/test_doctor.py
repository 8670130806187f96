"""The doctor of a sound site, and of one with each thing wrong in turn."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from config.operations import doctor, staging
from guide import edition
from journal import ledger
from journal.models import DeletedVault, Draft, Keyring, Revision
from tests.conftest import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tidy_folder() -> Iterator[None]:
    """The folder of the tests as that of a site: closed files, and a list of deleted journals that agrees."""
    for path in Path(settings.DATA_DIR).iterdir():
        if path.is_file():
            path.chmod(0o600)
    (settings.DATA_DIR / ledger.NAME).unlink(missing_ok=True)
    yield
    (settings.DATA_DIR / ledger.NAME).unlink(missing_ok=True)


def found(subject: str) -> tuple[str, str]:
    finding = doctor.look(subject, doctor.CHECKS[subject][0])
    return finding.level, finding.sentence


def levels() -> dict[str, str]:
    return {finding.subject: finding.level for finding in doctor.examine()}


def test_a_sound_site_has_a_line_for_each_check_and_ends_with_0(
    alice: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.write(2, "heron words")
    call_command("doctor")
    lines = capsys.readouterr().out.splitlines()
    subjects = [line[9:].partition(":")[0] for line in lines]
    assert subjects == [
        "settings", "files", "disk", "static files", "database", "migrations", "integrity", "clock", "guide",
        "sealed rows", "peppers", "deleted journals",
    ]  # fmt: skip
    assert {line[:8].strip() for line in lines[3:6] + lines[7:]} == {doctor.OK}
    for private in ("alice", "heron", alice.user.keyring.pk.hex, str(alice.user.keyring.pk)):
        assert private not in "\n".join(lines)


def test_something_wrong_ends_with_1(alice: Person) -> None:
    Keyring.objects.update(recovery_slot=b"")
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1


def test_each_damaged_column_is_counted(alice: Person) -> None:
    alice.write(2, "words")
    assert found("sealed rows")[0] == doctor.OK
    whole = Revision.objects.get()
    for column in ("head", "body"):
        value = bytes(getattr(whole, column))
        for bad in (b"", b"\x02" + value[1:], value[:-1], value + b"\x00"):
            Revision.objects.update(**{column: bad})
            assert found("sealed rows") == (
                doctor.WRONG,
                f"Not as anything is sealed: 1 of 1 (revision {column}). A backup may have them whole.",
            )
        Revision.objects.update(**{column: value})
    assert found("sealed rows")[0] == doctor.OK


def test_every_column_that_is_written_has_its_shape(alice: Person) -> None:
    """Of each length, so that a right one is never called damaged."""
    for number, length in enumerate((1, 900, 1023, 1024, 1025, 5000, 70_000)):
        alice.write(2, "x" * length, base=number)
    alice.client.post("/journal/2/draft/", {"text": "kept", "base": 7})
    sentence = found("sealed rows")
    assert sentence[0] == doctor.OK, sentence
    assert Revision.objects.count() == 7


def test_a_missing_pepper_is_counted(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for peppers in ({1: bytes(32)}, {2: next(iter(settings.JOURNAL_PEPPERS.values()))}):
        monkeypatch.setattr(settings, "JOURNAL_PEPPERS", peppers)
        level, sentence = found("peppers")
        assert (level, "1 of 1" in sentence) == (doctor.WRONG, True)


def test_open_files_are_named(tmp_path: Path) -> None:
    open_file = settings.DATA_DIR / "open-to-all"
    open_file.touch()
    open_file.chmod(0o644)
    try:
        level, sentence = found("files")
    finally:
        open_file.unlink()
    assert (level, "open-to-all" in sentence) == (doctor.LOOK, True)
    os.chmod(settings.DATA_DIR, 0o755)
    try:
        assert found("files")[0] == doctor.WRONG
    finally:
        os.chmod(settings.DATA_DIR, 0o700)


def test_what_a_killed_backup_left_is_told() -> None:
    left = staging.folder() / staging.NAME
    left.touch(0o600)
    try:
        assert found("files")[0] == doctor.LOOK
    finally:
        left.unlink()


def test_little_room_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, level in ((doctor.FULL - 1, doctor.WRONG), (doctor.LOW - 1, doctor.LOOK), (doctor.LOW * 99, doctor.OK)):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: shutil._ntuple_diskusage(free, 0, free))
        assert found("disk")[0] == level


def test_a_clock_before_the_newest_publication_is_wrong() -> None:
    assert found("clock")[0] == doctor.OK
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        assert found("clock")[0] == doctor.WRONG


def test_a_migration_too_few_or_too_many_is_wrong() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("journal", "9999_of_tomorrow")
    assert found("migrations")[0] == doctor.WRONG
    recorder.record_unapplied("journal", "9999_of_tomorrow")
    last = max(name for app, name in recorder.applied_migrations() if app == "guide")
    recorder.record_unapplied("guide", last)
    assert found("migrations") == (doctor.WRONG, "Not applied: 1. `serve` or `migrate` applies them.")
    assert list(levels())[-1] == "integrity"  # nothing is asked for in tables that may lack it


def test_the_two_lists_of_deleted_journals_are_compared(alice: Person) -> None:
    DeletedVault.objects.create(pk=uuid4())
    assert found("deleted journals")[0] == doctor.LOOK
    DeletedVault.objects.create(pk=ledger.mark(alice.user.keyring.pk))
    assert found("deleted journals") == (doctor.WRONG, "Back from a backup: 1. `sweep` deletes them again.")


def test_a_guide_that_can_not_be_rendered_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(*args: Any) -> None:
        raise ValueError("what a page says")

    monkeypatch.setattr(edition, "render", torn)
    assert found("guide") == (doctor.WRONG, "This can’t be checked: ValueError.")


def test_a_database_that_is_away_is_told_and_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise DatabaseError("at a host, as somebody")

    monkeypatch.setattr(connection, "cursor", away)
    assert list(levels()) == ["settings", "files", "disk", "static files", "database"]
    assert found("database") == (doctor.WRONG, "The database refused: DatabaseError.")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_a_row_that_belongs_to_nothing_is_counted(alice: Person) -> None:
    with connection.constraint_checks_disabled():
        Draft.objects.create(keyring_id=uuid4(), entry=uuid4(), base=0, head=b"", body=b"")
        assert found("integrity") == (doctor.WRONG, "The database is damaged. Rows that belong to nothing: 1.")
        Draft.objects.all().delete()

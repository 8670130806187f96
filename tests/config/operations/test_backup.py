"""A backup of the database of the tests, looked into; and one that can't be made leaves nothing behind."""

import fcntl
import gzip
import os
import resource
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.operations import RefusedError, backup, staging
from journal import accounts
from journal.models import Session, UnlockedSession
from tests.conftest import make_person

pytestmark = pytest.mark.django_db(transaction=True)
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def content(file: Path) -> bytes:
    """All that is in a backup: each page of a SQLite database, or each line of a script for PostgreSQL."""
    plain = gzip.decompress(file.read_bytes())
    if connection.vendor == "sqlite":
        return plain
    return subprocess.run(["pg_restore", "--file=-"], input=plain, check=True, capture_output=True).stdout


def left_beside(target: Path) -> list[str]:
    return [file.name for file in target.parent.iterdir() if file.name.startswith("backup")]


def test_a_backup_is_for_its_user_alone_and_says_what_is_not_in_it(
    target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = os.umask(0o022)
    try:
        call_command("backup", str(target))
    finally:
        os.umask(before)
    assert target.stat().st_mode & 0o777 == 0o600
    assert "Not in it: sessions, the secrets." in capsys.readouterr().out
    assert not (staging.folder() / staging.NAME).exists()


def test_it_has_who_is_there_and_nothing_of_who_is_gone(guide: None, target: Path) -> None:
    make_person("here-to-stay")
    gone = make_person("gone-by-now")
    gone.write(2, "word " * 1000)
    sealed = bytes(gone.user.keyring.revisions.get().body)
    accounts.delete(gone.user)
    backup.make(target)
    found = content(target)
    assert b"here-to-stay" in found
    assert b"gone-by-now" not in found
    assert sealed[1:200] not in found
    assert sealed[1:50].hex().encode() not in found


def test_it_has_no_session_and_no_secret(target: Path) -> None:
    make_person("alice")
    half = UnlockedSession.objects.get()
    backup.make(target)
    found = content(target)
    assert (Session.objects.count(), UnlockedSession.objects.count()) == (1, 1)
    for private in (half.session_id.encode(), bytes(half.slot)[-40:], settings.SECRET_KEY.encode()):
        assert private not in found
        assert private.hex().encode() not in found
    for pepper in settings.JOURNAL_PEPPERS.values():
        assert pepper not in found
        assert pepper.hex().encode() not in found


def test_nothing_is_written_over(target: Path) -> None:
    target.write_text("the one before")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(target))
    assert target.read_text() == "the one before"
    target.unlink()
    target.symlink_to("nowhere")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(target))


def test_one_that_can_not_be_written_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"can’t be written to .*: No such file or directory\.$"):
        backup.make(tmp_path / "missing" / "backup")
    assert list(tmp_path.iterdir()) == []


def test_on_a_disk_without_room_it_is_refused_and_leaves_nothing(target: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * 1024, before[1]))
    try:
        with pytest.raises(RefusedError, match=r"^The (database can’t be copied|backup can’t be written)"):
            backup.make(target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert left_beside(target) == []
    assert not (staging.folder() / staging.NAME).exists()


def test_two_at_once_are_refused_and_what_a_killed_one_left_goes(target: Path) -> None:
    left = staging.folder() / staging.NAME
    left.write_text("left by a killed one")
    target.with_name("backup.part").write_text("left too")
    folder = os.open(staging.folder(), os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with pytest.raises(RefusedError, match="Another backup or restore is under way"):
        backup.make(target)
    os.close(folder)
    backup.make(target)
    assert not left.exists()
    assert left_beside(target) == ["backup"]


def test_a_bad_recipient_is_refused_before_anything_is_written(target: Path) -> None:
    with pytest.raises(CommandError, match="no recipient that age knows"):
        call_command("backup", str(target), to=["age1nobody"])
    assert left_beside(target) == []


def test_without_age_the_sentence_says_how_to_get_it(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(target.parent))
    with pytest.raises(CommandError, match="apt-get install age"):
        call_command("backup", str(target), to=[RECIPIENT])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="opens the file")
def test_it_opens_with_ordinary_tools(target: Path, tmp_path: Path) -> None:
    make_person("alice")
    backup.make(target)
    (tmp_path / "plain.sqlite3").write_bytes(content(target))
    with closing(sqlite3.connect(tmp_path / "plain.sqlite3")) as plain:
        assert plain.execute("SELECT username FROM journal_user").fetchall() == [("alice",)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of a file")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none.sqlite3", "There is no database yet."),
        ("missing/none.sqlite3", "The folder of the database can’t be used"),
    ],
)
def test_without_a_database_there_is_nothing_to_back_up(
    target: Path, monkeypatch: pytest.MonkeyPatch, name: str, sentence: str
) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", str(target.parent / name))
    with pytest.raises(RefusedError, match=sentence):
        backup.make(target)
    assert list(target.parent.iterdir()) == []

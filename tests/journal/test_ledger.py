import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from journal import accounts, ledger
from journal.models import DeletedVault, Keyring, Revision, User
from tests.conftest import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def back_up(backup: Path) -> None:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        copy(name, backup)
    else:
        run_client("pg_dump", "--format=custom", f"--file={backup}", name)


def put_back(backup: Path) -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "sqlite":
        copy(backup, name)
    else:
        run_client("pg_restore", "--clean", f"--dbname={name}", backup)


def copy(source: Path | str, target: Path | str) -> None:
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)


def run_client(*command: Path | str) -> None:
    """Run a program of PostgreSQL's on the database of the tests."""
    at = connection.settings_dict
    env = {"PGHOST": at["HOST"], "PGPORT": str(at["PORT"]), "PGUSER": at["USER"], "PGPASSWORD": at["PASSWORD"]}
    subprocess.run(command, check=True, env={**os.environ, **env})


@pytest.fixture
def restored(tmp_path: Path) -> None:
    """Alice and mallory keep journals; a backup is made; alice deletes hers; the backup is put back."""
    alice, mallory = make_person("alice"), make_person("mallory")
    alice.write(2, "hers")
    mallory.write(2, "his")
    back_up(tmp_path / "backup")
    accounts.delete(alice.user)
    assert set(User.objects.values_list("username", flat=True)) == {"mallory"}
    put_back(tmp_path / "backup")
    assert set(User.objects.values_list("username", flat=True)) == {"alice", "mallory"}


def test_what_was_deleted_is_deleted_again_after_a_restore_and_nothing_else(restored: None) -> None:
    call_command("sweep")
    assert set(User.objects.values_list("username", flat=True)) == {"mallory"}
    assert (Keyring.objects.count(), Revision.objects.count()) == (1, 1)


def test_the_ledger_names_nobody(restored: None) -> None:
    gone = Keyring.objects.get(user__username="alice").pk
    text = (settings.DATA_DIR / ledger.NAME).read_text()
    assert ledger.mark(gone).hex in text
    assert gone.hex not in text
    assert (settings.DATA_DIR / ledger.NAME).stat().st_mode & 0o077 == 0


def test_a_list_that_was_lost_or_cut_off_is_made_good_from_the_other() -> None:
    person = make_person("alice")
    mark = ledger.mark(person.user.keyring.pk)
    accounts.delete(person.user)
    path = settings.DATA_DIR / ledger.NAME
    for left in ("", mark.hex[:20], "é\n" + mark.hex[:31]):
        path.write_text(left)
        assert ledger.marks() == {mark}
        assert mark.hex in path.read_text().split()
    DeletedVault.objects.all().delete()
    assert ledger.marks() == {mark}
    assert DeletedVault.objects.get().pk == mark


@pytest.fixture(autouse=True)
def _fresh_file() -> None:
    (settings.DATA_DIR / ledger.NAME).unlink(missing_ok=True)

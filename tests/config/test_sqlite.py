"""Writers of SQLite wait in turn: they ask again at once, until the lock is free or the timeout is over."""

import sqlite3
import subprocess
import sys
import time
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from journal.models import DeletedVault, random_id

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about the lock of SQLite"),
]


def holder() -> sqlite3.Connection:
    """Somebody else, who holds the write lock."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def save() -> None:
    with transaction.atomic():
        DeletedVault.objects.create(id=random_id())


def save_at_once() -> None:
    """By a statement of its own, outside of a transaction."""
    DeletedVault.objects.update(id=random_id())


@pytest.mark.parametrize("save", [save, save_at_once], ids=["transaction", "statement"])
def test_a_writer_asks_again_until_the_lock_is_free(save: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    DeletedVault.objects.create(id=random_id())
    before = set(DeletedVault.objects.values_list("pk"))
    other, naps = holder(), list[float]()

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 50:
            other.rollback()

    monkeypatch.setattr(time, "sleep", nap)
    save()
    assert naps == [0.0005] * 50
    assert set(DeletedVault.objects.values_list("pk")) != before


def test_a_writer_gives_up_when_the_timeout_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.02)
    other = holder()
    with pytest.raises(OperationalError, match="database is locked"):
        save()
    other.rollback()
    save()
    assert DeletedVault.objects.count() == 1
    assert not connection.in_atomic_block


def test_a_writer_that_was_killed_holds_nobody_up() -> None:
    program = "import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).execute('BEGIN IMMEDIATE'); "
    command = [sys.executable, "-c", program + "print('held', flush=True); sys.stdin.read()"]
    other = subprocess.Popen(
        [*command, connection.settings_dict["NAME"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout
    assert other.stdin
    assert other.stdout.readline() == b"held\n"
    other.kill()
    save()
    other.wait()
    other.stdout.close()
    other.stdin.close()
    assert DeletedVault.objects.count() == 1


def test_another_error_is_no_reason_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waited"))
    connection.ensure_connection()
    connection.transaction_mode = "SIDEWAYS"
    try:
        with pytest.raises(OperationalError, match="syntax error"):
            save()
    finally:
        connection.transaction_mode = "IMMEDIATE"

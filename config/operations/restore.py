"""Putting a backup back: into an empty database only, once all of it was read. What was deleted since stays deleted."""

import gzip
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from journal import accounts, ledger, shapes
from journal.models import Draft, Keyring, Revision, Session, UnlockedSession, User

from . import RefusedError, age, postgres, sqlite, staging
from .backup import engine

GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Restored:
    """What a restore did: how many journals there are now, how many were deleted again, how many lack their pepper."""

    journals: int
    deleted_again: int
    without_pepper: int


def check(source: Path, identity: Path | None = None) -> None:
    """Read all of a backup and change nothing. Raises `RefusedError` if it could not be restored here."""
    with staging.under_way() as staged:
        _unpack(source, identity, staged)
        _look_at(staged)


def run(source: Path, identity: Path | None = None, *, without_ledger: bool = False) -> Restored:
    """Put a backup back. Raises `RefusedError` before anything was touched if it can't be.

    The ledger of deleted journals in `DATA_DIR` is applied. If there is none, that has to be meant: ``without_ledger``.
    """
    _refuse_to_overwrite()
    if not without_ledger and not (settings.DATA_DIR / ledger.NAME).exists():
        raise RefusedError(
            "There is no list of deleted journals here. "
            f"Put your newest copy of it at {settings.DATA_DIR / ledger.NAME}, "
            "or what was deleted since this backup comes back."
            " If nothing was deleted, say --without-ledger."
        )
    with staging.under_way() as staged:
        _unpack(source, identity, staged)
        _look_at(staged)
        engine().make_way()
        restored: Restored = engine().put(staged, _settle)
    return restored


def _refuse_to_overwrite() -> None:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return  # a look would make it
    there = connection.introspection.table_names()
    for model in (User, Keyring, Revision, Draft):
        if model._meta.db_table in there and model._base_manager.exists():
            raise RefusedError(
                "The database has people in it, and a restore overwrites nobody. "
                "Move it away, or choose another DATA_DIR or DATABASE_URL."
            )
    connection.close()


def _unpack(source: Path, identity: Path | None, staged: Path) -> None:
    """Take off what lies around the database. Raises `RefusedError` if a piece is missing or a byte is another."""
    try:
        with age.opened(source, identity) as stream, staged.open("wb") as file:
            packed = stream.peek(len(GZIP)).startswith(GZIP)
            shutil.copyfileobj(gzip.GzipFile(fileobj=stream) if packed else stream, file)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise RefusedError("This backup is not whole: it was cut off or changed.") from None
    except OSError as error:
        raise RefusedError(f"The backup can’t be unpacked: {error.strerror}.") from None


def _look_at(plain: Path) -> None:
    """See that it is all there, is for this kind of database, and is not from the future."""
    with plain.open("rb") as file:
        begins = file.read(16)
    kinds = {name: begins.startswith(kind.MAGIC) for name, kind in (("SQLite", sqlite), ("PostgreSQL", postgres))}
    here = "SQLite" if engine() is sqlite else "PostgreSQL"
    if not any(kinds.values()):
        raise RefusedError("This is no backup of Either Way.")
    if not kinds[here]:
        raise RefusedError(f"This backup is of another kind of database: this site uses {here}.")
    migrations = engine().read(plain)
    if (Revision._meta.app_label, "0001_initial") not in migrations:
        raise RefusedError("This is no backup of Either Way.")
    if migrations - set(MigrationLoader(None).disk_migrations):
        raise RefusedError("This backup was made by a newer version of the program. Restore it with that version.")


def _settle() -> Restored:
    """Bring a restored database up to date, end all sessions, and delete again what its owners had deleted."""
    call_command("migrate", interactive=False, verbosity=0)
    UnlockedSession.objects.all().delete()
    Session.objects.all().delete()
    again = accounts.delete_restored()
    return Restored(Keyring.objects.count(), again, shapes.passwords().closed)

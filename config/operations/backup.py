"""A backup: one file with the whole database, made while the site runs. What is in it, see `docs/operations.md`.

From inside to outside: a SQLite database, or what `pg_dump` writes; gzip, which carries a checksum; and, if asked
for, age.
"""

import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from django.db import connection

from journal.models import Session, UnlockedSession

from . import RefusedError, age, postgres, sqlite, staging

LEFT_OUT = [UnlockedSession._meta.db_table, Session._meta.db_table]  # nobody is signed in by a restored database


def engine() -> ModuleType:
    """Return the module for the kind of database that the site has."""
    return sqlite if connection.vendor == "sqlite" else postgres


def make(target: Path, recipients: Sequence[str] = ()) -> int:
    """Write a backup to a file that is not there yet; return its size in bytes.

    The name appears when the file is whole and on the disk, and this system user alone may read it.
    Raises `RefusedError`, and then nothing is left under the name.
    """
    if recipients:
        age.check(recipients)
    _refuse_to_overwrite(target)
    part = target.with_name(target.name + ".part")
    try:
        with staging.under_way() as staged:
            part.unlink(missing_ok=True)
            try:
                _write(part, staged, recipients)
                _refuse_to_overwrite(target)
                part.rename(target)
            finally:
                part.unlink(missing_ok=True)
        staging.flush(target.parent)
    except OSError as error:
        raise RefusedError(f"The backup can’t be written to {target}: {error.strerror}.") from None
    return target.stat().st_size


def _write(part: Path, staged: Path, recipients: Sequence[str]) -> None:
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        with (
            age.sealed(file, recipients) as sink,
            gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=1, filename="", mtime=0) as packed,
        ):
            engine().dump(packed, staged, LEFT_OUT)
        os.fsync(file.fileno())


def _refuse_to_overwrite(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise RefusedError(f"{target} is there already. A backup never overwrites anything: choose another name.")

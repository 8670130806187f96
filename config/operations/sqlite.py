"""A backup of a SQLite database: the database itself, written anew, so that nothing that was deleted is left in it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from django.db import DatabaseError, connection

from . import RefusedError, staging
from .staging import Sink

T = TypeVar("T")

MAGIC = b"SQLite format 3\x00"


def dump(sink: Sink, staged: Path, left_out: list[str]) -> None:
    """Write the database as it is at one moment, without the rows of some tables. Writers go on meanwhile."""
    if not Path(connection.settings_dict["NAME"]).exists():
        raise RefusedError("There is no database yet.")
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(staged)])
        with closing(sqlite3.connect(staged, isolation_level=None)) as copy:
            copy.executescript("PRAGMA journal_mode=MEMORY; PRAGMA secure_delete=ON;")
            for table in left_out:
                copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 - our own names
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise RefusedError(f"The database can’t be copied: {error}.") from None
    with staged.open("rb") as plain:
        shutil.copyfileobj(plain, sink)


def read(plain: Path) -> set[tuple[str, str]]:
    """Look through all of a backup; return the migrations that it has. Raises `RefusedError` if it is not whole."""
    try:
        with closing(sqlite3.connect(f"file:{plain}?mode=ro&immutable=1", uri=True)) as copy:
            sound = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            sound = sound and not copy.execute("PRAGMA foreign_key_check").fetchall()
            migrations = set(copy.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.DatabaseError:
        raise RefusedError("This is no whole backup of Either Way: the database in it can’t be read.") from None
    if not sound:
        raise RefusedError("This backup is damaged: the database in it is not sound.")
    return migrations


def make_way() -> None:
    """See that nobody has the database open. Raises `RefusedError`."""
    name = Path(connection.settings_dict["NAME"])
    connection.close()
    if not name.exists():
        return
    try:
        with closing(sqlite3.connect(name, timeout=1)) as alone:
            alone.execute("PRAGMA journal_mode=DELETE")  # refused while anybody else is connected
    except sqlite3.OperationalError:
        raise RefusedError("The database is in use. Stop the site first.") from None


def put(plain: Path, settle: Callable[[], T]) -> T:
    """Put a backup in the database's place, once it was settled where it lies: the site has all of it, or nothing."""
    name = Path(connection.settings_dict["NAME"])
    with _at(plain):
        result = settle()
    staging.flush(plain)
    staging.remove(name)  # with the log beside it, which another database would take for its own
    plain.rename(name)
    staging.flush(name.parent)
    return result


@contextmanager
def _at(path: Path) -> Iterator[None]:
    """Have this process work on another file."""
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(path)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name

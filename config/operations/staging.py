"""A file of a whole database while it is being made: beside the database, for this system user alone, one at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import connection

from . import RefusedError

NAME = "under-way.sqlite3"
BESIDE = ("", "-journal", "-wal", "-shm")  # what SQLite keeps beside a file


class Sink(Protocol):
    """What bytes can be written into: a file, or what packs them into one."""

    def write(self, piece: bytes, /) -> Any: ...


def folder() -> Path:
    """Return the folder of the database; of a database on a server, `DATA_DIR`."""
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).parent
    return Path(settings.DATA_DIR)


@contextmanager
def under_way() -> Iterator[Path]:
    """Yield the path of an empty file, and remove what is there at the end. Nobody else has it meanwhile.

    What a killed process left under that name is removed first. Raises `RefusedError` while another process has it.
    """
    try:
        lock = os.open(folder(), os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise RefusedError(f"The folder of the database can’t be used: {error.strerror}.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system lets go of it, however this process ends
        path = folder() / NAME
        remove(path)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield path
        finally:
            remove(path)
    except BlockingIOError:
        raise RefusedError("Another backup or restore is under way.") from None
    finally:
        os.close(lock)


def remove(path: Path) -> None:
    """Remove a SQLite file and what belongs to it."""
    for end in BESIDE:
        path.with_name(path.name + end).unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def left_over() -> bool:
    """Whether the file of a backup or restore is there, of one under way or of one that was killed."""
    return (folder() / NAME).exists()

"""Sealing a backup for a public key, by the program age: https://age-encryption.org."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import IO

from . import RefusedError

MAGIC = b"age-encryption.org/"


def check(recipients: Sequence[str]) -> None:
    """See that there is a program, and that it takes these recipients. Raises `RefusedError`."""
    done = subprocess.run(_sealing(recipients), input=b"", capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise RefusedError("What --to says is no recipient that age knows: write it as age1… or as ssh-ed25519 ….")


@contextmanager
def sealed(file: IO[bytes], recipients: Sequence[str]) -> Iterator[IO[bytes]]:
    """Yield what to write into, so that it comes into the file sealed; without recipients, the file itself."""
    if not recipients:
        yield file
        return
    with (
        suppress(BrokenPipeError),  # age ended early, and says so by how it ended
        subprocess.Popen(_sealing(recipients), stdin=subprocess.PIPE, stdout=file) as age,  # noqa: S603
    ):
        assert age.stdin  # noqa: S101 - a pipe
        yield age.stdin
    if age.returncode:
        raise RefusedError("age could not seal the backup: there may be no room for it.")


@contextmanager
def opened(source: Path, identity: Path | None) -> Iterator[BufferedReader]:
    """Yield what to read a backup from, opened if it is sealed. Raises `RefusedError` if it can't be."""
    with source.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            file.seek(0)
            yield file
            return
    if not identity:
        raise RefusedError("This backup is sealed. Say which file has the key for it: --identity FILE.")
    _find()
    command = ["age", "--decrypt", "--identity", str(identity), str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as age:  # noqa: S603
        assert isinstance(age.stdout, BufferedReader)  # noqa: S101 - a pipe
        yield age.stdout
    if age.returncode:
        raise RefusedError("The sealed backup does not open: this is not its key, or it is not whole.")


def _sealing(recipients: Sequence[str]) -> list[str]:
    _find()
    return ["age", "--encrypt", *(word for each in recipients for word in ("--recipient", each))]


def _find() -> None:
    if not shutil.which("age"):
        raise RefusedError("The program age is needed for a sealed backup. On Debian and Ubuntu: apt-get install age.")

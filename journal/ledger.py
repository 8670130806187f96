"""The ledger of deleted vaults: what was deleted stays deleted when an older backup is restored.

A deletion writes a hash of the vault's random id into the database, in its own transaction, and then into a
file beside it, which a backup of the database does not bring back. `marks` makes the two lists one.
"""

import hashlib
import os
import re
from uuid import UUID

from django.conf import settings
from django.db import transaction

from .models import DeletedVault

NAME = "deleted-vaults"


def mark(vault_id: UUID) -> UUID:
    """Return what stands for a vault on the lists. It can be found only by somebody who has the id."""
    return UUID(bytes=hashlib.sha256(b"either-way deleted" + vault_id.bytes).digest()[:16])


def add(vault_id: UUID) -> None:
    """Enter a vault that is deleted in this transaction."""
    entered = mark(vault_id)
    DeletedVault.objects.bulk_create([DeletedVault(pk=entered)], ignore_conflicts=True)
    transaction.on_commit(lambda: _append({entered}), robust=True)  # `marks` makes good what fails here


def marks() -> set[UUID]:
    """Return every vault on either list; what one of them lacks is written into it."""
    listed, in_table = in_file(), set(DeletedVault.objects.values_list("pk", flat=True))
    DeletedVault.objects.bulk_create([DeletedVault(pk=pk) for pk in listed - in_table], ignore_conflicts=True)
    _append(in_table - listed)
    return listed | in_table


def in_file() -> set[UUID]:
    """Return the marks in the file; a line that was cut off is none."""
    try:
        text = (settings.DATA_DIR / NAME).read_text("ascii", errors="replace")
    except FileNotFoundError:
        return set()
    return {UUID(hex=line) for line in re.findall(r"^[0-9a-f]{32}$", text, re.MULTILINE)}


def _append(entered: set[UUID]) -> None:
    if not entered:
        return
    handle = os.open(settings.DATA_DIR / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as file:
        # A line cut off by a crash ends with the line end that comes first here.
        file.write("".join(f"\n{each.hex}" for each in entered) + "\n")
        file.flush()
        os.fsync(file.fileno())

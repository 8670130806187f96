"""Everything somebody wrote, sealed again under a new DEK."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import connection

from . import entries
from .crypto import DecryptionError
from .models import Draft, Revision
from .vault import Vault

AT_ONCE = 200  # revisions in memory; one may take 0.4 MB

Row = tuple[int, UUID, int, bytes, bytes]  # key, entry, number, head, body


def everything(old: Vault, new: Vault) -> None:
    """Seal every revision and draft again under a new DEK. What can't be opened stays as it is.

    The caller holds the transaction. Entries with a name get the new vault's tag of it.
    """
    for model, numbered in ((Revision, "number"), (Draft, "base")):
        columns = ("pk", "entry", numbered, "head", "body")
        rows: Any = model._default_manager.filter(keyring=UUID(bytes=old.id)).order_by("pk").values_list(*columns)
        after = 0
        while batch := list(rows.filter(pk__gt=after)[:AT_ONCE]):
            _store(model, old, [_resealed(row, old, new, draft=model is Draft) for row in batch])
            after = batch[-1][0]


def _resealed(row: Row, old: Vault, new: Vault, *, draft: bool) -> Row:
    pk, entry, number, head, body = row[0], row[1], row[2], bytes(row[3]), bytes(row[4])
    before: dict[str, Any] = {"entry": entry.bytes, "revision": number, "draft": draft}
    opened = entries.open_head(old, entry, number, head, draft=draft).head
    if opened and opened.name:
        entry = entries.named(new, opened)
    after: dict[str, Any] = {**before, "entry": entry.bytes}
    if opened:
        head = new.seal_head(entries.encode(opened), **after)
    with suppress(DecryptionError):
        body = new.seal_body(old.open_body(body, **before), **after)
    return pk, entry, number, head, body


def _store(model: type[Revision | Draft], vault: Vault, rows: list[Row]) -> None:
    """Put rows in place of what they were.

    One prepared statement for all of them: other writers wait for this, and the ORM's upsert takes twice as long.
    """
    table, prepared = model._meta.db_table, model._meta.get_field("entry").get_db_prep_value
    keyring = prepared(UUID(bytes=vault.id), connection)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET entry = %s, head = %s, body = %s WHERE keyring_id = %s AND id = %s",  # noqa: S608 - our names
            [(prepared(entry, connection), head, body, keyring, pk) for pk, entry, _, head, body in rows],
        )

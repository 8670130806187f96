"""Where everything is that somebody wrote, and all of it, one version after the other: for an export."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Min, Window

from . import entries
from .entries import Head, StaleVaultError, Version
from .models import Draft, Keyring, Revision
from .vault import Vault

OPENED_AT_ONCE = 100  # one may take 0.4 MB
HEADS_AT_ONCE = 500


@dataclass(frozen=True)
class Place:
    """Where a version or a draft is stored."""

    entry: UUID
    row: int
    is_draft: bool = False


def everything(vault: Vault) -> list[Place]:
    """Return where every version is, then the draft of its entry: entry after entry, as they were begun."""
    keyring = UUID(bytes=vault.id)
    order = (Window(Min("pk"), partition_by="entry"), "number")
    rows = Revision.objects.filter(keyring=keyring).order_by(*order).values_list("entry", "pk")
    drafts = Draft.objects.filter(keyring=keyring).exclude(entry=entries.named(vault, Head("import")))
    unsaved = dict(drafts.order_by("pk").values_list("entry", "pk"))
    found = []
    for entry, lines in groupby(rows, key=itemgetter(0)):
        found += [Place(entry, row) for _, row in lines]
        if entry in unsaved:
            found.append(Place(entry, unsaved.pop(entry), is_draft=True))
    return found + [Place(entry, row, is_draft=True) for entry, row in unsaved.items()]


def records(vault: Vault) -> list[Place]:
    """Return where the newest version is of each page that is a record of what happened, the first one first.

    No earlier version and no draft: they may say what was left out on purpose.
    """
    found, start = [], 0
    while heads := entries.newest_beside(vault, [], start=start, count=HEADS_AT_ONCE):
        wanted = {version.entry: version.number for version in heads if version.head and version.head.record}
        rows = Revision.objects.filter(keyring=UUID(bytes=vault.id), entry__in=wanted) if wanted else []
        found += [Place(row.entry, row.pk) for row in rows if row.number == wanted[row.entry]]
        start += HEADS_AT_ONCE
    return sorted(found, key=lambda place: place.row)


def at(vault: Vault, wanted: Iterable[Place]) -> Iterator[tuple[Place, Version]]:
    """Yield what is at these places, text included; a waiting letter's, too. What is gone by then is left out.

    Raises `StaleVaultError` if the DEK was changed meanwhile: what comes then can't be told from damage.
    """
    waiting = iter(wanted)
    while batch := list(islice(waiting, OPENED_AT_ONCE)):
        stored: dict[tuple[bool, int], Any] = {}
        for model, number in ((Revision, "number"), (Draft, "base")):
            if keys := [place.row for place in batch if place.is_draft is (model is Draft)]:
                rows: Any = model._default_manager.filter(keyring=UUID(bytes=vault.id), pk__in=keys)
                found = rows.values_list("pk", "entry", number, "head", "body")
                stored |= {(model is Draft, row[0]): row[1:] for row in found}
        for place in batch:
            row = stored.pop((place.is_draft, place.row), None)
            if row:
                version = entries.open_row(vault, *row, draft=place.is_draft)
                if version.head is None:
                    _check(vault)
                yield place, version


def _check(vault: Vault) -> None:
    if not Keyring.objects.filter(pk=UUID(bytes=vault.id), dek_tag=vault.dek_tag).exists():
        raise StaleVaultError

"""Where everything is that somebody wrote, and all of it, one version after the other: for an export."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Min, Sum, Window
from django.db.models.functions import Length

from . import entries
from .entries import Head, StaleVaultError, Version
from .models import Draft, Keyring, Revision
from .vault import Vault

OPENED_AT_ONCE = 100  # one may take 0.4 MB


@dataclass(frozen=True)
class Place:
    """Where a version or a draft is stored."""

    entry: UUID
    number: int | None  # of the version; None for the draft

    @property
    def is_draft(self) -> bool:
        return self.number is None


def everything(vault: Vault) -> list[Place]:
    """Return where every version is, then the draft of its entry: entry after entry, as they were begun."""
    keyring = UUID(bytes=vault.id)
    order = (Window(Min("pk"), partition_by="entry"), "number")
    rows = Revision.objects.filter(keyring=keyring).order_by(*order).values_list("entry", "number")
    drafts = Draft.objects.filter(keyring=keyring).exclude(entry=entries.named(vault, Head("import")))
    unsaved = dict.fromkeys(drafts.order_by("pk").values_list("entry", flat=True))
    found = []
    for entry, lines in groupby(rows, key=itemgetter(0)):
        found += [Place(*line) for line in lines]
        if entry in unsaved:
            found.append(Place(entry, unsaved.pop(entry)))
    return found + [Place(entry, None) for entry in unsaved]


def size(vault: Vault) -> int:
    """Return about how many bytes of text there are in all versions."""
    rows = Revision.objects.filter(keyring=UUID(bytes=vault.id))
    return rows.aggregate(size=Sum(Length("body"), default=0))["size"]  # type: ignore[no-any-return]


def records(vault: Vault) -> list[Place]:
    """Return where the newest version is of each page that is a record of what happened, the first one first.

    No earlier version and no draft: they may say what was left out on purpose.
    """
    newest: dict[UUID, Version] = {}
    for version in entries.heads(vault):
        if version.entry not in newest or newest[version.entry].number < version.number:
            newest[version.entry] = version
    found = [Place(entry, version.number) for entry, version in newest.items() if version.head and version.head.record]
    return found[::-1]


def at(vault: Vault, wanted: Iterable[Place]) -> Iterator[tuple[Place, Version]]:
    """Yield what is at these places, text included; a waiting letter's, too. What is gone by then is left out.

    Raises `StaleVaultError` if the DEK was changed meanwhile: what comes then can't be told from damage.
    """
    waiting = iter(wanted)
    while batch := list(islice(waiting, OPENED_AT_ONCE)):
        stored = _stored(vault, batch)
        for place in batch:
            if row := stored.pop(place, None):
                version = entries.open_row(vault, *row, draft=place.is_draft)
                if version.head is None:
                    _check(vault)
                yield place, version


def _stored(vault: Vault, batch: Collection[Place]) -> dict[Place, Any]:
    """Return the rows of these places, looked for by what they are of: an import gives them other keys."""
    stored: dict[Place, Any] = {}
    entries_of_drafts = {place.entry for place in batch if place.is_draft}
    if len(entries_of_drafts) < len(batch):
        numbers = {place.number for place in batch if place.number is not None}
        found = Revision.objects.filter(keyring=UUID(bytes=vault.id), number__in=numbers)
        found = found.filter(entry__in={place.entry for place in batch})
        stored |= {Place(*row[:2]): row for row in found.values_list("entry", "number", "head", "body")}
    if entries_of_drafts:
        drafts = Draft.objects.filter(keyring=UUID(bytes=vault.id), entry__in=entries_of_drafts)
        stored |= {Place(row[0], None): row for row in drafts.values_list("entry", "base", "head", "body")}
    return stored


def _check(vault: Vault) -> None:
    if not Keyring.objects.filter(pk=UUID(bytes=vault.id), dek_tag=vault.dek_tag).exists():
        raise StaleVaultError

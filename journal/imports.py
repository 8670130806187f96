"""Bringing in what was written elsewhere: looked at first, then added as a whole or not at all.

Nothing that is here is ever written over. Between the look and the yes, what was read waits as one sealed draft.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from itertools import takewhile
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import ngettext_lazy

from . import entries, export, import_formats, places, profile
from .crypto import DecryptionError
from .entries import Head
from .import_formats import Contents, Line, Saved
from .models import Draft, Revision
from .vault import Vault

STORED_AT_ONCE = 100  # one may take 0.4 MB
KINDS = {
    "answer": ngettext_lazy("{n} answer to a question", "{n} answers to questions", "n"),
    "page": ngettext_lazy("{n} page", "{n} pages", "n"),
    "letter": ngettext_lazy("{n} unsent letter", "{n} unsent letters", "n"),
    "check-in": ngettext_lazy("{n} weekly check-in", "{n} weekly check-ins", "n"),
    "limits": ngettext_lazy("{n} list of limits", "{n} lists of limits", "n"),
    "summary": ngettext_lazy("{n} summary", "{n} summaries", "n"),
}
TITLE = 120  # characters


@dataclass
class Plan:
    """What a yes would add, and what it would not."""

    which: str  # names the file that waits
    versions: list[tuple[UUID, Saved]] = field(default_factory=list)
    drafts: list[tuple[UUID, Saved]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)  # of entries that are new here
    continued: int = 0  # entries that get further versions
    apart: list[str] = field(default_factory=list)  # what becomes a page of its own, since something else is here
    here: int = 0  # entries that are here already
    left_out: list[str] = field(default_factory=list)

    @property
    def adds(self) -> bool:
        return bool(self.versions or self.drafts)

    @property
    def told(self) -> list[str]:
        """How many entries of each kind are new, in words."""
        return [(KINDS[kind] % {"n": n}).format(n=n) for kind in KINDS if (n := self.kinds[kind])]

    @property
    def days(self) -> list[datetime]:
        """The first and the last day of what is new; one, if they are the same."""
        times = (saved.head.written_at for _, saved in self.versions)
        days = sorted({datetime.combine(when, time()) for when in times if when})
        return [*days[:1], *days[1:][-1:]]


def wait(vault: Vault, contents: Contents) -> None:
    """Keep what was read, sealed, until `add` or `drop`; in place of what waited before."""
    profile.make_import_seed(vault)
    entry = _waiting_id(vault)
    place: dict[str, Any] = {"entry": entry.bytes, "revision": 0, "draft": True}
    sealed = {
        "base": 0,
        "head": vault.seal_head(json.dumps({"kind": "import"}).encode(), **place),
        "body": vault.seal_body(import_formats.to_json(contents), **place),
    }
    with transaction.atomic():
        entries.hold(vault)
        Draft.objects.update_or_create(keyring_id=UUID(bytes=vault.id), entry=entry, defaults=sealed)


def plan(vault: Vault) -> Plan | None:
    """Return what a yes would add now, or None if no file waits."""
    row = Draft.objects.filter(keyring=UUID(bytes=vault.id), entry=_waiting_id(vault)).first()
    if row is None:
        return None
    try:
        body = vault.open_body(bytes(row.body), entry=row.entry.bytes, revision=0, draft=True)
    except DecryptionError:
        drop(vault)
        return None
    contents = import_formats.from_json(body)
    found = Plan(vault.tag(f"waits:{hashlib.sha256(body).hexdigest()}").hex(), left_out=contents.left_out)
    seed = profile.import_seed(vault)
    lines = [(line, _target(vault, seed, line)) for line in contents.lines]
    wanted = {entry for line, entry in lines} | {_apart(seed, line) for line, _ in lines}
    wanted |= {_apart(seed, Line([], line.draft)) for line, _ in lines if line.draft}
    here = _Here(vault, wanted)
    for line, entry in lines:
        _place(seed, found, here, line, entry)
    return found


def drop(vault: Vault) -> None:
    Draft.objects.filter(keyring=UUID(bytes=vault.id), entry=_waiting_id(vault)).delete()


def add(vault: Vault, which: str) -> Plan | None:
    """Add what waits, all of it or nothing, and return what was added; None if another file waits than ``which``."""
    keyring = UUID(bytes=vault.id)
    with transaction.atomic():
        entries.hold(vault)
        found = plan(vault)
        if found is None or found.which != which:
            return None
        _store(vault, found.versions)
        Draft.objects.bulk_create(
            Draft(keyring_id=keyring, entry=entry, base=saved.number, **_sealed(vault, entry, saved, draft=True))
            for entry, saved in found.drafts
        )
        drop(vault)
    return found


# --- where it is stored -------------------------------------------------------------------------------
# Dates are sealed, so lists go by the order of rows. What comes in was mostly written before what is here.

Added = tuple[UUID, Saved]


def _store(vault: Vault, added: Sequence[Added]) -> None:
    """Store versions so that all rows of a person stand in the order in which they were written.

    Rows that were written later are stored once more after them, as they are sealed.
    """
    keyring = UUID(bytes=vault.id)
    order = _in_order(vault, added)
    for start in range(0, len(order), STORED_AT_ONCE):
        batch = order[start : start + STORED_AT_ONCE]
        moved = Revision.objects.in_bulk([row for row in batch if isinstance(row, int)])
        Revision.objects.filter(pk__in=moved).delete()
        for row in moved.values():
            row.pk = None
        Revision.objects.bulk_create(
            moved[row] if isinstance(row, int) else Revision(keyring_id=keyring, **_row(vault, *row)) for row in batch
        )


def _in_order(vault: Vault, added: Sequence[Added]) -> list[int | Added]:
    """Return keys of rows that are here and versions that come in, as written; without the rows that can stay."""
    stored = Revision.objects.filter(keyring=UUID(bytes=vault.id)).order_by("-pk").values_list("pk", flat=True)
    here = [*zip(stored, entries.heads(vault), strict=True)][::-1]
    every: list[tuple[int | Added, UUID, Head | None]] = [(key, version.entry, version.head) for key, version in here]
    every += [((entry, saved), entry, saved.head) for entry, saved in added]
    dated: list[tuple[datetime, int | Added]] = []
    last, latest = datetime.min.replace(tzinfo=UTC), dict[UUID, datetime]()
    for what, entry, head in every:
        if head and (when := head.written_at):
            last = when.astimezone(UTC)
        # Whatever its clock said, a version comes after those before it.
        latest[entry] = max(last, latest.get(entry, last))
        dated.append((latest[entry], what))
    order = [what for _, what in sorted(dated, key=itemgetter(0))]
    stays = takewhile(lambda pair: pair[0] == pair[1][0], zip(order, here, strict=False))
    return order[len(list(stays)) :]


# --- what is here -------------------------------------------------------------------------------------


class _Here:
    """Fingerprints of what is in the journal already, of those entries that a file has too."""

    def __init__(self, vault: Vault, wanted: set[UUID]) -> None:
        self.versions: dict[UUID, list[tuple[int, bytes]]] = {}
        self.drafts: dict[UUID, bytes] = {}
        stored = [place for place in places.everything(vault) if place.entry in wanted]
        for place, version in places.at(vault, stored):
            mark = Saved(version.number, version.head, version.text).mark if version.head else b""
            if place.is_draft:
                self.drafts[place.entry] = mark
            else:
                self.versions.setdefault(place.entry, []).append((version.number, mark))


def _place(seed: bytes, found: Plan, here: _Here, line: Line, entry: UUID) -> None:
    """Say where a line goes: nowhere, after what is here, on a place that is free, or on a page of its own."""
    stored = here.versions.get(entry, [])
    ours, theirs = [mark for _, mark in stored], [saved.mark for saved in line.versions]
    is_apart = theirs[: len(ours)] != ours and ours[: len(theirs)] != theirs
    if is_apart:
        entry, line = _apart(seed, line), _as_pages(line)
        if not here.versions.get(entry):
            found.apart.append(export.heading(line.any.head))
        stored = here.versions.get(entry, [])
    rest = [] if is_apart and stored else line.versions[len(stored) :]
    last = stored[-1][0] if stored else 0
    for saved in rest:
        last = max(saved.number, last + 1)
        found.versions.append((entry, replace(saved, number=last)))
    here.versions[entry] = stored + [(saved.number, saved.mark) for saved in rest]
    begun = _draft(seed, found, here, line, entry)
    if stored and rest:
        found.continued += 1
    elif rest or begun:
        found.kinds[line.any.head.kind] += 1
    else:
        found.here += 1


def _draft(seed: bytes, found: Plan, here: _Here, line: Line, entry: UUID) -> bool:
    """Place the draft of a line; whether it is new here. Beside another draft it becomes one of a page of its own."""
    if line.draft is None:
        return False
    saved, mark = line.draft, line.draft.mark
    if entry in here.drafts and here.drafts[entry] != mark:
        alone = Line([], saved)
        entry, saved = _apart(seed, alone), replace(_as_page(saved), number=0)
    if entry in here.drafts:
        return False
    here.drafts[entry] = mark
    found.drafts.append((entry, saved))
    return True


def _waiting_id(vault: Vault) -> UUID:
    return entries.named(vault, Head("import"))


def _target(vault: Vault, seed: bytes, line: Line) -> UUID:
    """Return the id that an entry has here: by its name, by its id, or, if it has neither, by what it says."""
    head = line.any.head
    return entries.named(vault, head) if head.name else line.entry or _apart(seed, line)


def _apart(seed: bytes, line: Line) -> UUID:
    """Return an id by what a line says, so that the same file brought in again finds it. Nobody else can compute it."""
    marks = [saved.mark for saved in [*line.versions, *([line.draft] if line.draft else [])]]
    return UUID(bytes=hmac.digest(seed, b"".join(marks), "sha256")[:16])


def _as_pages(line: Line) -> Line:
    return Line([_as_page(saved) for saved in line.versions], _as_page(line.draft) if line.draft else None)


def _as_page(saved: Saved) -> Saved:
    """Return a version as one of a page. A page or letter stays what it is."""
    head = saved.head
    if not head.name:
        return saved
    title = export.heading(head)[:TITLE]
    return replace(saved, head=replace(head, kind="page", question="", week="", ending="", title=title))


def _row(vault: Vault, entry: UUID, saved: Saved) -> dict[str, Any]:
    return {"entry": entry, "number": saved.number, **_sealed(vault, entry, saved)}


def _sealed(vault: Vault, entry: UUID, saved: Saved, *, draft: bool = False) -> dict[str, bytes]:
    place: dict[str, Any] = {"entry": entry.bytes, "revision": saved.number, "draft": draft}
    return {
        "head": vault.seal_head(entries.encode(saved.head), **place),
        "body": vault.seal_body(saved.text.encode(), **place),
    }

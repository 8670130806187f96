"""Writing, reading and deleting entries through an opened vault.

An entry is a line of sealed revisions. A *head* (what was asked, the title, when it was written, how it
felt) is sealed apart from the *body*, so that lists open heads only. One damaged revision is returned as
damaged; it never stops the rest. A letter that waits is returned without its text.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from prometheus_client import Counter

from .crypto import DecryptionError
from .models import Draft, Keyring, Revision
from .vault import Vault

OF_A_FORM = ("writer", "turn")  # fields of a head that say nothing of an entry, and leave with no file
LIMIT = 100_000  # characters in one entry
READ_AT_ONCE = 100  # revisions in memory while all are looked through

SAVES = Counter("saves", "Versions that were accepted.")


@dataclass(frozen=True)
class Head:
    """What a list shows of a revision. Which fields an entry has depends on its kind; the others are empty."""

    kind: str  # "answer", "page", "check-in", "letter", "limits" or "summary"; "import" of a file that waits
    question: str = ""  # slug of the question answered
    asked: str = ""  # its wording then
    week: str = ""  # of a check-in, as in ISO 8601: 2026-W13
    signs: dict[str, str] = field(default_factory=dict)  # that were noticed: slug, and wording then
    opens: str = ""  # when a letter can be read again, ISO 8601 with its offset; empty if it does not wait
    ending: str = ""  # of a summary
    record: bool = False  # whether a page is a record of what happened
    happened: str = ""  # the day of it, ISO 8601
    place: str = ""
    title: str = ""
    feeling: str = ""
    writer: str = ""  # a random name of the page that it was typed in
    turn: int = 0  # grows with what that page sends; 0 if it has no script
    written: str = ""  # the writer's own local time, ISO 8601 with its offset
    zone: str = ""
    words: int = 0

    @property
    def name(self) -> str:
        """What the entry's id is made from within its vault; empty if the id is random."""
        match self.kind:
            case "answer":
                return f"answer:{self.question}"
            case "check-in":
                return f"check-in:{self.week}"
            case "limits" | "summary" | "import":
                return self.kind
        return ""

    @property
    def filled(self) -> dict[str, Any]:
        """The fields that are not empty. (`asdict` copies each value, which is most of the time of an export.)"""
        return {name: value for name, value in vars(self).items() if value}

    @property
    def says(self) -> "Head":
        """This without what every save changes: two that are equal say the same."""
        signs = dict.fromkeys(self.signs, "")  # in whatever words, as with a question
        opens = "later" if self.waits else ""  # whenever: sent twice, a letter waits once
        return replace(self, asked="", signs=signs, opens=opens, writer="", turn=0, written="", zone="", words=0)

    @property
    def waits(self) -> bool:
        """Whether this is a letter whose time has not come."""
        return bool(self.opens) and datetime.now().astimezone() < datetime.fromisoformat(self.opens)

    @property
    def opens_at(self) -> datetime | None:
        """When it can be read again, by the clock of the writer when it was sealed, and with its name."""
        return _on_clock(self.opens, self.zone)

    @property
    def happened_on(self) -> datetime | None:
        """The day that a record is of; None if that is not a day."""
        with suppress(ValueError):
            return datetime.fromisoformat(self.happened)
        return None

    @property
    def written_at(self) -> datetime | None:
        """When it was written, by the writer's clock then, and with its name. The day never moves."""
        return _on_clock(self.written, self.zone)


def _on_clock(when: str, zone: str) -> datetime | None:
    if not when:
        return None
    moment = datetime.fromisoformat(when)
    offset = moment.utcoffset()
    return moment if offset is None or not zone else moment.replace(tzinfo=timezone(offset, zone))


@dataclass(frozen=True)
class Version:
    """One revision, opened as far as was asked. ``head`` is None if it can't be opened."""

    entry: UUID
    number: int
    head: Head | None
    text: str = ""

    def says(self, head: Head, text: str) -> bool:
        """Whether this already is what somebody is about to save, but for the time."""
        return self.head is not None and (self.head.says, self.text) == (head.says, text)


class ClashError(Exception):
    """The entry has changed since the text was begun. ``newest`` is what stands there now."""

    def __init__(self, newest: Version | None) -> None:
        super().__init__("The entry has changed.")
        self.newest = newest


class ElsewhereError(Exception):
    """What the entry has was typed in another page, or later in this one. It is not overwritten."""


class StaleVaultError(Exception):
    """The vault was opened before its DEK changed, or its owner is gone. Nothing can be written through it."""


def length(text: str) -> int:
    """Count characters as the writing page does: a line end is one, whichever way it was sent."""
    return len(text.replace("\r\n", "\n"))


def named(vault: Vault, head: Head) -> UUID:
    """Return the id of the one entry that has this head's name. Raises `ValueError` if the kind has no names."""
    if not head.name:
        raise ValueError(head.kind)
    return UUID(bytes=vault.tag(head.name))


def answer_id(vault: Vault, question: str) -> UUID:
    """Return the id of the entry that answers a question, by the question's slug."""
    return named(vault, Head("answer", question))


def write(vault: Vault, entry: UUID, base: int, head: Head, text: str, writers: Collection[str] | None = None) -> int:
    """Add a revision that was written over revision ``base`` (0: over nothing); return its number.

    The entry's draft ends with it, unless it is of another page than ``writers`` and says something else.
    Sending the same text twice saves it once. Raises `ClashError` if another revision came in between;
    then nothing was written. Raises `StaleVaultError` if the DEK was changed meanwhile.
    """
    number = base + 1
    row = Revision(
        keyring_id=UUID(bytes=vault.id),
        entry=entry,
        number=number,
        head=vault.seal_head(encode(head), entry=entry.bytes, revision=number),
        body=vault.seal_body(text.encode(), entry=entry.bytes, revision=number),
    )
    try:
        with transaction.atomic():
            hold(vault)
            if _newest_number(vault, entry) == base:
                row.save(force_insert=True)
                end_draft(vault, entry, head, text, writers)
                transaction.on_commit(SAVES.inc)
                return number
    except IntegrityError:
        pass  # two at the same moment: the other one has this number
    newest = read(vault, entry, early=True)
    if newest and newest.number == number and newest.says(head, text):
        end_draft(vault, entry, head, text, writers)
        return number
    raise ClashError(read(vault, entry))


def read(vault: Vault, entry: UUID, number: int | None = None, *, early: bool = False) -> Version | None:
    """Return one revision with its text, the newest if no number is given; None if there is none.

    A letter that waits comes without its text, but for ``early``.
    """
    rows = _rows(vault).filter(entry=entry)
    row = (rows.filter(number=number) if number is not None else rows.order_by("-number")).first()
    if row is None:
        return None
    found = open_row(vault, row.entry, row.number, row.head, row.body)
    return found if early else _withheld(found)


def _withheld(found: Version) -> Version:
    """Return a version without its text if it is a letter that waits."""
    return replace(found, text="") if found.head and found.head.waits else found


def versions(vault: Vault, entry: UUID) -> list[Version]:
    """Return the heads of all revisions of an entry, newest first."""
    rows = _rows(vault).filter(entry=entry).order_by("-number")
    return [open_head(vault, *row) for row in rows.values_list("entry", "number", "head")]


def newest_of(vault: Vault, wanted: Iterable[UUID]) -> dict[UUID, Version]:
    """Return the newest head of each of these entries that exists."""
    rows = newest_rows(vault).filter(entry__in=list(wanted)).values_list("entry", "number", "head")
    return {row[0]: open_head(vault, *row) for row in rows}


def texts_of(vault: Vault, wanted: Iterable[UUID]) -> dict[UUID, Version]:
    """Return the newest version, with its text, of each of these entries that exists."""
    rows = newest_rows(vault).filter(entry__in=list(wanted)).values_list("entry", "number", "head", "body")
    return {row[0]: _withheld(open_row(vault, *row)) for row in rows}


def newest_beside(vault: Vault, others: Iterable[UUID], *, start: int = 0, count: int = 30) -> list[Version]:
    """Return the newest heads of all entries but these, last written first."""
    rows = newest_rows(vault).exclude(entry__in=list(others)).order_by("-id").values_list("entry", "number", "head")
    return [open_head(vault, *row) for row in rows[start : start + count]]


def heads(vault: Vault) -> Iterator[Version]:
    """Yield the heads of all revisions, last written first."""
    rows = _rows(vault).order_by("-id").values_list("entry", "number", "head")
    return (open_head(vault, *row) for row in rows.iterator(READ_AT_ONCE))


def heads_of(vault: Vault, month: str) -> Iterator[Version]:
    """Yield the heads of all revisions that were written in a month (as 2026-02), last written first.

    Only those are taken apart: of 10,000 it takes half the time.
    """
    mark = f'"written": "{month}-'.encode()
    rows = _rows(vault).order_by("-id").values_list("entry", "number", "head")
    for entry, number, sealed in rows.iterator(READ_AT_ONCE):
        with suppress(DecryptionError):
            opened = vault.open_head(bytes(sealed), entry=entry.bytes, revision=number)
            if mark in opened:
                yield Version(entry, number, Head(**json.loads(opened)))


def last_zone(vault: Vault) -> str:
    """Return the time zone of what was written last, or nothing."""
    row = _rows(vault).order_by("-id").values_list("entry", "number", "head").first()
    head = open_head(vault, *row).head if row else None
    return head.zone if head else ""


def delete(vault: Vault, entry: UUID, number: int | None = None) -> int:
    """Delete one revision of an entry, or all of them and its draft; return how many revisions there were."""
    rows = _rows(vault).filter(entry=entry)
    with transaction.atomic():
        if number is None:
            drop_draft(vault, entry)
        return (rows.filter(number=number) if number is not None else rows).delete()[0]


# --- drafts: what stood in a box when it could not be saved -------------------------------------------


def keep_draft(vault: Vault, entry: UUID, base: int, head: Head, text: str, over: str = "") -> None:
    """Seal what stands in the box of an entry, in place of its draft before. What is saved already needs none.

    ``head.writer`` names the page that it was typed in, ``over`` the page whose draft that one began with. Raises
    `ElsewhereError` if there is a draft of a third one, or if this comes after what its page sent later, and
    `StaleVaultError` if the DEK was changed meanwhile.
    """
    row: dict[str, Any] = {"entry": entry.bytes, "revision": base, "draft": True}
    sealed = {
        "base": base,
        "head": vault.seal_head(encode(head), **row),
        "body": vault.seal_body(text.encode(), **row),
    }
    with transaction.atomic():
        hold(vault)
        newest, before = read(vault, entry, early=True), draft(vault, entry, early=True)
        if not _is_draft_of(before, {head.writer, over}) or _is_late(head, before) or _is_late(head, newest):
            raise ElsewhereError
        if newest and newest.says(head, text):
            drop_draft(vault, entry)
        else:
            Draft.objects.update_or_create(keyring_id=UUID(bytes=vault.id), entry=entry, defaults=sealed)


def _is_draft_of(found: Version | None, writers: Collection[str]) -> bool:
    """Whether a draft was typed in one of these pages. One that is not there or can't be opened may go, too."""
    return found is None or found.head is None or found.head.writer in writers


def _is_late(head: Head, found: Version | None) -> bool:
    """Whether something was on its way for so long that its page has sent more meanwhile, and that is here."""
    then = found.head if found else None
    return bool(then and head.turn and then.writer == head.writer and then.turn > head.turn)


def end_draft(vault: Vault, entry: UUID, head: Head, text: str, writers: Collection[str] | None) -> None:
    """Drop the draft of an entry that was typed in one of these pages, or in any if none is named, or says the same."""
    found = draft(vault, entry, early=True)
    if found and (writers is None or _is_draft_of(found, writers) or found.says(head, text)):
        drop_draft(vault, entry)


def draft(vault: Vault, entry: UUID, *, early: bool = False) -> Version | None:
    """Return the draft of an entry as a version whose number is that of the revision it was written over.

    That of a letter that waits comes without its text, but for ``early``: it may say the same.
    """
    row = draft_rows(vault).filter(entry=entry).first()
    if row is None:
        return None
    found = open_row(vault, row.entry, row.base, row.head, row.body, draft=True)
    if found.head and found.head.kind == "letter" and not early:
        newest = newest_of(vault, [entry]).get(entry)
        return replace(found, text="") if newest and newest.head and newest.head.waits else found
    return found


def drafts(vault: Vault) -> list[Version]:
    """Return the heads of all drafts, newest first."""
    rows = draft_rows(vault).order_by("-pk").values_list("entry", "base", "head")
    return [open_head(vault, *row, draft=True) for row in rows]


def drop_draft(vault: Vault, entry: UUID) -> int:
    return draft_rows(vault).filter(entry=entry).delete()[0]


# --- rows -------------------------------------------------------------------------------


def hold(vault: Vault) -> None:
    """Within a transaction: make changes of this DEK wait until it ends.

    Raises `StaleVaultError` if one came first; what would be sealed now could never be opened.
    """
    rows = Keyring.objects.select_for_update().filter(pk=UUID(bytes=vault.id), dek_tag=vault.dek_tag)
    if not rows.values_list("pk").first():
        raise StaleVaultError


def _rows(vault: Vault) -> QuerySet[Revision]:
    return Revision.objects.filter(keyring=UUID(bytes=vault.id))


def draft_rows(vault: Vault) -> QuerySet[Draft]:
    """The sealed drafts of a person. What an import waits with is kept beside them, and is none."""
    return Draft.objects.filter(keyring=UUID(bytes=vault.id)).exclude(entry=named(vault, Head("import")))


def newest_rows(vault: Vault) -> QuerySet[Revision]:
    """The newest revision of each entry, sealed."""
    later = _rows(vault).filter(entry=OuterRef("entry"), number__gt=OuterRef("number"))
    return _rows(vault).filter(~Exists(later))


def _newest_number(vault: Vault, entry: UUID) -> int:
    return _rows(vault).filter(entry=entry).order_by("-number").values_list("number", flat=True).first() or 0


def encode(head: Head) -> bytes:
    """Return a head as it is sealed: what is empty is left out."""
    return json.dumps({name: value for name, value in vars(head).items() if value}).encode()


def open_row(
    vault: Vault, entry: UUID, number: int, head: bytes | memoryview, body: bytes | memoryview, *, draft: bool = False
) -> Version:
    """Return a stored version or draft with its text, that of a waiting letter too."""
    opened = open_head(vault, entry, number, head, draft=draft)
    try:
        text = vault.open_body(bytes(body), entry=entry.bytes, revision=number, draft=draft).decode()
    except DecryptionError:
        return Version(entry, number, None)
    return Version(entry, number, opened.head, text)


def open_head(vault: Vault, entry: UUID, number: int, sealed: bytes | memoryview, *, draft: bool = False) -> Version:
    """Return a stored version or draft without its text."""
    try:
        opened = vault.open_head(bytes(sealed), entry=entry.bytes, revision=number, draft=draft)
    except DecryptionError:
        return Version(entry, number, None)
    return Version(entry, number, Head(**json.loads(opened)))

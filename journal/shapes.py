"""What sealed columns look like from outside. Nothing here opens anything: it counts what could never be opened.

A byte that was changed inside a sealed value can be noticed only with its key, by its owner.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import BinaryField, Model
from django.db.models.functions import Length, Substr

from . import crypto
from .crypto import DecryptionError
from .models import Draft, Keyring, Notice, Revision, UnlockedSession
from .vault import (
    BODY_FLOOR,
    HEAD_FLOOR,
    NOTE_FLOOR,
    RECOVERY_SLOT_BYTES,
    RECOVERY_START,
    SEALED_NOTICE_BYTES,
    SESSION_START,
    PasswordSlot,
)

Fits = Callable[[bytes, int], bool]  # takes the first bytes of a value, and its length


def _sealed(floor: int) -> Fits:
    return lambda begins, length: begins[:1] == crypto.VERSION and crypto.is_sealed_length(length, floor)


def _exactly(length_of_it: int, start: bytes) -> Fits:
    return lambda begins, length: begins.startswith(start) and length == length_of_it


def _password_slot(begins: bytes, length: int) -> bool:
    return length == len(begins) and _parsed(begins) is not None


SHAPES: dict[tuple[type[Model], str], Fits] = {
    (Keyring, "password_slot"): _password_slot,
    (Keyring, "recovery_slot"): _exactly(RECOVERY_SLOT_BYTES, RECOVERY_START),
    (Keyring, "dek_tag"): _exactly(16, b""),
    (Keyring, "notice_key"): _exactly(32, b""),
    (Keyring, "profile"): _sealed(NOTE_FLOOR),
    (Draft, "head"): _sealed(HEAD_FLOOR),
    (Draft, "body"): _sealed(BODY_FLOOR),
    (Revision, "head"): _sealed(HEAD_FLOOR),
    (Revision, "body"): _sealed(BODY_FLOOR),
    (Notice, "sealed"): _exactly(SEALED_NOTICE_BYTES, crypto.VERSION),
    (UnlockedSession, "slot"): _exactly(RECOVERY_SLOT_BYTES, SESSION_START),
}
_FIRST = 256  # bytes: all of a password slot, and enough of everything else


@dataclass(frozen=True)
class Passwords:
    """How many password slots there are, and how many no pepper that is configured lies over."""

    all: int
    closed: int


def damaged() -> Iterator[tuple[str, int, int]]:
    """Yield for each sealed column its name, how many values it has, and how many no program ever sealed so."""
    for (model, column), fits in SHAPES.items():
        rows = model._base_manager.order_by().values_list(
            Substr(column, 1, _FIRST, output_field=BinaryField()), Length(column)
        )
        count = wrong = 0
        for begins, length in rows.iterator():
            count += 1
            wrong += not fits(bytes(begins or b""), length)  # to SQLite, a part of nothing is NULL
        yield f"{model._meta.verbose_name} {column}", count, wrong


def passwords() -> Passwords:
    """Count the passwords that nobody can open here, whatever they type: another pepper lies over them, or damage."""
    rows = Keyring.objects.order_by().values_list("pk", "password_slot")
    found = [(pk.bytes, _parsed(bytes(slot))) for pk, slot in rows.iterator()]
    closed = sum(not slot or not slot.is_under(vault, settings.JOURNAL_PEPPERS) for vault, slot in found)
    return Passwords(len(found), closed)


def _parsed(slot: bytes) -> PasswordSlot | None:
    try:
        parsed = PasswordSlot.parse(slot)
    except DecryptionError:
        return None
    return parsed if parsed.cost.is_allowed() else None

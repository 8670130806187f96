"""Somebody who can write to the database changes what is stored: it is refused, and no page breaks.

Not noticed, and not noticeable from the database alone: rows deleted; all rows of a person put back as they were;
an older value of a cell put back that was sealed under the same DEK for the same place. `docs/threat-model.md`
says so. What is checked here is that an older value from before a *new* DEK opens no word.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from journal import entries
from journal.models import Keyring
from tests.attack.looking import Journal, look
from tests.conftest import Person

pytestmark = [pytest.mark.attack, pytest.mark.django_db]

# What changes for the owner when a value is not what the site stored. A new column comes with a line here.
FRONT = 24  # version, kind, cost and salt of a password slot
LOCKED = {"journal": 302, "save": 403, "texts": None}
EXPECTED: dict[str, dict[str, Any]] = {
    "Keyring.password_slot": {**LOCKED, "sign-in": 422},
    "Keyring.recovery_slot": {"recover": 422},
    "Keyring.dek_tag": {"save": 403, "sign-in": 403, "recover": 403},
    "UnlockedSession.slot": LOCKED,
    "Revision.head": {"texts": (1, 0)},
    "Revision.body": {"texts": (1, 0)},
    "Attempts.key": {},
    # Fails closed: it may have said that a code is needed. The recovery key still opens.
    "Keyring.profile": {"sign-in": 422},
    "Keyring.notice_key": {},
    "Draft.head": {},
    "Draft.body": {},
    "Notice.sealed": {},
}


def binary_fields() -> dict[str, Any]:
    return {
        f"{model.__name__}.{field.name}": field
        for model in apps.get_app_config("journal").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField)
    }


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens in this block has not happened after it: rows, counters, sessions."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def store(field: Any, row: Any, value: Any) -> bool:
    """Write a value past the site, as somebody with a shell of the database does. Says if the database refused it."""
    model = field.model._meta
    key = model.pk.get_db_prep_value(row.pk, connection)
    change = f'UPDATE "{model.db_table}" SET "{field.column}" = %s WHERE "{model.pk.column}" = %s'
    with suppress(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        return cursor.execute(change, [value, key]).rowcount == 1
    return False


def values(field: Any) -> list[bytes]:
    return [bytes(value) for value in field.model._default_manager.values_list(field.name, flat=True)]


def changed(value: bytes) -> Iterator[tuple[str, bytes]]:
    """A value cut, lengthened, emptied, and with bits flipped in each of its regions."""
    half = len(value) // 2
    yield from (("empty", b""), ("one byte", value[:1]), ("half", value[:half]), ("cut", value[:-1]))
    yield from (("longer", value + b"\0"), ("zeros", bytes(len(value))))
    for place in sorted({0, 1, 7, 14, 40, 75, half, len(value) - 1} & {*range(len(value))}):
        yield f"bit of byte {place}", flipped(value, place)


def flipped(value: bytes, place: int, mask: int = 0x01) -> bytes:
    return value[:place] + bytes([value[place] ^ mask]) + value[place + 1 :]


def foreign(field: Any, value: bytes) -> Iterator[tuple[str, bytes]]:
    """The values of other cells, of both people: of this column each one, of others the first and the last."""
    for name, other in binary_fields().items():
        found = [each for each in values(other) if each != value]
        for number, each in enumerate(found if other is field else found[:1] + found[-1:]):
            yield f"{name} {number}", each


@pytest.fixture
def hers(alice: Person) -> Journal:
    return Journal.fill(alice, "hers")


@pytest.fixture
def his(mallory: Person) -> Journal:
    return Journal.fill(mallory, "mallorys")


def row_of(field: Any, person: Person) -> Any:
    """A row of this person's: of versions, one that is the newest of its entry."""
    rows = field.model._default_manager.order_by("pk")
    for owner in ("keyring", "user"):
        if owner in {each.name for each in field.model._meta.fields}:
            rows = rows.filter(**{owner: person.user.keyring if owner == "keyring" else person.user})
            break
    return rows.last()


def expected(name: str, value: bytes, other: bytes) -> dict[str, Any]:
    """What to expect; a slot changed behind its front, where the pepper's layer is, ends no session."""
    if name == "Keyring.password_slot" and Keyring(password_slot=other).password_front == value[:FRONT]:
        return {"sign-in": 422}
    return EXPECTED[name]


def test_every_stored_value_has_an_expectation() -> None:
    assert binary_fields().keys() == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("ways", [changed, foreign], ids=["changed", "foreign"])
def test_a_value_that_is_not_what_was_stored_is_refused(
    name: str, ways: Callable[..., Iterator[tuple[str, bytes]]], hers: Journal, his: Journal
) -> None:
    field = binary_fields()[name]
    row = row_of(field, hers.person)
    value = bytes(getattr(row, field.name))
    healthy = look(hers)
    assert healthy == {"journal": 200, "save": 302, "sign-in": 302, "recover": 200, "texts": (0, 0)}
    tried = 0
    for what, other in ways(value) if ways is changed else ways(field, value):
        with undone():
            if not store(field, row, other):
                continue
            assert look(hers) == {**healthy, **expected(name, value, other)}, (name, what)
            assert his.read() == (0, 0), (name, what)
            tried += 1
    assert tried > 3


@pytest.mark.parametrize("name", [name for name in EXPECTED if "slot" in name])
def test_no_byte_of_a_slot_can_be_changed(name: str, hers: Journal) -> None:
    field = binary_fields()[name]
    row = row_of(field, hers.person)
    value = bytes(getattr(row, field.name))
    opens = {"password_slot": hers.signs_in, "recovery_slot": hers.recovers, "slot": hers.is_open}[field.name]
    with undone():
        assert opens()
    for place in range(len(value)):
        with undone():
            assert store(field, row, flipped(value, place, (0x01, 0x80, 0xFF)[place % 3]))
            assert not opens(), place


@pytest.mark.parametrize("name", ["Revision.head", "Revision.body"])
def test_no_byte_of_a_version_can_be_changed(name: str, hers: Journal) -> None:
    field = binary_fields()[name]
    row = row_of(field, hers.person)
    value = bytes(getattr(row, field.name))
    vault = hers.vault()
    for place in range(len(value)):
        with undone():
            assert store(field, row, flipped(value, place))
            found = entries.read(vault, row.entry, row.number)
            assert (found.head, found.text if field.name == "body" else "") == (None, ""), place

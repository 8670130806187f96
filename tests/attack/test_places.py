"""A version moved to another place, or a value put back: no word is shown where it was not written."""

import itertools
import time
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.attack.deeds import key_in
from tests.attack.looking import NEW, Journal, look
from tests.attack.test_tampering import store, undone
from tests.conftest import PASSWORD, Person

pytestmark = [pytest.mark.attack, pytest.mark.django_db]
Keyring, Revision, Unlocked = (apps.get_model("journal", name) for name in ("Keyring", "Revision", "UnlockedSession"))
NOWHERE = ("0" * 32, "f" * 32)


@pytest.fixture
def hers(alice: Person) -> Journal:
    return Journal.fill(alice, "hers")


@pytest.fixture
def his(mallory: Person) -> Journal:
    return Journal.fill(mallory, "mallorys")


def places(hers: Journal, his: Journal) -> list[tuple[str, Any]]:
    """Column and value: everywhere in her journal and his that a version might be moved to, and to nowhere."""
    found: list[tuple[str, Any]] = [
        ("keyring", his.person.user.keyring.pk.hex),
        ("entry", "0" * 32),
        ("entry", "f" * 32),
    ]
    found += [("entry", entry.hex) for entry in Revision.objects.values_list("entry", flat=True).distinct()]
    found += [("number", number) for number in (0, 1, 2, 3, 99, 2**31 - 1, 2**31, 2**63 - 1)]
    return found


@pytest.mark.parametrize("newest", [True, False], ids=["newest", "oldest"])
def test_a_version_moved_to_another_place_is_shown_nowhere(hers: Journal, his: Journal, newest: bool) -> None:
    rows = Revision.objects.filter(keyring=hers.person.user.keyring).order_by("pk")
    row = rows.last() if newest else rows.first()
    moved = 0
    for column, value in places(hers, his):
        field = Revision._meta.get_field(column)
        if field.get_db_prep_value(getattr(row, field.attname), connection) == value:
            continue
        with undone():
            if store(field, row, value):
                assert_nothing_misplaced(hers, his, (column, value))
                moved += 1
    assert moved > 6


def test_two_versions_that_change_places_are_both_damaged(hers: Journal, his: Journal) -> None:
    """Head and body together, so that each row is whole in itself."""
    rows = list(Revision.objects.order_by("pk"))
    for one, other in itertools.combinations(rows, 2):
        with undone():
            for mine, yours in ((one, other), (other, one)):
                Revision.objects.filter(pk=mine.pk).update(head=yours.head, body=yours.body)
            damaged = [each.read()[0] for each in (hers, his)]
            assert sum(damaged) == 2


def assert_nothing_misplaced(hers: Journal, his: Journal, where: Any) -> None:
    """Every page opens or is not there; the version is gone from its place, and each other text stands at its own."""
    found, seen = look(hers), look(his)
    assert (found["journal"], found["sign-in"], found["recover"]) == (200, 302, 200), where
    assert sum(found["texts"]) == 1, where
    column, value = where
    entries = [f"/journal/pages/{UUID(value)}/"] if value in NOWHERE else []
    numbers = [1, 2, 3, *([value] if column == "number" else [])]
    assert [*hers.strays(entries, numbers), *his.strays([*entries, *hers.entries], numbers)] == [], where
    assert (seen["journal"], seen["sign-in"], seen["recover"], seen["texts"]) == (200, 302, 200, (0, 0)), where


@pytest.fixture
def rotated(hers: Journal) -> tuple[Journal, dict[str, list[Any]]]:
    """Her journal under a new DEK, password and recovery key; and every row as it was before."""
    before = {model.__name__: list(model._default_manager.order_by("pk")) for model in (Keyring, Revision, Unlocked)}
    fields = {"password": PASSWORD, "new_password": NEW, "lock_out": "on"}
    client = hers.browser()
    hers.person.recovery_key = key_in(client.post(reverse("password"), fields))
    hers.person.password = NEW
    hers.cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    assert (hers.read(), hers.sign_in(NEW), hers.sign_in(PASSWORD)) == ((0, 0), 302, 422)
    return hers, before


def test_slots_put_back_from_before_a_new_key_open_no_word(rotated: Any) -> None:
    """The old password and the old recovery key fit again, and what they open opens nothing that stands there."""
    hers, before = rotated
    (old,) = before["Keyring"]
    for names in (["password_slot"], ["recovery_slot"], ["dek_tag"], ["password_slot", "recovery_slot", "dek_tag"]):
        with undone():
            Keyring.objects.update(**{name: getattr(old, name) for name in names})
            client = Client(raise_request_exception=False)
            client.post(reverse("sign-in"), {"username": "alice", "password": PASSWORD})
            hers.cookies, kept = {name: morsel.value for name, morsel in client.cookies.items()}, hers.cookies
            assert hers.read() in {None, (3, 2), (5, 0), (0, 5), (2, 3)}, names
            hers.cookies = kept
            assert hers.read() in {None, (0, 0)}, names
            assert hers.save() in {302, 403}, names


def test_versions_put_back_from_before_a_new_key_are_damaged(rotated: Any) -> None:
    hers, before = rotated
    for row in before["Revision"]:
        with undone():
            Revision.objects.filter(pk=row.pk).update(head=row.head, body=row.body)
            assert hers.read() == (1, 0)
        with undone():
            row.save()
            assert sum(hers.read()) == 1


def test_an_older_half_of_a_session_opens_nothing(hers: Journal) -> None:
    """The server's half is made anew when its end moves; the one before fits the new end no more."""
    row = Unlocked.objects.get()
    with time_machine.travel(time.time() + 300, tick=False):
        assert hers.is_open()
        assert bytes(Unlocked.objects.get().slot) != bytes(row.slot)
        with undone():
            Unlocked.objects.update(slot=row.slot)
            assert not hers.is_open()
        assert hers.is_open()

import pytest
from django.conf import settings

from journal import crypto, shapes
from journal.vault import BODY_FLOOR, Vault
from tests.conftest import Person
from tests.test_columns import SEALED


def test_every_sealed_column_has_a_shape() -> None:
    named = {f"{model.__name__}.{column}" for model, column in shapes.SHAPES}
    assert named == SEALED.keys() | {"Keyring.dek_tag", "Keyring.notice_key"}


def test_a_length_that_sealing_makes_fits_and_its_neighbors_do_not() -> None:
    vault = Vault.create(bytes(16))
    lengths = {
        len(vault.seal_body(bytes(size), entry=bytes(16), revision=1))
        for size in (*range(3000), 5000, 70_000, 1_200_000)
    }
    made = {length for length in range(max(lengths) + 1) if crypto.is_sealed_length(length, BODY_FLOOR)}
    assert lengths <= made
    assert {length for length in made if length < 3000} == {length for length in lengths if length < 3000}


@pytest.mark.django_db
def test_a_password_is_counted_as_closed_under_another_pepper_or_in_pieces(
    alice: Person, mallory: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shapes.passwords() == shapes.Passwords(all=2, closed=0)
    mallory.user.keyring.password_slot = b""
    mallory.user.keyring.save()
    assert shapes.passwords() == shapes.Passwords(all=2, closed=1)
    monkeypatch.setattr(settings, "JOURNAL_PEPPERS", {1: bytes(32)})
    assert shapes.passwords() == shapes.Passwords(all=2, closed=2)


@pytest.mark.django_db
def test_each_shape_refuses_a_value_that_lacks_a_byte_or_begins_with_another(alice: Person) -> None:
    keyring = type(alice.user.keyring).objects
    for column in ("password_slot", "recovery_slot", "dek_tag", "notice_key", "profile"):
        value = bytes(getattr(alice.user.keyring, column))
        bad = [b"", value[:-1]] if column in {"dek_tag", "notice_key"} else [b"", value[:-1], b"\x07" + value[1:]]
        for each in bad:
            keyring.update(**{column: each})
            assert [(name, wrong) for name, _, wrong in shapes.damaged() if wrong] == [(f"keyring {column}", 1)]
        keyring.update(**{column: value})
    assert sum(wrong for _, _, wrong in shapes.damaged()) == 0

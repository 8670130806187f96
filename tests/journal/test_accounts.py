import re
import resource
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from journal import accounts, crypto, entries
from journal.accounts import WrongRecoveryKeyError
from journal.crypto import DecryptionError
from journal.entries import Head, StaleVaultError
from journal.models import Keyring, Revision, Session, UnlockedSession, User, random_id
from journal.vault import PasswordSlot
from tests.conftest import PASSWORD, Person

NEW = "nine loud cranes at dusk"
pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(alice: Person) -> Iterator[Person]:
    """Alice, with two versions of an answer and a free page."""
    entry = entries.answer_id(alice.vault, "time")
    entries.write(alice.vault, entry, 0, Head(kind="answer", question="time"), "first")
    entries.write(alice.vault, entry, 1, Head(kind="answer", question="time"), "second")
    entries.write(alice.vault, random_id(), 0, Head(kind="page"), "a page")
    return alice


def texts(vault: object) -> set[str]:
    return {entries.read(vault, row.entry, row.number).text for row in Revision.objects.all()}


def test_joining_makes_a_journal_that_password_and_recovery_key_open(alice: Person) -> None:
    assert accounts.open_with_password(alice.user, PASSWORD).dek_tag == alice.vault.dek_tag
    assert accounts.has_recovery_key(alice.user, alice.recovery_key)
    assert not alice.user.has_usable_password()


def test_a_name_is_taken_however_it_is_spelled(alice: Person) -> None:
    with pytest.raises(IntegrityError):
        accounts.join("ALICE", PASSWORD)


def test_a_wrong_password_opens_nothing(alice: Person) -> None:
    with pytest.raises(DecryptionError):
        accounts.open_with_password(alice.user, NEW)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "Make the password at least 12 characters long."),
        ("x" * 1025, "That password is too long. About 1,000 letters are the most."),
        ("my name is Alice!", "Choose a password without your user name in it."),
        ("I love EitherWay 9", "Choose a password without the name of this site in it."),
        ("aaaaaaaabbbb", "Use more than a few different characters."),
        ("administrator", "Many people use that password. Choose one of your own."),
    ],
)
def test_a_password_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        accounts.check_new_password(password, "alice")
    assert refused.value.messages == [reason]


def test_a_changed_password_rewraps_the_same_key_and_touches_no_entry(answered: Person) -> None:
    before = list(Revision.objects.values_list("pk", "head", "body"))
    accounts.change_password(answered.user, answered.vault, NEW)
    user = User.objects.get(username="alice")
    assert accounts.open_with_password(user, NEW).dek_tag == answered.vault.dek_tag
    with pytest.raises(DecryptionError):
        accounts.open_with_password(user, PASSWORD)
    assert list(Revision.objects.values_list("pk", "head", "body")) == before
    assert not UnlockedSession.objects.exists()
    assert accounts.has_recovery_key(user, answered.recovery_key)


def test_rotating_seals_everything_again_and_shuts_out_old_password_and_old_key(answered: Person) -> None:
    old = answered.vault
    before = dict(Revision.objects.values_list("pk", "body"))
    key = accounts.rotate(answered.user, old, NEW)
    user = User.objects.get(username="alice")
    new = accounts.open_with_password(user, NEW)
    assert new.dek_tag != old.dek_tag
    assert texts(new) == {"first", "second", "a page"}
    assert texts(old) == {""}
    assert all(before[pk] != body for pk, body in Revision.objects.values_list("pk", "body"))
    assert entries.read(new, entries.answer_id(new, "time")).text == "second"
    assert accounts.has_recovery_key(user, key)
    assert not accounts.has_recovery_key(user, answered.recovery_key)
    with pytest.raises(DecryptionError):
        accounts.open_with_password(user, PASSWORD)


def test_a_failure_in_the_middle_of_rotating_changes_nothing(answered: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(Session.objects, "filter", fail)
    with pytest.raises(RuntimeError):
        accounts.rotate(answered.user, answered.vault, NEW)
    user = User.objects.get(username="alice")
    assert texts(accounts.open_with_password(user, PASSWORD)) == {"first", "second", "a page"}


def test_a_save_through_the_old_vault_after_rotating_is_refused(answered: Person) -> None:
    old = answered.vault
    accounts.rotate(answered.user, old, NEW)
    with pytest.raises(StaleVaultError):
        entries.write(old, random_id(), 0, Head(kind="page"), "too late")


def test_a_damaged_entry_does_not_stop_rotating(answered: Person) -> None:
    damaged = Revision.objects.first()
    Revision.objects.filter(pk=damaged.pk).update(body=b"garbage")
    accounts.rotate(answered.user, answered.vault, NEW)
    assert Revision.objects.get(pk=damaged.pk).body == b"garbage"
    assert texts(answered.user.vault) == {"", "second", "a page"}


@pytest.mark.parametrize("change", ["password", "recovery key"])
def test_a_vault_opened_before_a_rotation_puts_its_old_key_into_no_slot(answered: Person, change: str) -> None:
    old = answered.vault
    accounts.rotate(answered.user, old, NEW)
    made = {
        "password": lambda: accounts.change_password(answered.user, old, "a third one, long enough"),
        "recovery key": lambda: accounts.change_recovery_key(answered.user, old),
    }
    with pytest.raises(StaleVaultError):
        made[change]()
    user = User.objects.get(username="alice")
    assert texts(accounts.open_with_password(user, NEW)) == {"first", "second", "a page"}


def test_rotating_keeps_the_head_of_an_answer_whose_text_is_damaged(answered: Person) -> None:
    entry = entries.answer_id(answered.vault, "time")
    Revision.objects.filter(entry=entry, number=2).update(body=b"garbage")
    accounts.rotate(answered.user, answered.vault, NEW)
    new = answered.user.vault
    listed = entries.versions(new, entries.answer_id(new, "time"))
    assert [(version.number, version.head.question) for version in listed] == [(2, "time"), (1, "time")]


def test_recovering_opens_everything_with_a_new_password_and_key(answered: Person) -> None:
    key_bytes = crypto.read_recovery_key(answered.recovery_key)
    user, key = accounts.recover(None, "Alice", key_bytes, NEW)
    assert texts(user.vault) == {"first", "second", "a page"}
    assert key != answered.recovery_key
    with pytest.raises(WrongRecoveryKeyError):
        accounts.recover(None, "alice", key_bytes, NEW)


@pytest.mark.parametrize("name", ["alice", "nobody", "edith"])
def test_a_wrong_key_and_an_unknown_name_are_refused_alike(alice: Person, editor: User, name: str) -> None:
    with pytest.raises(WrongRecoveryKeyError):
        accounts.recover(None, name, crypto.new_recovery_key(), NEW)


def test_a_new_recovery_key_replaces_the_old_one(alice: Person) -> None:
    key = accounts.change_recovery_key(alice.user, alice.vault)
    alice.user.keyring.refresh_from_db()
    assert accounts.has_recovery_key(alice.user, key)
    assert not accounts.has_recovery_key(alice.user, alice.recovery_key)


def test_a_slot_of_an_older_cost_and_pepper_is_made_anew_at_the_next_sign_in(alice: Person, settings: object) -> None:
    settings.JOURNAL_KDF_COST = (20 * 1024, 2, 1)
    settings.JOURNAL_PEPPERS = {**settings.JOURNAL_PEPPERS, 2: b"p" * 32}
    assert authenticate(None, username="alice", password=PASSWORD)
    slot = PasswordSlot.parse(bytes(Keyring.objects.get().password_slot))
    assert (slot.cost.memory, slot.pepper) == (20 * 1024, 2)
    assert authenticate(None, username="alice", password=PASSWORD)


def test_raising_a_slot_never_undoes_a_password_changed_meanwhile(alice: Person, settings: object) -> None:
    stale = User.objects.select_related("keyring").get(username="alice")
    accounts.change_password(alice.user, alice.vault, NEW)
    settings.JOURNAL_KDF_COST = (20 * 1024, 2, 1)
    accounts.open_with_password(stale, PASSWORD)
    fresh = User.objects.get(username="alice")
    assert accounts.open_with_password(fresh, NEW)


@pytest.mark.django_db(transaction=True)
def test_deleting_leaves_nothing_of_a_person_and_everything_of_others(answered: Person, mallory: Person) -> None:
    entries.write(mallory.vault, random_id(), 0, Head(kind="page"), "his own")
    accounts.delete(answered.user)
    assert list(User.objects.values_list("username", flat=True)) == ["mallory"]
    assert Keyring.objects.count() == 1
    assert texts(mallory.vault) == {"his own"}
    assert UnlockedSession.objects.count() == 1


def test_a_password_set_from_a_shell_is_refused_and_one_written_by_hand_opens_nothing(answered: Person) -> None:
    user = User.objects.get(username="alice")
    with pytest.raises(ValidationError):
        user.set_password(NEW)
    User.objects.update(password=make_password(NEW))
    assert authenticate(None, username="alice", password=NEW) is None
    assert texts(authenticate(None, username="alice", password=PASSWORD).vault) == {"first", "second", "a page"}


def test_staff_without_a_journal_sign_in_by_django_at_the_cost_of_a_slot(editor: User) -> None:
    found = authenticate(None, username="edith", password=PASSWORD)
    assert found == editor
    assert found.vault is None
    assert editor.password.split("$")[3] == "m=19456,t=2,p=1"
    assert settings.JOURNAL_KDF_COST == (19456, 2, 1)


def test_an_inactive_person_can_not_sign_in(alice: Person) -> None:
    User.objects.update(is_active=False)
    assert authenticate(None, username="alice", password=PASSWORD) is None


@pytest.mark.parametrize("cost", ["m=65536,t=255,p=1", "m=1048577,t=2,p=1", "m=8,t=1,p=1"])
def test_a_doctored_cost_of_an_editors_hash_is_refused_unspent(editor: User, cost: str) -> None:
    stored = re.sub(r"m=\d+,t=\d+,p=\d+", cost, editor.password)
    assert stored != editor.password
    User.objects.filter(pk=editor.pk).update(password=stored)
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    assert authenticate(None, username="edith", password=PASSWORD) is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - began < 2

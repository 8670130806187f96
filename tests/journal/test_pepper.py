from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from config import env
from journal import accounts
from journal.models import Keyring, User
from journal.vault import PasswordSlot
from tests.conftest import PASSWORD, Person

pytestmark = pytest.mark.django_db


def pepper_of(person: Person) -> int:
    return PasswordSlot.parse(bytes(Keyring.objects.get(user=person.user).password_slot)).pepper


def opens(name: str) -> bool:
    return Client().post(reverse("sign-in"), {"username": name, "password": PASSWORD}).status_code == 302


def test_a_new_pepper_is_put_under_everybody_without_a_password_or_an_end_of_sessions(
    alice: Person, mallory: Person, settings: object
) -> None:
    settings.JOURNAL_PEPPERS = {**settings.JOURNAL_PEPPERS, 2: b"q" * 32}
    said = StringIO()
    call_command("pepper", stdout=said)
    assert "under pepper 2: 2" in said.getvalue()
    assert (pepper_of(alice), pepper_of(mallory)) == (2, 2)
    assert alice.client.get(reverse("journal")).status_code == 200
    settings.JOURNAL_PEPPERS = {2: b"q" * 32}
    assert opens("alice")
    assert opens("mallory")


def test_stopped_halfway_it_goes_on_when_run_again(
    alice: Person, mallory: Person, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.JOURNAL_PEPPERS = {**settings.JOURNAL_PEPPERS, 2: b"q" * 32}
    whole = PasswordSlot.repeppered

    def stop(slot: PasswordSlot, *args: object) -> PasswordSlot:
        if sorted([pepper_of(alice), pepper_of(mallory)]) == [1, 2]:
            raise KeyboardInterrupt
        return whole(slot, *args)

    monkeypatch.setattr(PasswordSlot, "repeppered", stop)
    with pytest.raises(KeyboardInterrupt):
        call_command("pepper")
    monkeypatch.undo()
    assert accounts.repepper() == (1, 0, 0)
    assert (pepper_of(alice), pepper_of(mallory)) == (2, 2)
    assert opens("alice")
    assert opens("mallory")


def test_a_password_set_meanwhile_by_a_process_that_does_not_know_the_pepper_is_told(
    alice: Person, mallory: Person, settings: object
) -> None:
    """One that was not restarted: somebody changes a password there and somebody joins, while the command runs."""
    old, new = settings.JOURNAL_PEPPERS, {**settings.JOURNAL_PEPPERS, 2: b"q" * 32}
    began = []

    def meanwhile(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith("UPDATE") and not began:
            began.append(sql)
            settings.JOURNAL_PEPPERS = old
            accounts.change_password(mallory.user, mallory.vault, PASSWORD)
            accounts.join("carol", PASSWORD)
            settings.JOURNAL_PEPPERS = new
        return execute(sql, *args)

    settings.JOURNAL_PEPPERS = new
    said = StringIO()
    with (
        pytest.raises(CommandError, match=r"^Passwords set meanwhile under an older pepper: 2\. A process"),
        connection.execute_wrapper(meanwhile),
    ):
        call_command("pepper", stdout=said)
    assert said.getvalue() == "Passwords put under pepper 2: 1\n"
    assert (pepper_of(alice), pepper_of(mallory)) == (2, 1)
    call_command("pepper", stdout=said)
    assert "only 2 has to stay configured" in said.getvalue()
    settings.JOURNAL_PEPPERS = {2: b"q" * 32}
    assert [opens(name) for name in ("alice", "mallory", "carol")] == [True] * 3


def test_a_slot_whose_pepper_is_gone_is_told_and_left_as_it_is(alice: Person, settings: object) -> None:
    settings.JOURNAL_PEPPERS = {2: b"q" * 32}
    with pytest.raises(CommandError, match="1 could not be"):
        call_command("pepper")
    assert pepper_of(alice) == 1


def test_a_pepper_made_anew_under_the_same_number_is_told(alice: Person, settings: object) -> None:
    settings.JOURNAL_PEPPERS = {1: b"q" * 32}
    with pytest.raises(CommandError, match="1 could not be"):
        call_command("pepper")


def test_a_new_pepper_is_printed_as_it_is_configured(alice: Person, settings: object) -> None:
    said = StringIO()
    call_command("pepper", "--new", stdout=said)
    found = env.peppers(said.getvalue().strip().removeprefix("PEPPERS="))
    assert (found[1], sorted(found), len(found[2])) == (settings.JOURNAL_PEPPERS[1], [1, 2], 32)
    assert pepper_of(alice) == 1


def test_signing_in_puts_an_old_slot_under_the_newest_pepper(alice: Person, settings: object) -> None:
    settings.JOURNAL_PEPPERS = {**settings.JOURNAL_PEPPERS, 2: b"q" * 32}
    assert opens("alice")
    assert pepper_of(alice) == 2
    assert alice.client.get(reverse("journal")).status_code == 200
    assert User.objects.get(username="alice").has_journal

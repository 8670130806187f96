"""What went wrong in journals elsewhere, with the very input: who gets in, by what, and what is left of them."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from journal.models import Keyring, User
from tests.conftest import PASSWORD, Person, make_person
from tests.journal.test_canaries import everything_stored, spellings
from tests.journal.test_cases import quietly, rows, version
from tests.journal.test_doors import shown_key
from tests.journal.test_writing import answer

CANARY = "Kanarienvogel im Schacht"
NEW = "nine loud cranes at dusk"
WRONG_KEY = "00000-00000-00000-00000-00000-0831D"
pytestmark = pytest.mark.django_db


def sign_in(name: str, password: str, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post(reverse("sign-in"), {"username": name, "password": password}, **more)


def recover(name: str, key: str, client: Client | None = None, new: str = NEW, **more: Any) -> Any:
    data = {"username": name, "recovery_key": key, "new_password": new}
    return (client or Client()).post(reverse("recover"), data, **more)


def slots() -> list[Any]:
    """What opens each journal, as it is stored."""
    return list(Keyring.objects.order_by("pk").values())


def test_a_forgotten_password_takes_no_answer_along_and_the_page_says_so_before(alice: Person) -> None:
    """C13, with the recovery key in the place of a mail."""
    written = {2: "the first", 3: "the second", 4: "the third"}
    for number, text in written.items():
        alice.write(number, text)
    browser = Client()
    before = browser.get(reverse("recover")).content.decode()
    assert "Nothing you wrote is lost." in before
    assert "Your old password and this recovery key stop working." in before
    assert "there is no other way to open this journal" in before
    assert "Your new recovery key" in recover("alice", alice.recovery_key, browser).content.decode()
    alice.client = browser
    assert {number: answer(alice, number) for number in written} == written
    assert [row["number"] for row in rows()] == [1, 1, 1]
    for path in ("/", "/help/", reverse("journal"), reverse("account")):
        assert browser.get(path).status_code == 200
    assert sign_in("alice", PASSWORD).status_code == 422
    assert sign_in("alice", NEW)["Location"] == "/journal/"


def test_a_password_that_staff_set_opens_nothing_and_the_desk_offers_no_form_for_one(
    alice: Person, editor: User
) -> None:
    """C14."""
    alice.write(2, CANARY)
    before, desk = slots(), Client()
    desk.force_login(editor)
    form = f"/manage/journal/user/{alice.user.pk}/change/"
    assert 'type="password"' not in desk.get(form).content.decode()
    data = {"username": "alice", "is_active": "on", "password": make_password(NEW), "password1": NEW, "password2": NEW}
    assert desk.post(form, data).status_code == 302
    assert desk.post(f"/manage/journal/user/{alice.user.pk}/password/", data, follow=True).status_code in {200, 404}
    assert (slots(), User.objects.get(username="alice").password[0]) == (before, "!")
    User.objects.filter(username="alice").update(password=make_password(NEW))  # by a shell
    assert sign_in("alice", NEW).status_code == 422
    as_her = Client()
    as_her.force_login(alice.user)
    for path in (reverse("answer", args=[2]), reverse("answer-version", args=[2, 1]), reverse("journal")):
        page = as_her.get(path, follow=True).content.decode()
        assert "<h1>Locked</h1>" in page
        assert CANARY not in page
    alice.sign_in()
    assert answer(alice, 2) == CANARY
    assert recover("alice", alice.recovery_key, alice.client).status_code == 200
    assert answer(alice, 2) == CANARY


def change_password(client: Client, old: str, new: str) -> Any:
    return client.post(reverse("password"), {"password": old, "new_password": new, "lock_out": "on"})


def versions(client: Client) -> list[str]:
    return [version(client, 2, number) for number in range(1, 51)]


def test_after_three_changes_all_fifty_versions_open_by_the_newest_password_only(alice: Person) -> None:
    """C15."""
    written = [f"version {number}" for number in range(1, 51)]
    for base, text in enumerate(written):
        alice.write(2, text, base=base)
    passwords = [PASSWORD, *(f"{count} quiet herons, and a crane" for count in ("one", "two", "three"))]
    for old, new in pairwise(passwords):
        assert change_password(alice.client, old, new).status_code == 200
    assert [sign_in("alice", password).status_code for password in passwords] == [422, 422, 422, 302]
    browser = Client()
    sign_in("alice", passwords[-1], browser)
    assert versions(browser) == written

    def fail_at_the_end(execute: Any, sql: str, *rest: Any) -> None:
        execute(sql, *rest)
        if sql.startswith('UPDATE "journal_keyring"'):
            raise OperationalError("the disk is full")

    before = (rows(), slots())
    with connection.execute_wrapper(fail_at_the_end):
        assert change_password(quietly(alice), passwords[-1], NEW).status_code == 503
    assert (rows(), slots()) == before
    assert [sign_in("alice", password).status_code for password in (NEW, passwords[-1])] == [422, 302]
    assert versions(browser) == written


def test_a_recovery_key_opens_once_and_gives_a_new_password_and_a_new_key_at_once(alice: Person) -> None:
    """C18. A used key is refused in the words for any other: to say more would tell that the name exists."""
    alice.write(2, CANARY)
    browser = Client()
    refused = recover("alice", alice.recovery_key, browser, new="")
    assert (refused.status_code, "Enter a password." in refused.content.decode()) == (422, True)
    assert browser.get(reverse("journal"))["Location"].startswith("/sign-in/")
    entered = recover("alice", alice.recovery_key, browser)
    new_key = shown_key(entered)
    assert (entered.status_code, new_key != alice.recovery_key) == (200, True)
    browser.post(reverse("sign-out"))
    assert recover("alice", alice.recovery_key, browser).status_code == 422
    assert browser.get(reverse("journal"))["Location"].startswith("/sign-in/")
    used, unknown = (recover(name, alice.recovery_key) for name in ("alice", "carol"))
    assert "That user name and recovery key don’t match." in used.content.decode()
    assert seen(used, "alice") == seen(unknown, "carol")
    assert "Your new recovery key" in recover("alice", new_key, alice.client).content.decode()
    assert answer(alice, 2) == CANARY


def seen(response: Any, name: str) -> tuple[int, dict[str, str], set[str], str]:
    """All that an answer shows to whoever typed a name of five letters: status, headers, cookies, page."""
    page = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", response.content.decode())
    return response.status_code, dict(response.headers), set(response.cookies), page.replace(name, "NAME")


def test_known_and_unknown_names_get_the_same_answer_and_asking_for_free_ones_has_an_end(
    alice: Person, editor: User
) -> None:
    """C22."""
    make_person("sunny")
    User.objects.filter(username="sunny").update(is_active=False)
    names = ("alice", "edith", "sunny", "carol")  # with a journal, without one, not active, nobody
    for asked, words in (
        (lambda name: sign_in(name, "wrong password"), "That user name and password don’t match."),
        (lambda name: recover(name, WRONG_KEY), "That user name and recovery key don’t match."),
    ):
        alike = [seen(asked(name), name) for name in names]
        assert words in alike[0][3]
        assert alike[0][0] == 422
        assert [name for name, answer in zip(names, alike, strict=True) if answer != alike[-1]] == []
    with time_machine.travel("2027-01-02T12:00:00Z", tick=False):
        data = {"username": "alice", "password": PASSWORD}
        asked = [Client().post(reverse("join"), data) for _ in range(65)]
    assert [response.status_code for response in asked] == [422] * 60 + [429] * 5


GUESSES = {
    "sign-in": {"username": "alice"},
    "unlock": {},
    "recover": {"username": "alice", "recovery_key": WRONG_KEY, "new_password": NEW},
}


def guess(client: Client, door: str, count: int, **more: Any) -> list[int]:
    """Guess many times; return the status of each answer."""
    answers = []
    for number in range(count):
        header = {"X-Forwarded-For": f"198.51.100.{number % 250}"}  # believed where a proxy is trusted, else forged
        data = {"password": f"wrong password {number}", **GUESSES[door]}
        answers.append(client.post(reverse(door), data, **{"headers": header, "REMOTE_ADDR": "203.0.113.9", **more}))
    assert {answer.has_header("Retry-After") for answer in answers if answer.status_code == 429} <= {True}
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("door", GUESSES)
def test_of_a_thousand_guesses_a_handful_is_tried_at_each_door_whatever_address_they_claim(
    alice: Person, mallory: Person, door: str
) -> None:
    """C23."""
    with time_machine.travel("2027-01-02T12:00:00Z", tick=False):
        alice.sign_in()
        alice.client.post(reverse("lock"))
        guesser = alice.client if door == "unlock" else Client()
        statuses = guess(guesser, door, 1000)
        assert statuses == sorted(statuses)
        assert set(statuses) == {422, 429}
        assert statuses.count(422) <= 20
        assert sign_in("mallory", PASSWORD, REMOTE_ADDR="198.51.100.7")["Location"] == "/journal/"
        assert sign_in("alice", PASSWORD, REMOTE_ADDR="192.0.2.44")["Location"] == "/journal/"


def test_behind_a_proxy_guesses_from_one_address_stop_nobody_at_another(
    alice: Person, mallory: Person, settings: Any
) -> None:
    """C23."""
    settings.TRUSTED_PROXIES = 1

    def come_from(address: str) -> dict[str, Any]:
        return {"REMOTE_ADDR": "10.0.0.1", "headers": {"X-Forwarded-For": address}}

    with time_machine.travel("2027-01-02T12:00:00Z", tick=False):
        assert guess(Client(), "sign-in", 10, **come_from("203.0.113.9")) == [422] * 10
        assert guess(Client(), "sign-in", 1, **come_from("6.6.6.6, 203.0.113.9")) == [429]
        assert sign_in("mallory", PASSWORD, **come_from("203.0.113.9"))["Location"] == "/journal/"
        for name in ("mallory", "alice"):
            assert sign_in(name, PASSWORD, **come_from("198.51.100.7"))["Location"] == "/journal/"


@pytest.mark.django_db(transaction=True)
def test_of_a_deleted_account_nothing_is_left_and_the_keys_went_first(mallory: Person) -> None:
    """C24."""
    numbat = make_person("numbat-in-june")
    numbat.write(2, CANARY)
    numbat.write(2, CANARY * 2, base=1)
    page = {"text": CANARY, "title": "Sunday", "base": 0, "entry": "1" * 32}
    numbat.client.post(reverse("new-page"), page)
    mallory.write(2, "his own")
    numbat.sign_in(Client())  # a second browser, left as it is
    keyring = Keyring.objects.get(user=numbat.user)
    names = ["numbat-in-june", keyring.pk.hex, str(keyring.pk), *(row["entry"].hex for row in hers(keyring))]
    sealed = [bytes(slot)[8:40] for slot in (keyring.password_slot, keyring.recovery_slot)]
    sealed += [bytes(row[column])[100:200] for row in hers(keyring) for column in ("head", "body")]
    traces = [*sealed, *(spelling for name in names for spelling in spellings(name) if spelling)]
    traces.append(f"'_auth_user_id': '{numbat.user.pk}'".encode())
    assert all(any(piece in content for content in everything_stored().values()) for piece in (*sealed, traces[-1]))
    changes: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        changes.extend(re.findall(r'^(?:UPDATE|DELETE FROM) "journal_(keyring|revision|user)"', sql))
        return execute(sql, *rest)

    assert "A backup made earlier may hold" in numbat.client.get(reverse("delete-account")).content.decode()
    with connection.execute_wrapper(note):
        gone = numbat.client.post(reverse("delete-account"), {"password": PASSWORD})
    assert gone["Location"] == "/account/deleted/"
    assert (changes[0], set(changes)) == ("keyring", {"keyring", "revision", "user"})
    stored = everything_stored()
    if connection.vendor == "postgresql":  # its files keep deleted rows until it vacuums: docs/scale.md
        stored = {place: content for place, content in stored.items() if not Path(place).exists()}
    assert [(trace, place) for trace in traces for place in stored if trace in stored[place]] == []
    assert sign_in("numbat-in-june", PASSWORD).status_code == 422
    assert answer(mallory, 2) == "his own"


def hers(keyring: Keyring) -> list[dict[str, Any]]:
    return [row for row in rows() if row["keyring_id"] == keyring.pk]


def test_a_name_that_others_locked_out_at_sign_in_still_opens_by_its_recovery_key(alice: Person) -> None:
    """C23. Recovery counts its own tries."""
    alice.write(2, CANARY)
    with time_machine.travel("2027-01-02T12:00:00Z", tick=False):
        assert guess(Client(), "sign-in", 20)[-1] == 429
        alice.client = Client()
        entered = recover("alice", alice.recovery_key, alice.client, REMOTE_ADDR="203.0.113.9")
        assert entered.status_code == 200
        assert "Your new recovery key" in entered.content.decode()
        assert answer(alice, 2) == CANARY

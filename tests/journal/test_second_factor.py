import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client
from django.urls import reverse

from journal import profile, second_factor, throttle
from journal.models import Keyring, Session
from journal.second_factor import WrongCodeError
from tests.conftest import PASSWORD, Person

pytestmark = pytest.mark.django_db
NEW = "nine loud cranes at dusk"
START = int(time.time()) // 30 * 30  # so that sessions made before the clock stops are not over


def code(seed: bytes, step: int = 0) -> str:
    return second_factor._totp(seed).generate(START + step * second_factor.STEP_SECONDS).decode()


@pytest.fixture
def seed(alice: Person) -> bytes:
    """Alice has turned the second step on, at a moment that stands still; the code of that moment is used up."""
    new = second_factor.new_seed()
    with time_machine.travel(START, tick=False):
        second_factor.turn_on(alice.vault, new, code(new))
    return new


def sign_in(given: str = "", password: str = PASSWORD) -> int:
    fields = {"username": "alice", "password": password, "code": given}
    return Client().post(reverse("sign-in"), fields).status_code


def test_codes_are_those_of_rfc_6238() -> None:
    assert second_factor._totp(b"12345678901234567890").generate(59) == b"287082"
    assert second_factor._totp(b"12345678901234567890").generate(1111111109) == b"081804"


@time_machine.travel(START, tick=False)
def test_it_is_turned_on_with_a_code_of_the_seed_on_the_page_and_shows_backup_codes_once(alice: Person) -> None:
    page = alice.client.get(reverse("code")).content.decode()
    carried = re.search(r'name="seed" value="([0-9a-f]{40})"', page)[1]
    assert "<svg" in page.split('class="qr"')[1]
    fields = {"seed": carried, "code": "000000", "password": PASSWORD}
    refused = alice.client.post(reverse("code"), fields)
    assert (refused.status_code, carried in refused.content.decode()) == (422, True)
    assert not second_factor.is_on(alice.vault)
    answer = alice.client.post(reverse("code"), {**fields, "code": code(bytes.fromhex(carried))})
    shown = re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", answer.content.decode())
    assert [each.replace("-", "") for each in shown] == profile.read(alice.vault).backup_codes
    assert len(shown) == second_factor.BACKUP_CODES
    assert "backup codes left" in alice.client.get(reverse("account")).content.decode()
    assert shown[0] not in alice.client.get(reverse("code")).content.decode()


def test_turning_it_on_or_off_takes_the_password(alice: Person, seed: bytes) -> None:
    with time_machine.travel(START + 60, tick=False):
        assert (
            alice.client.post(reverse("code"), {"password": "wrong password", "code": code(seed, 2)}).status_code == 422
        )
        assert alice.client.post(reverse("code"), {"password": PASSWORD, "code": "1"}).status_code == 422
        assert second_factor.is_on(alice.vault)
        assert alice.client.post(reverse("code"), {"password": PASSWORD, "code": code(seed, 2)}).status_code == 302
    assert not second_factor.is_on(alice.vault)


@time_machine.travel(START, tick=False)
def test_turning_it_on_signs_out_everywhere_else(alice: Person) -> None:
    alice.sign_in(Client())
    new = second_factor.new_seed()
    alice.client.post(reverse("code"), {"seed": new.hex(), "code": code(new), "password": PASSWORD})
    assert Session.objects.filter(user=alice.user).count() == 1
    assert alice.client.get(reverse("journal")).status_code == 200


def test_nobody_signs_in_without_a_code(seed: bytes) -> None:
    with time_machine.travel(START + 60, tick=False):
        assert [sign_in(given) for given in ("", "000000", "É٣٣", code(second_factor.new_seed()))] == [422] * 4
        assert sign_in(code(seed, 2)) == 302


def test_a_wrong_password_says_nothing_of_codes(seed: bytes) -> None:
    wrong = {"username": "alice", "password": "wrong password", "code": ""}
    assert "don’t match" in Client().post(reverse("sign-in"), wrong).content.decode()
    right = {**wrong, "password": PASSWORD}
    assert "also asks for a code" in Client().post(reverse("sign-in"), right).content.decode()


def test_a_code_is_taken_once_and_none_before_it(seed: bytes) -> None:
    with time_machine.travel(START + 60, tick=False):
        assert sign_in(code(seed, 2)) == 302
        assert sign_in(code(seed, 2)) == 422
        assert sign_in(code(seed, 1)) == 422
        assert sign_in(code(seed, 3)) == 302


def test_a_backup_code_opens_once(alice: Person, seed: bytes) -> None:
    one = profile.read(alice.vault).backup_codes[0]
    typed = f" {one[:5].lower()} - {one[5:]}"
    assert [sign_in(typed), sign_in(typed)] == [302, 422]
    assert len(profile.read(alice.vault).backup_codes) == second_factor.BACKUP_CODES - 1


@pytest.mark.django_db(transaction=True)
def test_one_backup_code_sent_twice_at_one_moment_opens_once(alice: Person, seed: bytes) -> None:
    one = profile.read(alice.vault).backup_codes[0]

    def try_it(_: int) -> int:
        try:
            return sign_in(one)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == [302, 422, 422, 422]


def test_wrong_codes_are_counted_like_wrong_passwords(seed: bytes) -> None:
    with time_machine.travel(START + 60, tick=False):
        tries = [sign_in("000000") for _ in range(throttle.TRIES_AT_ONE_NAME_FROM_ONE_NETWORK + 1)]
        assert tries == [422] * throttle.TRIES_AT_ONE_NAME_FROM_ONE_NETWORK + [429]
        assert sign_in(code(seed, 2)) == 429


@pytest.mark.parametrize(
    ("name", "fields", "done"),
    [
        ("password", {"new_password": NEW, "lock_out": "on"}, 200),
        ("password", {"new_password": NEW}, 200),
        ("new-key", {}, 200),
        ("delete-account", {}, 302),
    ],
)
def test_what_changes_the_keys_asks_for_a_code(
    alice: Person, seed: bytes, name: str, fields: dict[str, str], done: int
) -> None:
    with time_machine.travel(START + 60, tick=False):
        alice.client.post(reverse("unlock"), {"password": PASSWORD})
        before = bytes(Keyring.objects.get().password_slot)
        for wrong in ("", "000000"):
            answer = alice.client.post(reverse(name), {**fields, "password": PASSWORD, "code": wrong})
            assert answer.status_code == 422
        assert bytes(Keyring.objects.get().password_slot) == before
        answer = alice.client.post(reverse(name), {**fields, "password": PASSWORD, "code": code(seed, 2)})
        assert answer.status_code == done


def test_recovering_asks_for_a_code_and_keeps_the_second_step_on(alice: Person, seed: bytes) -> None:
    fields = {"username": "alice", "recovery_key": alice.recovery_key, "new_password": NEW}
    with time_machine.travel(START + 60, tick=False):
        refused = Client().post(reverse("recover"), fields)
        assert (refused.status_code, "also asks for a code" in refused.content.decode()) == (422, True)
        assert Client().post(reverse("recover"), {**fields, "code": code(seed, 2)}).status_code == 200
        assert [sign_in("", NEW), sign_in(code(seed, 3), NEW)] == [422, 302]


def test_whoever_holds_the_recovery_key_can_not_try_codes_without_end(
    alice: Person, seed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "TRIES_OF_CODES", 3)
    fields = {"username": "alice", "recovery_key": alice.recovery_key, "new_password": NEW, "code": "000000"}
    tries = [
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(reverse("recover"), fields).status_code for number in range(5)
    ]
    assert tries == [422] * 3 + [429] * 2


def test_a_lock_opens_by_the_password_alone(alice: Person, seed: bytes) -> None:
    with time_machine.travel(START + 60, tick=False):
        alice.client.post(reverse("sign-in"), {"username": "alice", "password": PASSWORD, "code": code(seed, 2)})
        alice.client.post(reverse("lock"))
        assert alice.client.post(reverse("unlock"), {"password": PASSWORD}).status_code == 302


def test_the_desks_door_is_no_way_round_it(alice: Person, seed: bytes) -> None:
    alice.user.is_staff = True
    alice.user.save()
    answer = Client().post(reverse("admin:login"), {"username": "alice", "password": PASSWORD})
    assert (answer.status_code, "asks for a code" in answer.content.decode()) == (200, True)


def test_a_damaged_profile_lets_nobody_in_by_password_and_the_recovery_key_mends_it(alice: Person, seed: bytes) -> None:
    Keyring.objects.update(profile=b"\x01" + b"damaged" * 20)
    with pytest.raises(WrongCodeError):
        authenticate(None, username="alice", password=PASSWORD, code=code(seed, 2))
    assert "can’t be read" in alice.client.get(reverse("account")).content.decode()
    alice.client.post(reverse("account"), {"minutes": "5"})
    assert profile.read(alice.vault).is_damaged
    fields = {"username": "alice", "recovery_key": alice.recovery_key, "new_password": NEW}
    assert Client().post(reverse("recover"), fields).status_code == 200
    assert sign_in("", NEW) == 302


def test_the_seed_and_the_backup_codes_stand_nowhere_in_clear(alice: Person, seed: bytes) -> None:
    stored = bytes(Keyring.objects.get().profile)
    assert seed.hex().encode() in alice.vault.open_note(stored, "profile")
    for clear in (seed, seed.hex().encode(), profile.read(alice.vault).backup_codes[0].encode()):
        assert clear not in stored

import contextlib
import threading
import time

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse

from config import server
from journal import throttle
from journal.models import Attempts
from journal.throttle import BusyError, TooManyTriesError
from tests.conftest import PASSWORD, Person

pytestmark = pytest.mark.django_db
LIMIT = throttle.TRIES_AT_ONE_NAME_FROM_ONE_NETWORK


def request_from(address: str, forwarded: str = "") -> object:
    return RequestFactory().get("/", REMOTE_ADDR=address, headers={"X-Forwarded-For": forwarded} if forwarded else {})


def use_up(address: str, name: str) -> None:
    for _ in range(LIMIT):
        throttle.count(request_from(address), name)


def test_one_try_too_many_is_refused_with_the_minutes_to_wait() -> None:
    with time_machine.travel(1_800_000_000 - 1_800_000_000 % throttle.WINDOW_SECONDS, tick=False):
        use_up("192.0.2.1", "alice")
        with pytest.raises(TooManyTriesError) as refused:
            throttle.count(request_from("192.0.2.1"), "alice")
    assert refused.value.minutes == 16


@pytest.fixture
def _remembering(settings: object) -> None:
    """A cache as `CACHE_URL` gives one, in this process."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.mark.usefixtures("_remembering")
def test_a_counter_that_is_known_to_be_full_is_not_asked_again(django_assert_num_queries: object) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        use_up("192.0.2.1", "alice")
        with pytest.raises(TooManyTriesError):
            throttle.count(request_from("192.0.2.1"), "alice")
        with django_assert_num_queries(0), pytest.raises(TooManyTriesError):
            throttle.count(request_from("192.0.2.1"), "alice")
        throttle.count(request_from("192.0.2.1"), "bob")
    with time_machine.travel(1_800_000_000 + throttle.WINDOW_SECONDS, tick=False):
        throttle.count(request_from("192.0.2.1"), "alice")


@pytest.mark.usefixtures("_remembering")
def test_a_try_that_is_given_back_opens_what_was_known_to_be_full() -> None:
    use_up("192.0.2.1", "alice")
    with pytest.raises(TooManyTriesError):
        throttle.count(request_from("192.0.2.1"), "alice")
    for _ in range(2):  # the one too many was counted as well
        throttle.give_back(request_from("192.0.2.1"), "alice")
    throttle.count(request_from("192.0.2.1"), "alice")


def test_tries_are_forgotten_when_the_time_is_over() -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        use_up("192.0.2.1", "alice")
    with time_machine.travel(1_800_000_000 + throttle.WINDOW_SECONDS, tick=False):
        throttle.count(request_from("192.0.2.1"), "alice")


def test_a_stranger_elsewhere_does_not_lock_the_owner_out() -> None:
    use_up("192.0.2.1", "alice")
    throttle.count(request_from("198.51.100.7"), "alice")


def test_another_name_at_the_same_place_is_not_locked_out() -> None:
    use_up("192.0.2.1", "alice")
    throttle.count(request_from("192.0.2.1"), "bob")


def test_one_place_can_not_try_many_names() -> None:
    for number in range(throttle.TRIES_FROM_ONE_NETWORK):
        throttle.count(request_from("192.0.2.1"), f"name{number}")
    with pytest.raises(TooManyTriesError):
        throttle.count(request_from("192.0.2.1"), "one-more")


def test_an_ipv6_network_counts_as_one_place() -> None:
    use_up("2001:db8::1", "alice")
    with pytest.raises(TooManyTriesError):
        throttle.count(request_from("2001:db8::ffff"), "alice")
    throttle.count(request_from("2001:db8:0:1::1"), "alice")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "127.0.0.1/32"),
        (1, "203.0.113.9", "203.0.113.9/32"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9/32"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9/32"),
        (2, "203.0.113.9", "127.0.0.1/32"),
        (1, "nonsense", ""),
    ],
)
def test_a_forged_header_is_no_help(settings: object, proxies: int, forwarded: str, expected: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert throttle.network(request_from("127.0.0.1", forwarded)) == expected


def test_a_counter_names_nobody() -> None:
    throttle.count(request_from("192.0.2.1"), "alice")
    stored = b"".join(bytes(row.key) for row in Attempts.objects.all())
    assert Attempts.objects.count() == 3
    assert b"alice" not in stored
    assert b"192.0.2.1" not in stored


def test_a_try_that_succeeds_is_given_back(alice: Person) -> None:
    for _ in range(LIMIT * 2):
        alice.sign_in(Client())
    assert set(Attempts.objects.values_list("count", flat=True)) == {0}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("sign-in", {"username": "alice", "password": "wrong password"}),
        ("unlock", {"password": "wrong password"}),
        ("password", {"password": "wrong password", "new_password": "nine loud cranes at dusk"}),
        ("delete-account", {"password": "wrong password"}),
        ("export", {"shape": "locked", "password": "wrong password"}),
        ("admin:login", {"username": "alice", "password": "wrong password"}),
        (
            "recover",
            {
                "username": "alice",
                "recovery_key": "00000-00000-00000-00000-00000-0831D",
                "new_password": "nine loud cranes at dusk",
            },
        ),
    ],
)
def test_every_door_counts_and_closes(alice: Person, name: str, fields: dict[str, str]) -> None:
    client = Client() if name == "admin:login" else alice.client
    for _ in range(LIMIT):
        assert client.post(reverse(name), fields).status_code in {200, 422}
    response = client.post(reverse(name), fields)
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()


def test_nobody_joins_or_asks_for_names_without_end(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "TRIES_TO_JOIN_FROM_ONE_NETWORK", 3)
    asked = [Client().post(reverse("join"), {"username": "alice", "password": PASSWORD}).status_code for _ in range(5)]
    assert asked == [422, 422, 422, 429, 429]


def test_the_right_password_is_refused_too_while_a_door_is_closed(alice: Person) -> None:
    use_up("127.0.0.1", "alice")
    response = Client().post(reverse("sign-in"), {"username": "alice", "password": PASSWORD})
    assert response.status_code == 429


def test_somebody_who_waits_too_long_for_a_hash_is_told_to_come_back(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "HASH_WAIT_SECONDS", 0.05)
    holding = [throttle.hashing() for _ in range(throttle.HASHES_AT_ONCE)]
    for place in holding:
        place.__enter__()
    try:
        with pytest.raises(BusyError), throttle.hashing():
            pass
        response = Client().post(reverse("sign-in"), {"username": "alice", "password": PASSWORD})
    finally:
        for place in holding:
            place.__exit__(None, None, None)
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_somebody_who_comes_when_all_places_are_taken_is_told_at_once(alice: Person) -> None:
    """So that threads are left for readers: nobody waits for a hash behind more than a few."""
    over, held = threading.Event(), threading.Barrier(throttle.PLACES + 1)

    def work() -> None:
        with throttle._places:
            held.wait()
            over.wait()

    threads = [threading.Thread(target=work) for _ in range(throttle.PLACES)]
    for thread in threads:
        thread.start()
    held.wait()
    try:
        response = Client().post(reverse("sign-in"), {"username": "alice", "password": PASSWORD})
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert Client().post(reverse("sign-in"), {"username": "alice", "password": PASSWORD}).status_code == 302


def test_a_process_has_threads_that_never_wait_for_a_hash() -> None:
    assert throttle.HASHES_AT_ONCE <= throttle.PLACES < server.THREADS


def test_no_more_hashes_run_at_once_than_there_are_places() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal running, most
        with throttle.hashing():
            with lock:
                running += 1
                most = max(most, running)
            threading.Event().wait(0.02)
            with lock:
                running -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == throttle.HASHES_AT_ONCE


def test_old_counters_are_swept() -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        throttle.count(request_from("192.0.2.1"), "alice")
    with time_machine.travel(1_800_000_000 + 3 * throttle.WINDOW_SECONDS, tick=False):
        assert throttle.sweep() == 3


def test_one_network_can_not_close_a_name_to_everybody_else() -> None:
    for _ in range(throttle.TRIES_AT_ONE_NAME + 10):
        with contextlib.suppress(TooManyTriesError):
            throttle.count(request_from("192.0.2.1"), "alice")
    throttle.count(request_from("198.51.100.7"), "alice")


def test_refused_tries_leave_no_rows_for_names_nobody_has() -> None:
    for number in range(throttle.TRIES_FROM_ONE_NETWORK + 50):
        with contextlib.suppress(TooManyTriesError):
            throttle.count(request_from("192.0.2.1"), f"name{number}")
    assert Attempts.objects.count() == 1 + 2 * throttle.TRIES_FROM_ONE_NETWORK


def test_an_ipv4_address_in_ipv6_clothes_is_itself() -> None:
    assert throttle.network(request_from("::ffff:192.0.2.1")) == "192.0.2.1/32"


@pytest.mark.parametrize("name", ["sign-in", "join", "recover"])
def test_a_password_without_end_is_refused_by_its_length(name: str) -> None:
    """Composing such marks takes time that grows with the square of their number."""
    endless = "a" + "\u0345" * 1000 + "\u0334" * 1000
    response = Client().post(reverse(name), {"username": "alice", "password": endless, "new_password": endless})
    assert response.status_code == 422
    assert "That password is too long." in response.content.decode()


def test_a_password_without_end_is_not_even_counted_at_the_desk() -> None:
    Client().post(reverse("admin:login"), {"username": "alice", "password": "\u0345" * 2000})
    assert not Attempts.objects.exists()


def lock_out(name: str) -> None:
    """Have strangers close a name everywhere, and the network of its owner too."""
    for network in range(12):
        for _ in range(LIMIT):
            with contextlib.suppress(TooManyTriesError):
                throttle.count(request_from(f"198.51.100.{network}"), name)
    for number in range(throttle.TRIES_FROM_ONE_NETWORK):
        throttle.count(request_from("127.0.0.1"), f"{name}-{number}")


def test_a_known_browser_gets_in_while_strangers_guess(alice: Person) -> None:
    lock_out("alice")
    alice.client.post(reverse("sign-out"))
    fields = {"username": "alice", "password": PASSWORD}
    assert Client().post(reverse("sign-in"), fields).status_code == 429
    assert alice.client.post(reverse("sign-in"), fields).status_code == 302


def test_a_known_browser_has_few_tries_too(alice: Person) -> None:
    fields = {"username": "alice", "password": "wrong password"}
    tries = [alice.client.post(reverse("sign-in"), fields).status_code for _ in range(12)]
    assert tries == [422] * throttle.TRIES_FROM_ONE_DEVICE + [429] * 2


@pytest.mark.parametrize("forge", [lambda cookie: cookie[:32] + "0" * 64, lambda cookie: cookie[32:], lambda _: "é"])
def test_a_forged_device_cookie_counts_as_a_strangers(alice: Person, forge: object) -> None:
    lock_out("alice")
    thief = Client()
    thief.cookies["device"] = forge(alice.client.cookies["device"].value)
    assert thief.post(reverse("sign-in"), {"username": "alice", "password": PASSWORD}).status_code == 429


def test_a_browser_is_known_for_one_name_only(alice: Person, mallory: Person) -> None:
    lock_out("alice")
    assert mallory.client.post(reverse("sign-in"), {"username": "alice", "password": PASSWORD}).status_code == 429


def test_a_browser_is_known_for_one_password_only_and_not_for_ever(alice: Person) -> None:
    elsewhere = alice.sign_in(Client())
    new = "nine loud cranes at dusk"
    alice.client.post(reverse("password"), {"password": PASSWORD, "new_password": new, "lock_out": "on"})
    lock_out("alice")
    fields = {"username": "alice", "password": new}
    assert elsewhere.post(reverse("sign-in"), fields).status_code == 429
    assert alice.client.post(reverse("sign-in"), fields).status_code == 302
    with time_machine.travel(time.time() + 91 * 24 * 60 * 60):
        lock_out("alice")
        assert alice.client.post(reverse("sign-in"), fields).status_code == 429


def test_a_device_cookie_names_nobody_and_is_unseen_by_scripts(alice: Person) -> None:
    cookie = alice.client.cookies["device"]
    assert (len(cookie.value), cookie["httponly"], cookie["samesite"], cookie["path"]) == (96, True, "Strict", "/")
    assert cookie["max-age"] == 90 * 24 * 60 * 60
    assert alice.sign_in().cookies["device"].value == cookie.value

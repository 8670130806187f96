import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from journal import session
from journal.models import Session, UnlockedSession
from journal.session_store import hashed
from tests.conftest import Person

pytestmark = pytest.mark.django_db
COOKIE = settings.JOURNAL_KEY_COOKIE_NAME


def is_open(client: Client) -> bool:
    return client.get(reverse("journal")).status_code == 200


def test_a_session_is_stored_under_a_hash_of_its_key(alice: Person) -> None:
    key = alice.client.cookies["session"].value
    stored = Session.objects.get().session_key
    assert stored == hashed(key)
    assert key not in stored
    assert UnlockedSession.objects.get().session_id == stored


def test_the_stored_hash_is_no_key(alice: Person) -> None:
    thief = Client()
    thief.cookies["session"] = Session.objects.get().session_key
    thief.cookies[COOKIE] = alice.client.cookies[COOKIE].value
    assert not is_open(thief)


def test_the_session_alone_is_locked(alice: Person) -> None:
    del alice.client.cookies[COOKIE]
    response = alice.client.get(reverse("journal"))
    assert (response.status_code, response["Location"]) == (302, "/unlock/?next=%2Fjournal%2F")
    assert UnlockedSession.objects.count() == 1


def test_the_cookie_of_somebody_else_opens_nothing(alice: Person, mallory: Person) -> None:
    alice.client.cookies[COOKIE] = mallory.client.cookies[COOKIE].value
    assert not is_open(alice.client)


def test_the_servers_half_moved_to_another_session_opens_nothing(alice: Person, mallory: Person) -> None:
    """Mallory can write to the database, and knows his own cookie only."""
    hers = UnlockedSession.objects.get(keyring=alice.user.keyring)
    UnlockedSession.objects.filter(keyring=mallory.user.keyring).update(
        slot=hers.slot, keyring=hers.keyring, idle_at=hers.idle_at, ends_at=hers.ends_at
    )
    assert not is_open(mallory.client)


def test_an_end_moved_by_hand_locks(alice: Person) -> None:
    row = UnlockedSession.objects.get()
    UnlockedSession.objects.update(idle_at=row.idle_at + 3600)
    assert not is_open(alice.client)


@pytest.mark.parametrize("value", ["", "zz", "00", "00" * 31, "00" * 33, "00" * 32])
def test_a_cookie_that_is_no_key_is_locked_and_changes_nothing(alice: Person, value: str) -> None:
    alice.client.cookies[COOKIE] = value
    assert not is_open(alice.client)
    assert UnlockedSession.objects.count() == 1


def test_the_key_cookie_is_for_this_site_only_and_unseen_by_scripts(alice: Person) -> None:
    cookie = alice.client.cookies[COOKIE]
    assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == ("Strict", True, "/")
    assert cookie["max-age"] == cookie["expires"] == ""


def test_it_locks_after_fifteen_quiet_minutes_and_deletes_the_servers_half(alice: Person) -> None:
    with time_machine.travel(UnlockedSession.objects.get().idle_at - 1, tick=False):
        assert session_row_survives(alice)
    with time_machine.travel(UnlockedSession.objects.get().idle_at, tick=False):
        assert not is_open(alice.client)
    assert not UnlockedSession.objects.exists()
    assert not is_open(alice.client)


def session_row_survives(person: Person) -> bool:
    return is_open(person.client) and UnlockedSession.objects.exists()


def test_a_page_left_open_gives_way_to_the_lock_screen_unless_somebody_may_be_writing_in_it(alice: Person) -> None:
    alice.write(2, "text")
    with time_machine.travel(UnlockedSession.objects.get().idle_at - 900, tick=False):
        answer = alice.client.get("/journal/2/history/1/")
    assert answer["Refresh"] == "905; url=/unlock/?next=%2Fjournal%2F2%2Fhistory%2F1%2F"
    for path in ("/journal/2/", "/journal/pages/new/", "/unlock/", "/"):
        assert not alice.client.get(path).has_header("Refresh")


def test_reading_moves_the_limit_but_not_at_every_page(alice: Person) -> None:
    first = UnlockedSession.objects.get().idle_at
    with time_machine.travel(first - settings.JOURNAL_IDLE_SECONDS + 30, tick=False):
        assert is_open(alice.client)
    assert UnlockedSession.objects.get().idle_at == first
    with time_machine.travel(first - settings.JOURNAL_IDLE_SECONDS + 90, tick=False):
        assert is_open(alice.client)
    assert UnlockedSession.objects.get().idle_at == first + 90


def test_it_locks_after_twelve_hours_however_busy(alice: Person) -> None:
    end = UnlockedSession.objects.get().ends_at
    now = UnlockedSession.objects.get().idle_at - settings.JOURNAL_IDLE_SECONDS
    while now < end - 600:
        now += 600
        with time_machine.travel(now, tick=False):
            assert is_open(alice.client)
    with time_machine.travel(end, tick=False):
        assert alice.client.get(reverse("journal")).status_code == 302
    assert not UnlockedSession.objects.filter(ends_at=end).exists()


def test_unlocking_changes_the_session_key(alice: Person) -> None:
    before = alice.client.cookies["session"].value
    alice.client.post(reverse("lock"))
    response = alice.client.post(reverse("unlock"), {"password": alice.password})
    assert response.status_code == 302
    assert alice.client.cookies["session"].value != before
    assert is_open(alice.client)
    assert not Session.objects.filter(session_key=hashed(before)).exists()


def test_locking_keeps_the_person_known_and_deletes_both_halves(alice: Person) -> None:
    response = alice.client.post(reverse("lock"))
    assert response["Clear-Site-Data"] == '"storage"'
    assert response.cookies[COOKIE].value == ""
    assert not UnlockedSession.objects.exists()
    assert alice.client.get(reverse("journal"))["Location"].startswith("/unlock/")


def test_a_kept_cookie_opens_nothing_after_signing_out(alice: Person) -> None:
    kept = {name: alice.client.cookies[name].value for name in ("session", COOKIE)}
    response = alice.client.post(reverse("sign-out"))
    assert response["Clear-Site-Data"] == '"storage"'
    assert {response.cookies[name].value for name in ("session", COOKIE, "csrf")} == {""}
    thief = Client()
    for name, value in kept.items():
        thief.cookies[name] = value
    assert thief.get(reverse("journal"))["Location"].startswith("/sign-in/")


def test_a_new_password_ends_every_other_session(alice: Person) -> None:
    elsewhere = alice.sign_in(Client())
    alice.client.post(reverse("password"), {"password": alice.password, "new_password": "nine loud cranes at dusk"})
    assert is_open(alice.client)
    assert elsewhere.get(reverse("journal"))["Location"].startswith("/sign-in/")


def test_leaving_locks_by_beacon_and_by_link_without_a_token(alice: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = alice.client.cookies
    assert strict.post(reverse("leave")).status_code == 204
    assert not UnlockedSession.objects.exists()
    response = strict.get(reverse("leave"))
    assert (response.status_code, response["Location"]) == (303, "https://www.weather.gov/")


def test_somebody_s_sign_in_sweeps_what_others_left_behind(alice: Person, mallory: Person) -> None:
    UnlockedSession.objects.filter(keyring=alice.user.keyring).update(idle_at=1)
    mallory.sign_in(Client())
    assert not UnlockedSession.objects.filter(keyring=alice.user.keyring).exists()


def test_sweeping_deletes_the_halves_of_sessions_past_their_limits(alice: Person, mallory: Person) -> None:
    UnlockedSession.objects.filter(keyring=alice.user.keyring).update(idle_at=1)
    assert session.sweep() == 1
    assert UnlockedSession.objects.get().keyring == mallory.user.keyring


def test_unlocking_after_a_new_pepper_stays_signed_in(alice: Person, settings: object) -> None:
    alice.client.post(reverse("lock"))
    settings.JOURNAL_PEPPERS = {**settings.JOURNAL_PEPPERS, 2: b"p" * 32}
    alice.client.post(reverse("unlock"), {"password": alice.password})
    assert is_open(alice.client)


def test_the_servers_half_goes_with_its_session(alice: Person) -> None:
    alice.sign_in()
    alice.sign_in()
    assert UnlockedSession.objects.count() == 1
    assert is_open(alice.client)


def test_unlocking_never_leads_out_of_the_journal(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    data = {"password": alice.password, "next": "/journal/../leave/"}
    assert alice.client.post(reverse("unlock"), data)["Location"] == "/journal/#main"

"""The pages of the account: where somebody is signed in, what happened at the door, choices, the recovery key."""

from datetime import UTC

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse

from journal import crypto, devices, notices, profile, vault
from journal.models import Keyring, Notice, Session, UnlockedSession, User
from journal.profile import Profile
from tests.conftest import PASSWORD, Person

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
START = 1_800_000_000
HOURS_THAT_NEVER_WERE = (b"1e99", b"1" * 50, b"99999999999999", b"-99999999999999", b"99999999", b"NaN", b'"1"', b"[]")


def page(person: Person, name: str) -> str:
    return person.client.get(reverse(name)).content.decode()


def test_it_lists_where_somebody_is_signed_in_by_device_and_hour_and_no_address(alice: Person, mallory: Person) -> None:
    phone = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.77")
    alice.sign_in(phone)
    phone.post(reverse("lock"))
    shown = page(alice, "sessions")
    assert shown.count(", here</b>") == 1
    assert shown.count("· locked</span>") == 1
    assert shown.count("· open</span>") == 1
    assert "Firefox on an Android device" in shown
    assert "192.0.2.77" not in shown


def test_a_session_does_not_say_in_clear_with_what_and_when(alice: Person) -> None:
    alice.sign_in(Client(headers={"User-Agent": FIREFOX}))
    assert [row.get_decoded().keys() for row in Session.objects.filter(user=alice.user)] == [
        {"_auth_user_id", "_auth_user_backend", "_auth_user_hash", "about"}
    ] * 2
    for row in Session.objects.all():
        assert "Firefox" not in str(row.get_decoded())
        assert "Firefox" not in str(bytes.fromhex(row.get_decoded()["about"]))


def test_signing_out_everywhere_else_ends_all_but_this_one(alice: Person, mallory: Person) -> None:
    others = [alice.sign_in(Client()) for _ in range(2)]
    assert alice.client.post(reverse("sessions"))["Location"] == "/account/sessions/?done=others"
    assert [other.get(reverse("journal")).status_code for other in others] == [302, 302]
    assert [other.get(reverse("journal"))["Location"] for other in others] == ["/sign-in/?next=%2Fjournal%2F"] * 2
    assert alice.client.get(reverse("journal")).status_code == 200
    assert mallory.client.get(reverse("journal")).status_code == 200
    assert (Session.objects.count(), UnlockedSession.objects.count()) == (2, 2)


def test_wrong_tries_are_told_to_their_owner_and_nobody_else(alice: Person, mallory: Person) -> None:
    thief = Client(headers={"User-Agent": FIREFOX})
    thief.post(reverse("sign-in"), {"username": "alice", "password": "wrong password"})
    key = "00000-00000-00000-00000-00000-0831D"
    thief.post(reverse("recover"), {"username": "alice", "recovery_key": key, "new_password": "nine loud cranes"})
    shown = page(alice, "sessions")
    assert shown.index("Wrong recovery key") < shown.index("Wrong password") < shown.index("Signed in")
    assert shown.count("Firefox on an Android device") == 2
    assert "Wrong password" not in page(mallory, "sessions")


def test_a_notice_tells_the_database_nothing(alice: Person) -> None:
    Client().post(reverse("sign-in"), {"username": "alice", "password": "wrong password"})
    Client().post(reverse("sign-in"), {"username": "nobody-at-all", "password": "wrong password"})
    sealed = [bytes(row.sealed) for row in Notice.objects.all()]
    assert len({len(each) for each in sealed}) == 1
    assert not any(b"password" in each or b"what" in each for each in sealed)
    assert Notice.objects.filter(keyring=None).count() == 1


def test_only_the_newest_notices_are_kept(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "KEPT", 3)
    for what in ("in", "password", "code", "key", "changed"):
        notices.add(alice.user.keyring, what, None)
    assert [each.said for each in notices.told(alice.vault, None)] == [
        notices.SAID[what] for what in ("changed", "key", "code")
    ]


def test_a_damaged_notice_or_public_key_stops_nothing(alice: Person) -> None:
    Notice.objects.update(sealed=b"damaged")
    for damaged in (b"", b"short", bytes(32)):
        Keyring.objects.update(notice_key=damaged)
        refused = Client().post(reverse("sign-in"), {"username": "alice", "password": "wrong password"})
        assert refused.status_code == 422
    assert "Nothing yet." in page(alice, "sessions")


@pytest.mark.parametrize(
    "made_up",
    [
        b"",
        b"[]",
        b"[" * 128,
        b"\xff",
        b'{"what": "x"}',
        b'{"what": [], "device": "", "hour": 1}',
        *(b'{"what": "in", "device": "x", "hour": %s}' % hour for hour in HOURS_THAT_NEVER_WERE),
    ],
)
def test_a_made_up_notice_is_left_out(alice: Person, made_up: bytes) -> None:
    """The public key is in the open: whoever writes to the database can seal anything for her."""
    keyring = alice.user.keyring
    Notice.objects.update(sealed=vault.seal_notice(bytes(keyring.notice_key), keyring.pk.bytes, made_up))
    assert "Nothing yet." in page(alice, "sessions")


def test_a_made_up_notice_without_bottom_is_left_out_before_and_after_a_change_of_keys(alice: Person) -> None:
    """It is longer than any of ours, and the JSON in it would be too deep to read."""
    keyring = alice.user.keyring
    info = crypto.bind(crypto.VERSION, b"notice", keyring.pk.bytes)
    Notice.objects.update(sealed=crypto.seal_for(bytes(keyring.notice_key), b"[" * 100_000, info))
    assert "Nothing yet." in page(alice, "sessions")
    fields = {"password": PASSWORD, "new_password": "nine loud cranes at dusk", "lock_out": "on"}
    assert alice.client.post(reverse("password"), fields).status_code == 200
    shown = page(alice, "sessions")
    assert (shown.count("Password changed"), shown.count("Signed in")) == (1, 0)


def test_whatever_happened_on_whatever_device_fits_into_a_notice(alice: Person) -> None:
    """So that no sign-in fails for want of room."""
    Notice.objects.all().delete()
    agents = [f"{system} {browser}" for system, _ in devices._SYSTEMS for browser, _ in devices._BROWSERS]
    for what in notices.SAID:
        for agent in agents:
            request = RequestFactory(headers={"User-Agent": agent}).get("/")
            notices.add(alice.user.keyring, what, request)
            told = notices.told(alice.vault, UTC)[0]
            assert (told.said, told.device) == (notices.SAID[what], devices.kind(agent))


def test_notices_outlive_a_change_of_keys(alice: Person) -> None:
    fields = {"password": PASSWORD, "new_password": "nine loud cranes at dusk", "lock_out": "on"}
    alice.client.post(reverse("password"), fields)
    shown = page(alice, "sessions")
    assert shown.index("Password changed") < shown.index("Signed in")


@pytest.mark.parametrize(
    ("user_agent", "kind"),
    [
        (FIREFOX, "Firefox on an Android device"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on a Windows computer"),
        ("Mozilla/5.0 (Macintosh) Chrome/140.0 Safari/537.36", "Chrome on a Mac"),
        ("<script>", "A browser on a device"),
    ],
)
def test_devices_are_told_by_kind_only(user_agent: str, kind: str) -> None:
    assert devices.kind(user_agent) == kind


def test_the_idle_time_is_chosen_and_holds_at_once_and_at_the_next_sign_in(alice: Person) -> None:
    with time_machine.travel(START, tick=False):
        alice.sign_in()
        alice.client.post(reverse("account"), {"minutes": "5"})
        assert UnlockedSession.objects.get(keyring=alice.user.keyring).idle_at == START + 300
        assert alice.client.get(reverse("journal"))["Refresh"].startswith("305;")
    with time_machine.travel(START + 300, tick=False):
        assert alice.client.get(reverse("journal")).status_code == 302
        elsewhere = alice.sign_in(Client())
        assert elsewhere.get(reverse("journal"))["Refresh"].startswith("305;")


@pytest.mark.parametrize("minutes", ["", "0", "4", "31", "1000000", "x", "-5"])
def test_no_other_idle_time_can_be_chosen(alice: Person, minutes: str) -> None:
    alice.client.post(reverse("account"), {"minutes": minutes})
    assert profile.read(alice.vault) == Profile()


def test_the_recovery_key_is_tested_and_stays(alice: Person) -> None:
    typed = alice.recovery_key.lower().replace("-", " ")
    before = bytes(Keyring.objects.get().recovery_slot)
    assert (
        "That is your recovery key" in alice.client.post(reverse("try-key"), {"recovery_key": typed}).content.decode()
    )
    assert bytes(Keyring.objects.get().recovery_slot) == before
    assert "Last checked on" in page(alice, "account")


def test_a_key_that_was_never_checked_is_recalled_quietly_until_it_is(alice: Person) -> None:
    line = "Your recovery key was not checked yet."
    assert line in page(alice, "journal")
    data = {"recovery_key": alice.recovery_key, "next": "/journal/"}
    assert line in alice.client.post(reverse("join-key"), {**data, "skip": "1"}, follow=True).content.decode()
    groups = alice.recovery_key.split("-")
    checked = alice.client.post(reverse("join-key"), {**data, "group_2": groups[1], "group_5": groups[4]}, follow=True)
    assert line not in checked.content.decode()
    alice.client.post(reverse("new-key"), {"password": PASSWORD})
    assert line in page(alice, "journal")


def test_a_typo_is_told_from_a_key_of_something_else(alice: Person, mallory: Person) -> None:
    other = alice.client.post(reverse("try-key"), {"recovery_key": mallory.recovery_key})
    assert "not the one of this journal" in other.content.decode()
    typo = alice.client.post(reverse("try-key"), {"recovery_key": mallory.recovery_key[:-1]})
    assert "mistyped" in typo.content.decode()
    assert profile.read(alice.vault).key_tested == 0


def test_it_counts_what_is_stored(alice: Person) -> None:
    alice.write(2, "one")
    alice.write(2, "two", base=1)
    alice.client.post(reverse("answer-draft", args=[3]), {"text": "three", "base": 0})
    shown = page(alice, "account")
    assert "2 versions of what you wrote, and 1 draft not saved yet, locked" in shown
    assert "1 note of sign-ins and tries" in shown


def test_the_desk_checks_the_old_password_where_tries_are_counted(editor: User) -> None:
    client = Client()
    client.force_login(editor)
    fields = {
        "old_password": "wrong password",
        "new_password1": "nine loud cranes",
        "new_password2": "nine loud cranes",
    }
    tries = [client.post("/manage/password_change/", fields).status_code for _ in range(11)]
    assert tries == [200] * 10 + [429]
    assert User.objects.get(pk=editor.pk).check_password(PASSWORD)

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from journal import accounts
from journal.models import Keyring, User
from tests.conftest import PASSWORD, Person

pytestmark = pytest.mark.django_db
NEW = "nine loud cranes at dusk"


def shown_key(response: object) -> str:
    return re.search(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]{5}", response.content.decode())[0]


def join(client: Client, **more: str) -> object:
    return client.post(reverse("join"), {"username": "calm-river-lamp-42", "password": PASSWORD, **more})


def test_joining_answers_with_the_key_page_and_the_journal_is_open(client: Client) -> None:
    response = join(client)
    assert response.status_code == 200
    assert accounts.has_recovery_key(User.objects.get(), shown_key(response))
    assert client.get(reverse("journal")).status_code == 200


def test_the_promise_stands_before_the_fields(client: Client) -> None:
    page = client.get(reverse("join")).content.decode()
    assert page.index("we can’t reset it for you") < page.index('name="suggested"')


def test_a_refused_sign_in_leads_to_its_field_and_the_doors_to_help(alice: Person) -> None:
    refused = Client().post(reverse("sign-in"), {"username": "alice", "password": "wrong password"}).content.decode()
    assert '<li><a href="#id_username">That user name and password don’t match.</a></li>' in refused
    assert 'id="id_username"' in refused
    alice.client.post(reverse("lock"))
    locked, key = alice.client.get(reverse("unlock")), join(Client())
    assert ["/help/" in response.content.decode() for response in (locked, key)] == [True, True]


@pytest.mark.parametrize("name", ["two words", "", "a" * 41, "-dash", "a/b", "<b>", "name\n"])
def test_a_name_that_can_not_be_is_refused_with_everything_but_the_password_kept(client: Client, name: str) -> None:
    response = join(client, username=name)
    if name == "name\n":
        assert response.status_code == 200  # trimmed, as names are
        return
    assert response.status_code == 422
    assert not User.objects.exists()
    assert PASSWORD not in response.content.decode()


def test_a_taken_name_is_refused(client: Client, alice: Person) -> None:
    response = join(client, username="Alice")
    assert "That one is in use. Try adding two digits." in response.content.decode()
    assert User.objects.count() == 1


def test_confirming_the_key_leads_on_to_where_they_came_from(client: Client) -> None:
    key = shown_key(join(client, next="/journal/2/"))
    groups = key.split("-")
    data = {"recovery_key": key, "group_2": groups[1].lower(), "group_5": f" {groups[4]}", "next": "/journal/2/"}
    response = client.post(reverse("join-key"), data)
    assert (response.status_code, response["Location"]) == (302, "/journal/2/")


def test_a_wrong_group_is_told_and_the_key_still_stands_there(client: Client) -> None:
    key = shown_key(join(client))
    data = {"recovery_key": key, "group_2": key.split("-")[1], "group_5": "AAAAA"}
    response = client.post(reverse("join-key"), data)
    assert response.status_code == 422
    assert "That doesn’t match group 5." in response.content.decode()
    assert shown_key(response) == key


def test_the_key_can_be_skipped_and_is_never_shown_again(client: Client) -> None:
    key = shown_key(join(client))
    response = client.post(reverse("join-key"), {"recovery_key": key, "skip": "1"})
    assert response["Location"] == "/journal/"
    for response in (client.get(reverse("join-key")), client.post(reverse("join-key"), {"recovery_key": "x"})):
        assert "shown once" in response.content.decode()
        assert key not in response.content.decode()


def test_signing_in_opens_the_journal_and_leads_on(alice: Person) -> None:
    browser = Client()
    data = {"username": " ALICE", "password": PASSWORD, "next": "/journal/3/"}
    response = browser.post(reverse("sign-in"), data)
    assert response["Location"] == "/journal/3/"
    assert browser.get(reverse("journal")).status_code == 200


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_page(alice: Person, name: str) -> None:
    response = Client().post(reverse("sign-in"), {"username": name, "password": "wrong password"})
    assert response.status_code == 422
    page = response.content.decode().replace(name, "NAME")
    assert "That user name and password don’t match." in page
    assert "wrong password" not in page


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/journal/", "/manage/", "/\\evil.example", ""]
)
def test_nobody_is_led_on_to_anywhere_else(alice: Person, target: str) -> None:
    response = Client().post(reverse("sign-in"), {"username": "alice", "password": PASSWORD, "next": target})
    assert response["Location"] == "/journal/"


def test_an_editor_without_a_journal_is_told_so(editor: User) -> None:
    response = Client().post(reverse("sign-in"), {"username": "edith", "password": PASSWORD})
    assert "It has no journal." in response.content.decode()


def test_the_lock_screen_says_nothing_about_who_it_is(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    page = alice.client.get(reverse("unlock")).content.decode()
    assert "alice" not in page
    assert "<h1>Locked</h1>" in page


def test_a_wrong_password_leaves_it_locked(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    response = alice.client.post(reverse("unlock"), {"password": "wrong password"})
    assert "That didn’t open it. Try again." in response.content.decode()
    assert alice.client.get(reverse("journal")).status_code == 302


def test_recovering_shows_a_new_key_and_ends_the_old_password(alice: Person) -> None:
    alice.write(2, "what I wrote")
    browser = Client()
    data = {"username": "alice", "recovery_key": alice.recovery_key.lower(), "new_password": NEW}
    response = browser.post(reverse("recover"), data)
    assert shown_key(response) != alice.recovery_key
    assert "what I wrote" in browser.get(reverse("answer", args=[2])).content.decode()
    assert Client().post(reverse("sign-in"), {"username": "alice", "password": PASSWORD}).status_code == 422
    assert alice.client.get(reverse("journal"))["Location"].startswith("/sign-in/")


def test_a_mistyped_recovery_key_is_told_apart_from_a_wrong_one(alice: Person, mallory: Person) -> None:
    def refused(key: str) -> str:
        data = {"username": "alice", "recovery_key": key, "new_password": NEW}
        response = Client().post(reverse("recover"), data)
        assert response.status_code == 422
        return response.content.decode()

    typo = ("0" if alice.recovery_key[0] != "0" else "2") + alice.recovery_key[1:]
    assert "Something in that key is mistyped." in refused(typo)
    assert "That user name and recovery key don’t match." in refused(mallory.recovery_key)


def test_changing_the_password_alone_keeps_entries_and_key(alice: Person) -> None:
    alice.write(2, "what I wrote")
    response = alice.client.post(reverse("password"), {"password": PASSWORD, "new_password": NEW})
    assert "Your password is changed" in response.content.decode()
    assert "what I wrote" in alice.client.get(reverse("answer", args=[2])).content.decode()
    assert accounts.has_recovery_key(User.objects.get(), alice.recovery_key)


def test_changing_the_password_can_lock_out_whoever_knew_the_old_one(alice: Person) -> None:
    alice.write(2, "what I wrote")
    data = {"password": PASSWORD, "new_password": NEW, "lock_out": "on"}
    response = alice.client.post(reverse("password"), data)
    assert shown_key(response) != alice.recovery_key
    assert "what I wrote" in alice.client.get(reverse("answer", args=[2])).content.decode()
    assert not accounts.has_recovery_key(User.objects.get(), alice.recovery_key)


@pytest.mark.parametrize("name", ["password", "new-key", "delete-account"])
def test_nothing_about_an_account_changes_without_the_password(alice: Person, name: str) -> None:
    before = Keyring.objects.values_list("password_slot", "recovery_slot", "dek_tag").get()
    response = alice.client.post(reverse(name), {"password": "wrong password", "new_password": NEW})
    assert response.status_code == 422
    assert "That is not your password" in response.content.decode()
    assert Keyring.objects.values_list("password_slot", "recovery_slot", "dek_tag").get() == before


def test_a_new_recovery_key_is_shown_once_and_works(alice: Person) -> None:
    key = shown_key(alice.client.post(reverse("new-key"), {"password": PASSWORD}))
    assert accounts.has_recovery_key(User.objects.get(), key)
    assert not accounts.has_recovery_key(User.objects.get(), alice.recovery_key)


def test_deleting_the_account_leaves_nobody_signed_in(alice: Person) -> None:
    response = alice.client.post(reverse("delete-account"), {"password": PASSWORD})
    assert response["Clear-Site-Data"] == '"cookies", "storage"'
    assert response["Location"] == "/account/deleted/"
    assert not User.objects.exists()
    assert alice.client.get(reverse("journal"))["Location"].startswith("/sign-in/")


def test_doors_that_would_break_a_vault_are_closed(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's own command, its admin form and its reset views: none sets the password of a journal."""
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)
    with pytest.raises(CommandError, match="Aborting password change"):
        call_command("changepassword", "alice", stdout=io.StringIO(), stderr=io.StringIO())
    staff = Client()
    staff.force_login(User.objects.create_superuser("edith", NEW))
    found = f"/manage/journal/user/{alice.user.pk}/change/?_changelist_filters=q%3Dalice"
    form = staff.get(found).content.decode()
    assert "alice" in form
    assert 'name="password"' not in form
    assert "Reset password" not in form
    for path in (f"/manage/journal/user/{alice.user.pk}/password/", "/password_reset/"):
        assert 'type="password"' not in staff.get(path, follow=True).content.decode()
    assert accounts.open_with_password(User.objects.get(username="alice"), PASSWORD)


@pytest.mark.parametrize(("password", "accepted"), [("abc", False), (NEW, True)])
def test_staff_change_their_password_in_the_admin_by_the_same_rules(
    editor: User, password: str, accepted: bool
) -> None:
    staff = Client()
    staff.force_login(editor)
    data = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    staff.post("/manage/password_change/", data)
    assert User.objects.get().check_password(password) is accepted


def test_staff_with_a_journal_can_not_change_its_password_in_the_admin(alice: Person) -> None:
    User.objects.update(is_staff=True)
    alice.client.force_login(User.objects.get())
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    response = alice.client.post("/manage/password_change/", data)
    assert response.status_code == 200
    assert accounts.open_with_password(User.objects.get(), PASSWORD)


def test_the_editor_command_makes_staff_who_may_publish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    call_command("editor", "Ana", stdout=io.StringIO())
    ana = User.objects.get(username="ana")
    assert (ana.is_staff, ana.is_superuser, ana.check_password(PASSWORD)) == (True, False, True)
    assert [group.name for group in ana.groups.all()] == ["Publishers"]


def test_the_desk_s_door_does_not_name_who_is_locked(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    assert "alice" not in alice.client.get("/manage/login/").content.decode()


@pytest.mark.parametrize("query", ["keyring__isnull=0", "password__startswith=a", "keyring__revisions__number=1"])
def test_no_filter_at_the_desk_tells_who_keeps_a_journal(alice: Person, query: str) -> None:
    staff = Client()
    staff.force_login(User.objects.create_superuser("edith", NEW))
    response = staff.get(f"/manage/journal/user/?{query}")
    assert "alice" not in response.content.decode()


# --- a name to join with ----------------------------------------------------------------------------------


def suggested(page: Any) -> list[str]:
    return re.findall(r'type="radio" name="suggested" value="([^"]*)"', page.content.decode())


def test_three_made_up_names_are_offered_and_ones_own(db: None) -> None:
    *names, own = suggested(Client().get(reverse("join")))
    assert own == ""
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"[a-z]+-[a-z]+-[a-z]+-\d\d", name) for name in names)


@pytest.mark.parametrize(
    ("chosen", "typed", "name"),
    [("calm-river-lamp-42", "", "calm-river-lamp-42"), ("calm-river-lamp-42", "Mine", "mine"), ("", "mine", "mine")],
)
def test_the_name_that_is_typed_goes_before_the_one_that_is_chosen(
    db: None, chosen: str, typed: str, name: str
) -> None:
    response = Client().post(reverse("join"), {"suggested": chosen, "username": typed, "password": PASSWORD})
    assert [user.username for user in User.objects.all()] == [name]
    assert f"Your user name is <b>{name}</b>." in response.content.decode()


def test_no_name_is_said_so_and_a_chosen_one_stays_chosen_where_the_password_is_refused(db: None) -> None:
    refused = Client().post(reverse("join"), {"suggested": "", "username": "", "password": PASSWORD})
    assert (refused.status_code, "Enter a user name." in refused.content.decode()) == (422, True)
    again = Client().post(reverse("join"), {"suggested": "calm-river-lamp-42", "username": "", "password": "short"})
    assert again.status_code == 422
    assert suggested(again)[0] == "calm-river-lamp-42"
    assert re.findall(r'value="([^"]*)"[^>]* checked', again.content.decode()) == ["calm-river-lamp-42"]
    assert not User.objects.exists()

"""Accounts at the desk: superusers alone, staff by list, others by exact name, and a log of what was changed."""

import re
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client

from journal import accounts
from journal.models import Keyring, User
from tests.conftest import PASSWORD, Person, make_person

pytestmark = pytest.mark.django_db
ACCOUNTS, GROUPS, LOG = "/manage/journal/user/", "/manage/auth/group/", "/manage/admin/logentry/"


def staff(name: str, *groups: str) -> User:
    user = User.objects.create_user(name, PASSWORD, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


@pytest.fixture
def root(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def account(user: User, searched: str = "", page: str = "change") -> str:
    return f"{ACCOUNTS}{user.pk}/{page}/" + (f"?_changelist_filters=q%3D{searched}" if searched else "")


def names(client: Client, query: str = "") -> list[str]:
    """The accounts that a list shows."""
    return re.findall(r'field-username"><a [^>]*>(.*?)</a>', client.get(ACCOUNTS + query).content.decode())


def save(client: Client, url: str, **changes: Any) -> None:
    """Send the form at an address as a browser does, with changes; False unticks."""
    form = client.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields} | changes
    assert client.post(url, {name: value for name, value in values.items() if value is not False}).status_code == 302


def log(client: Client) -> list[tuple[str, ...]]:
    """What the log shows, newest first: who, what, of what kind, which one, and the change."""
    rows = re.findall(r"<tr>(.*?)</tr>", unescape(client.get(LOG).content.decode()), re.DOTALL)
    cells = [re.findall(r'<t[dh] class="field-\w+(?: nowrap)?">(.*?)</t[dh]>', row) for row in rows]
    return [tuple(re.sub(r"<.*?>", "", cell) for cell in row[1:]) for row in cells if row]


def test_accounts_are_shown_to_a_superuser_alone_and_nothing_of_a_journal(alice: Person, root: Client) -> None:
    ana = staff("ana", "Publishers")
    pages = {account(alice.user, "alice"): 200, account(ana): 200, ACCOUNTS: 200, f"{ACCOUNTS}add/": 403}
    assert {path: root.get(path).status_code for path in pages} == pages
    assert root.post(account(alice.user, "alice", "delete"), {"post": "yes"}).status_code == 403
    fields = [root.get(path).context["adminform"].form.fields.keys() for path in pages if "change" in path]
    assert fields == [{"is_active"}, {"is_active", "groups"}]

    def shown() -> list[str]:
        paths = (account(alice.user, "alice"), f"{ACCOUNTS}?q=alice", ACCOUNTS)
        return [re.sub(r"csrf.*?>", "", root.get(path).content.decode()) for path in paths]

    before = shown()
    assert Keyring.objects.filter(user=alice.user).delete()[0] > 0
    assert shown() == before


@pytest.mark.parametrize("groups", [["Editors"], ["Publishers"], ["Editors", "Publishers"]])
def test_no_group_sees_accounts_groups_or_the_log_whatever_it_was_given(groups: list[str]) -> None:
    """Not even a group that somebody gave every permission there is."""
    user, client = staff("ana", *groups), Client()
    client.force_login(user)
    other = User.objects.create_superuser("edith")
    entry = LogEntry.objects.log_actions(other.pk, [user], CHANGE, "Active: no → yes", single_object=True)
    for given in (False, True):
        if given:
            for group in user.groups.all():
                group.permissions.set(Permission.objects.all())
        for place, record in ((ACCOUNTS, user.pk), (GROUPS, user.groups.first().pk), (LOG, entry.pk)):
            paths = [place, f"{place}add/", *(f"{place}{record}/{page}/" for page in ("change", "delete", "history"))]
            assert [client.get(path).status_code for path in paths] == [403, 403, 403, 403, 403], place
            assert [client.post(path).status_code for path in paths] == [403, 403, 403, 403, 403], place
        index = client.get("/manage/").content.decode()
        assert not any(place in index for place in (ACCOUNTS, GROUPS, LOG))


def test_staff_are_listed_and_the_others_only_counted(alice: Person, mallory: Person, root: Client) -> None:
    staff("ana")
    assert names(root) == ["ana", "edith"]
    assert "Other accounts: 2." in root.get(ACCOUNTS).content.decode()
    for query in ("?q=", "?q=a", "?q=alic", "?q=alice+mallory", "?all=", "?is_active__exact=1", "?groups__isnull=1"):
        assert not {"alice", "mallory"} & set(names(root, query)), query
    assert (names(root, "?q=alice"), names(root, "?q=ALICE"), names(root, "?q=nobody")) == (["alice"], ["alice"], [])


def test_a_number_in_the_address_leads_to_nobody_who_is_not_staff(alice: Person, mallory: Person, root: Client) -> None:
    for searched in ("", "mallory", "a", "alice%26q%3Dmallory"):
        for page in ("change", "history"):
            response = root.get(account(alice.user, searched, page), follow=True)
            assert response.redirect_chain == [("/manage/", 302)], (searched, page)
            assert "alice" not in response.content.decode()
    shown = root.get(f"{ACCOUNTS}?q=alice").content.decode()
    assert account(alice.user, "alice") in shown


@pytest.mark.parametrize(
    "query",
    ["groups__user__password__startswith=argon2", "groups__user__keyring__isnull=0", "is_superuser=1", "is_staff=0"],
)
def test_no_filter_leads_to_what_the_list_does_not_show(root: Client, query: str) -> None:
    staff("ana", "Editors")
    assert root.get(f"{ACCOUNTS}?{query}").status_code == 400


def test_an_account_found_by_its_name_is_shut_and_opened_again(alice: Person, root: Client) -> None:
    save(root, account(alice.user, "alice"), is_active=False)
    assert alice.client.get("/journal/").status_code == 302
    assert alice.client.post("/sign-in/", {"username": "alice", "password": PASSWORD}).status_code == 422
    save(root, account(alice.user, "alice"), is_active="on")
    alice.sign_in()
    assert alice.client.get("/journal/").status_code == 200


def test_nobody_becomes_staff_or_superuser_at_the_desk(alice: Person, root: Client) -> None:
    everything = {"is_staff": "on", "is_superuser": "on", "groups": Group.objects.first().pk, "username": "root"}
    ana = staff("ana")
    save(root, account(alice.user, "alice"), **everything)
    save(root, account(ana), **everything)
    rows = [User.objects.get(pk=user.pk) for user in (alice.user, ana)]
    assert [(row.username, row.is_staff, row.is_superuser, row.groups.count()) for row in rows] == [
        ("alice", False, False, 0),
        ("ana", True, False, 1),
    ]


def test_a_change_of_an_account_is_logged_with_old_and_new(alice: Person, root: Client) -> None:
    ana, editors, publishers = staff("ana", "Editors"), *Group.objects.order_by("name")
    save(root, account(ana), groups=[editors.pk, publishers.pk])
    save(root, account(ana), groups=[], is_active=False)
    save(root, account(ana))
    save(root, account(alice.user, "alice"), is_active=False)
    assert log(root) == [
        ("edith", "Change", "user", "An account that is not staff", "Active: yes → no"),
        ("edith", "Change", "user", "ana", "Nothing changed."),
        ("edith", "Change", "user", "ana", "Active: yes → no; Groups: Editors, Publishers → nothing"),
        ("edith", "Change", "user", "ana", "Groups: Editors → Editors, Publishers"),
    ]
    assert LogEntry.objects.latest("pk").object_id == str(alice.user.pk)


def test_a_change_of_a_group_is_logged_with_old_and_new(root: Client) -> None:
    group = Group.objects.create(name="Translators")
    save(root, f"{GROUPS}{group.pk}/change/", name="Readers aloud")
    root.post(f"{GROUPS}add/", {"name": "Others"})
    assert [row[1:] for row in log(root)] == [
        ("Addition", "group", "Others", "Added."),
        ("Change", "group", "Readers aloud", "Name: Translators → Readers aloud"),
    ]


def test_no_password_and_nothing_of_a_journal_gets_into_the_log(root: Client) -> None:
    person = make_person("zwiebelfisch")
    person.write(2, "Kanarienvogel")
    change = {"old_password": PASSWORD, "new_password1": "nine loud cranes", "new_password2": "nine loud cranes"}
    root.post("/manage/password_change/", change)
    sent = {"password": "nine loud cranes", "keyring": "Kanarienvogel", "groups": Group.objects.first().pk}
    save(root, account(person.user, "zwiebelfisch"), is_active=False, **sent)
    save(root, account(User.objects.get(username="edith")), **sent)
    written = "".join(str(row) for row in LogEntry.objects.values_list())
    assert ("Groups: nothing → Editors" in written, "Set a new password." in written) == (True, True)
    for secret in (
        PASSWORD,
        "cranes",
        "Kanarienvogel",
        "zwiebelfisch",
        "argon2",
        "pbkdf2",
        str(Keyring.objects.get().pk),
    ):
        assert secret not in written


def test_the_log_is_read_only_for_superusers_too(root: Client) -> None:
    save(root, account(staff("ana")), is_active=False)
    entry = LogEntry.objects.get()
    assert root.get(f"{LOG}{entry.pk}/change/").status_code == 200
    for page in ("change", "delete"):
        assert root.post(f"{LOG}{entry.pk}/{page}/", {"post": "yes", "change_message": "x"}).status_code == 403
    assert root.get(f"{LOG}add/").status_code == 403
    root.post(LOG, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert list(LogEntry.objects.values_list("pk", "change_message")) == [(entry.pk, "Active: yes → no")]


def test_an_account_that_the_command_makes_is_in_the_log(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\n"))
    call_command("editor", "ana", "--superuser", stdout=StringIO())
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_repr) == ("ana", "ana")
    assert entry.change_message == "Made by manage.py editor, one of the Publishers, superuser."


def test_what_somebody_did_at_the_desk_stays_without_their_name_when_they_delete_their_account(root: Client) -> None:
    person = make_person("zwiebelfisch")
    User.objects.filter(pk=person.user.pk).update(is_staff=True)
    other = User.objects.get(username="edith")
    LogEntry.objects.log_actions(person.user.pk, [other], CHANGE, "Active: no → yes", single_object=True)
    LogEntry.objects.log_actions(other.pk, [person.user], CHANGE, "Active: yes → no", single_object=True)
    accounts.delete(person.user)
    rows = LogEntry.objects.order_by("pk").values_list("user__username", "object_repr", "change_message")
    assert list(rows) == [
        ("a deleted account", "edith", "Active: no → yes"),
        ("edith", "a deleted account", "Active: yes → no"),
    ]
    nobody = User.objects.get(username="a deleted account")
    assert (nobody.is_active, nobody.is_staff, nobody.has_usable_password()) == (False, False, False)

"""Each statement about somebody's journal names their vault, so that a database split by vault asks one part of it.

The table of sessions and that of people are small and are no part of a vault. What still looks beyond one vault is
named here, each with its reason.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from journal import imports
from tests.conftest import PASSWORD, Person, make_person
from tests.test_site import private_pages

pytestmark = pytest.mark.django_db

# The column that names the vault, in each table whose rows belong to one.
VAULT = {
    "journal_keyring": "id",
    "journal_revision": "keyring_id",
    "journal_draft": "keyring_id",
    "journal_notice": "keyring_id",
    "journal_unlockedsession": "keyring_id",
}
OF_A_PERSON = "the keyring of a person who was found by name or by session: a sign-in, or the check of a session"
OF_A_SESSION = "the cookie names a session; whose vault it opens stands in the row"
OF_EVERYBODY = "looks through all vaults, on purpose"
ALLOWED = {
    ("SELECT", "journal_keyring", "user_id"): OF_A_PERSON,
    ("SELECT", "journal_unlockedsession", "session_id"): OF_A_SESSION,
    ("DELETE", "journal_unlockedsession", "session_id"): OF_A_SESSION,
    ("DELETE", "journal_unlockedsession", "idle_at"): OF_EVERYBODY,  # what nobody may come back for, at each sign-in
}
NEW = "nine loud cranes at dusk"


@contextmanager
def recorded() -> Iterator[list[str]]:
    statements: list[str] = []

    def record(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield statements


def beyond_a_vault(statement: str) -> set[tuple[str, str, str]]:
    """Return what a statement asks of a vault's table without naming the vault: verb, table, and a column instead."""
    verb, _, _ = statement.partition(" ")
    found = set()
    for table in re.findall(r'(?:FROM|JOIN|UPDATE|INTO) "(journal_\w+)"', statement):
        if table not in VAULT or (verb == "INSERT" and f'"{VAULT[table]}"' in statement.partition("VALUES")[0]):
            continue
        where = statement.partition(" WHERE ")[2]
        names = rf'(?:"{table}"|U\d)\."{VAULT[table]}"'
        if not re.search(rf"{names} (?:= %s|IN \(%s\)|= \({names}\))", where):
            asked_by = re.sub(r"^SELECT .*? FROM ", "", statement)  # joins, then what stands after WHERE
            column = re.search(rf'"{table}"\."(\w+)" (?:=|<|IN)|= \(?"{table}"\."(\w+)"', asked_by)
            found.add((verb, table, column[1] or column[2] if column else ""))
    return found


def forms(person: Person, stranger: Client) -> None:
    """Send each form that writes, deletes or changes a key."""
    send = person.client.post
    person.write(3, "first")
    person.write(3, "second", base=1)
    person.write(3, "a clash", base=1)
    send(reverse("answer-draft", args=[3]), {"text": "begun", "base": 2})
    send(reverse("answer-draft-delete", args=[3]))
    send(reverse("check-in", args=["2026-W02"]), {"text": "a week", "base": 0})
    for name in ("limits", "summary"):
        send(reverse(name), {"text": name, "base": 1, "ending": "talk"})
    copy = b"".join(send(reverse("export"), {"password": PASSWORD, "shape": "readable"}).streaming_content)
    send(reverse("answer-delete", args=[3]))
    send(reverse("import"), {"file": SimpleUploadedFile("journal.zip", copy)})
    waiting = imports.plan(person.vault)
    assert len(waiting.versions) == 2
    send(reverse("import"), {"add": waiting.which})
    send(reverse("import"), {"drop": "1"})
    send(reverse("answer-version-delete", args=[3, 1]))
    send(reverse("account"), {"minutes": "5"})
    send(reverse("try-key"), {"recovery_key": person.recovery_key})
    send(reverse("sessions"))
    stranger.post(reverse("sign-in"), {"username": person.user.username, "password": "wrong password"})
    send(reverse("lock"))
    send(reverse("unlock"), {"password": PASSWORD})
    send(reverse("new-key"), {"password": PASSWORD})
    send(reverse("password"), {"password": PASSWORD, "new_password": NEW, "lock_out": "on"})
    send(reverse("password"), {"password": NEW, "new_password": PASSWORD})


def test_a_walk_through_the_journal_asks_each_table_by_vault(alice: Person) -> None:
    make_person("bob")
    pages = private_pages(alice)
    with recorded() as statements:
        for path in pages:
            alice.client.get(path)
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
            alice.client.post(reverse("search-journal"), {"q": "text"})  # and the idle limit moves
        forms(alice, Client())
        deleted = alice.client.post(reverse("delete-account"), {"password": PASSWORD})
    assert deleted.status_code == 302
    tables = {table for statement in statements for table in VAULT if f'"{table}"' in statement}
    assert tables == VAULT.keys()
    found = {each: statement for statement in statements for each in beyond_a_vault(statement)}
    assert {each: found[each] for each in found.keys() - ALLOWED.keys()} == {}
    assert found.keys() == ALLOWED.keys()


def test_only_the_keeper_of_the_site_looks_through_all_vaults() -> None:
    make_person("bob")
    with recorded() as statements:
        call_command("sweep")
        call_command("pepper")
    assert {each[:2] for statement in statements for each in beyond_a_vault(statement)} == {
        ("SELECT", "journal_keyring"),  # `sweep` compares ids with deleted ones; `pepper` looks at each slot
        ("DELETE", "journal_unlockedsession"),
    }

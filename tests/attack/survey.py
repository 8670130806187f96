"""What a fresh process finds in a data folder: which doors open, which words stand there, which key still works."""

from typing import Any

from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from journal import accounts, crypto, entries, session
from journal.models import User
from tests.attack.deeds import IN_FLIGHT, NEW, OLD, PAGE, State, browser, browser_of, key_in, sent

ONCE_MORE = "eleven patient owls by moonlight"


def survey(deed: str, state: State, seen_random: list[str]) -> dict[str, Any]:
    """Look at everything that matters after ``deed`` was cut short. Uses the folder up."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")  # this process is not the one that is killed
    name = "carol" if deed == "join" else "alice"
    open_doors = {word: client for word in (OLD, NEW) if (client := _enter(name, word))}
    found: dict[str, Any] = {
        "sound": _sound(),
        "doors": [{OLD: "old", NEW: "new"}[word] for word in open_doors],
        "mallory": _texts(browser_of(state, "mallory")),
    }
    if name == "alice":
        found["rows"] = _rows_of_strangers()
    if not open_doors:
        found["again"] = _joins_afresh(name)
        return found
    client = next(iter(open_doors.values()))
    found["texts"] = _texts(client)
    found["pages"] = _pages(client)
    if deed.startswith("save"):
        found["after sending it again"] = _send_again(client, deed, state)
    found |= _keys(name, state, seen_random, len(found["texts"]))
    return found


def _sound() -> bool:
    with connection.cursor() as cursor:
        whole = cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return whole and not cursor.execute("PRAGMA foreign_key_check").fetchall()


def _enter(name: str, password: str) -> Client | None:
    client = browser()
    response = sent(client, "sign-in", username=name, password=password)
    assert response.status_code in {302, 422}, response.status_code
    return client if response.status_code == 302 else None


def _texts(client: Client | None) -> list[str]:
    """Every version of every entry with its text, opened as the views do; one that is damaged stands as such."""
    assert client is not None
    found_open = session.recall(client.get(reverse("account")).wsgi_request)
    assert found_open is not None
    vault = found_open.vault
    found = []
    for newest in entries.newest_beside(vault, [], count=10_000):
        for head in entries.versions(vault, newest.entry):
            opened = entries.read(vault, newest.entry, head.number)
            found.append(opened.text if head.head and opened and opened.head else "DAMAGED")
    return sorted(found)


def _pages(client: Client) -> list[int]:
    paths = ("/journal/", "/journal/1/", "/journal/2/history/", "/journal/2/history/1/", "/account/")
    return [client.get(path).status_code for path in paths]


def _send_again(client: Client, deed: str, state: State) -> int:
    """How often the text in flight stands there once somebody has pressed Save again, as the browser offers."""
    fields: dict[str, Any] = {"text": IN_FLIGHT, "base": state["base"]}
    if deed == "save":
        response = sent(client, "answer", 2, **fields)
    else:
        response = sent(client, "new-page", **{**fields, "base": 0}, title="in flight", entry=PAGE)
    assert response.status_code == 302, response.status_code
    return _texts(client).count(IN_FLIGHT)


def _keys(name: str, state: State, seen_random: list[str], texts: int) -> dict[str, Any]:
    """Which recovery keys open the journal: the known one, and every 16 random bytes that the killed process drew."""
    user = User.objects.get(username=name)
    drawn = {crypto.write_recovery_key(bytes.fromhex(drawn)) for drawn in seen_random}
    known = {"old": state["key"], **{f"new {place}": key for place, key in enumerate(sorted(drawn))}}
    opening = [word for word, key in known.items() if accounts.has_recovery_key(user, key)]
    assert len(opening) == 1, opening
    client = browser()
    fields = {"username": name, "recovery_key": known[opening[0]], "new_password": ONCE_MORE}
    assert key_in(sent(client, "recover", **fields)) not in known.values()
    assert len(_texts(client)) in {texts, texts + 1}
    return {"key": opening[0].split()[0]}


def _rows_of_strangers() -> int:
    """How many rows of people there are that belong neither to mallory nor to alice herself: none, in good order."""
    people = set(User.objects.values_list("pk", flat=True))
    keyrings = {keyring for _, keyring in User.objects.filter(keyring__isnull=False).values_list("pk", "keyring")}
    lost = 0
    for model in apps.get_app_config("journal").get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model in {User, User._meta.get_field("keyring").related_model}:
                owners = people if field.related_model is User else keyrings
                rows = model._default_manager.filter(**{f"{field.name}__isnull": False})
                lost += rows.exclude(**{f"{field.name}__in": owners}).count()
    return lost


def _joins_afresh(name: str) -> int:
    """Whether the name is free again, and the new journal empty."""
    client = browser()
    key_in(sent(client, "join", username=name, password=ONCE_MORE))
    return len(_texts(client))

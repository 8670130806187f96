"""What a thief has kept: cookies, a session's row, a dump of the database. None of it opens a journal afterwards."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.attack.deeds import NEW
from tests.conftest import Person

pytestmark = pytest.mark.django_db
SESSION, KEY = settings.SESSION_COOKIE_NAME, settings.JOURNAL_KEY_COOKIE_NAME
WORD = "Hersword"
PAGES = ("journal", "account", "new-page", "password", "new-key", "delete-account")


@pytest.fixture
def hers(alice: Person) -> Person:
    assert alice.write(2, WORD).status_code == 302
    return alice


def cookies(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


def holding(kept: dict[str, str]) -> Client:
    """The browser of somebody who has these cookies."""
    client = Client(raise_request_exception=False)
    for name, value in kept.items():
        client.cookies[name] = value
    return client


def door(kept: dict[str, str]) -> str:
    """The one door to which every private page leads a holder of these cookies."""
    answers = [holding(kept).get(reverse(name)) for name in PAGES]
    answers += [holding(kept).get(path) for path in ("/journal/2/", "/journal/2/history/", "/journal/2/history/1/")]
    assert {answer.status_code for answer in answers} == {302}
    doors = {answer["Location"].partition("?")[0] for answer in answers} - {"/join/"}
    assert len(doors) == 1
    assert not any(WORD in answer.content.decode() for answer in answers)
    saved = holding(kept).post("/journal/2/", {"text": "a thief's", "base": 1})
    assert saved.status_code == 403
    return doors.pop()


def after_sign_out(person: Person) -> None:
    person.client.post(reverse("sign-out"))


def after_lock(person: Person) -> None:
    person.client.post(reverse("lock"))


def after_leaving(person: Person) -> None:
    person.client.post(reverse("leave"))


def after_new_password(person: Person) -> None:
    assert (
        person.client.post(reverse("password"), {"password": person.password, "new_password": NEW}).status_code == 200
    )


def after_new_key(person: Person) -> None:
    fields = {"password": person.password, "new_password": NEW, "lock_out": "on"}
    assert person.client.post(reverse("password"), fields).status_code == 200


def after_new_password_elsewhere(person: Person) -> None:
    fields = {"password": person.password, "new_password": NEW}
    assert person.sign_in(Client()).post(reverse("password"), fields).status_code == 200


def after_recovery(person: Person) -> None:
    fields = {"username": "alice", "recovery_key": person.recovery_key, "new_password": NEW}
    assert Client().post(reverse("recover"), fields).status_code == 200


def after_deletion(person: Person) -> None:
    response = person.client.post(reverse("delete-account"), {"password": person.password})
    assert response["Location"] == reverse("deleted")


@pytest.mark.parametrize(
    ("what", "leads"),
    [
        (after_sign_out, "/sign-in/"),
        (after_lock, "/unlock/"),
        (after_leaving, "/unlock/"),
        (after_new_password, "/sign-in/"),
        (after_new_key, "/sign-in/"),
        (after_new_password_elsewhere, "/sign-in/"),
        (after_recovery, "/sign-in/"),
        (after_deletion, "/sign-in/"),
    ],
)
def test_all_cookies_kept_from_before_open_nothing(what: Callable[[Person], None], leads: str, hers: Person) -> None:
    kept = cookies(hers.client)
    assert holding(kept).get("/journal/2/").status_code == 200
    what(hers)
    assert door(kept) == leads
    # Nor does the session that came after open with the key from before, or the other way round.
    now = cookies(hers.client)
    for session, key in ((kept, now), (now, kept)):
        mixed = {SESSION: session.get(SESSION, ""), KEY: key.get(KEY, "")}
        if mixed != {SESSION: now.get(SESSION, ""), KEY: now.get(KEY, "")}:
            assert door(mixed) in {"/sign-in/", "/unlock/"}


def test_unlocking_again_gives_back_nothing_to_a_thief_with_the_cookies_from_before(hers: Person) -> None:
    kept = cookies(hers.client)
    hers.client.post(reverse("lock"))
    hers.client.post(reverse("unlock"), {"password": hers.password})
    assert hers.client.get("/journal/2/").status_code == 200
    assert door(kept) == "/sign-in/"


@pytest.mark.parametrize("name", [SESSION, KEY])
def test_one_cookie_of_the_two_opens_nothing(name: str, hers: Person) -> None:
    kept = cookies(hers.client)
    assert door({name: kept[name]}) == ("/unlock/" if name == SESSION else "/sign-in/")


def dumped() -> Iterator[str]:
    """Every value that stands in the database, as a cookie might carry it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("guide_"):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            for value in {value for row in cursor.fetchall() for value in row}:
                if isinstance(value, bytes | memoryview):
                    yield bytes(value).hex()
                    yield bytes(value).hex()[-64:]
                elif isinstance(value, str) and value.isprintable() and not set(value) & {'"', ";", ",", "\\"}:
                    yield value


@pytest.mark.attack
def test_nothing_in_a_dump_is_a_cookie(hers: Person, mallory: Person) -> None:
    """Mallory has everything that is stored, and the cookies of his own journal."""
    his, mine = cookies(mallory.client), cookies(hers.client)
    values = set(dumped())
    assert len(values) > 50
    assert not values & {mine[SESSION], mine[KEY]}
    for value in values:
        for kept in ({**his, SESSION: value}, {SESSION: value, KEY: value}):
            assert holding(kept).get("/journal/2/").status_code == 302
        assert WORD not in holding({**his, KEY: value}).get("/journal/2/").content.decode()
        assert holding({SESSION: mine[SESSION], KEY: value}).get("/journal/2/").status_code == 302


def test_a_row_of_a_session_and_a_cookie_of_somebody_else_open_nothing(hers: Person, mallory: Person) -> None:
    his, mine = cookies(mallory.client), cookies(hers.client)
    assert door({SESSION: mine[SESSION], KEY: his[KEY]}) == "/unlock/"
    assert door({SESSION: his[SESSION], KEY: mine[KEY]}) == "/unlock/"

"""Whatever happens to a form, what was typed comes back."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from journal import entries, throttle
from journal.models import Keyring, Revision, Session, UnlockedSession
from tests.conftest import PASSWORD, Person

pytestmark = pytest.mark.django_db
WORDS = "Six hundred words, or so.\n\n  With <b>&amp;</b> “quotes” and 💔 in them."


def fields(response: Any) -> dict[str, str]:
    """The fields that the first form of a page with words in it would send, as a browser reads them."""
    page = response.content.decode()
    start = page.index("<form", page.rindex("</nav>") if "</nav>" in page else 0)
    forms = re.findall(r"<form.*?</form>", page[start:], re.DOTALL)
    form = next(form for form in forms if "text" in form)
    found = dict(re.findall(r'<input[^>]*name="(\w+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL))
    found |= dict(re.findall(r'(action)="([^"]+)"', form[: form.index(">")]))
    return {name: unescape(value) for name, value in found.items()}


def saved(person: Person) -> list[str]:
    entry = entries.answer_id(person.vault, "feedback")
    return [entries.read(person.vault, entry, v.number).text for v in reversed(entries.versions(person.vault, entry))]


def assert_stored_nowhere() -> None:
    assert not any(WORDS[:12] in str(row.get_decoded()) for row in Session.objects.all())
    assert not Revision.objects.exists()


def test_words_survive_a_session_that_was_deleted_and_are_saved_once(alice: Person) -> None:
    Session.objects.all().delete()
    door = alice.write(3, WORDS)
    assert door.status_code == 403
    assert "Open your journal" in door.content.decode()
    assert_stored_nowhere()
    carried = fields(door)
    assert carried["kept_text"] == WORDS
    inside = alice.client.post(carried.pop("action"), {**carried, "username": "alice", "password": PASSWORD})
    assert "Your words are here" in inside.content.decode()
    resumed = fields(inside)
    assert (resumed["action"], resumed["text"]) == ("/journal/3/", WORDS)
    alice.client.post(resumed.pop("action"), resumed)
    assert saved(alice) == [WORDS]


@pytest.mark.parametrize("how", ["locked", "cookie gone", "idle"])
def test_words_survive_a_lock(alice: Person, how: str) -> None:
    if how == "locked":
        alice.client.post(reverse("lock"))
    elif how == "cookie gone":
        del alice.client.cookies["jkey"]
    else:
        UnlockedSession.objects.update(idle_at=1)
    door = alice.write(3, WORDS)
    assert door.status_code == 403
    assert "<h1>Locked</h1>" in door.content.decode()
    assert_stored_nowhere()
    carried = fields(door)
    for _ in range(3):  # three wrong passwords destroy nothing
        again = alice.client.post(carried["action"], {**carried, "password": "wrong password"})
        carried = fields(again)
        assert carried["kept_text"] == WORDS
    inside = fields(alice.client.post(carried.pop("action"), {**carried, "password": PASSWORD}))
    alice.client.post(inside.pop("action"), inside)
    assert saved(alice) == [WORDS]


def test_words_of_a_stale_form_come_back_with_a_fresh_token(alice: Person) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = alice.client.cookies
    stale = browser.post(reverse("answer", args=[3]), {"text": WORDS, "base": 0, "csrfmiddlewaretoken": "x" * 64})
    assert stale.status_code == 403
    resumed = fields(stale)
    assert resumed["text"] == WORDS
    assert browser.post(resumed.pop("action"), resumed).status_code == 302
    assert saved(alice) == [WORDS]


def test_a_stale_form_that_another_site_sent_is_not_given_back(alice: Person) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "cross-site"})
    browser.cookies = alice.client.cookies
    response = browser.post(reverse("answer", args=[3]), {"text": WORDS, "base": 0})
    assert response.status_code == 403
    assert "Six hundred" not in response.content.decode()


def test_words_survive_too_many_tries(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    carried = fields(alice.write(3, WORDS))
    for _ in range(throttle.TRIES_AT_ONE_NAME_FROM_ONE_NETWORK + 1):
        response = alice.client.post(carried["action"], {**carried, "password": "wrong password"})
    assert response.status_code == 429
    assert response["Retry-After"]
    waiting = fields(response)
    assert (waiting["action"], waiting["kept_text"]) == ("/unlock/", WORDS)
    assert fields(alice.client.post(waiting.pop("action"), waiting))["kept_text"] == WORDS


def test_words_go_along_from_one_door_to_another(alice: Person) -> None:
    Session.objects.all().delete()
    carried = fields(alice.write(3, WORDS))
    carried.pop("action")
    for way in ("recover", "join"):
        response = alice.client.post(reverse(way), {**carried, "arrive": "1"})
        assert (response.status_code, fields(response)["kept_text"]) == (200, WORDS)


def test_words_survive_a_key_that_changed_between_opening_and_saving(alice: Person) -> None:
    Keyring.objects.update(dek_tag=b"another DEK's tag")
    door = alice.write(3, WORDS)
    assert door.status_code == 403
    assert fields(door)["kept_text"] == WORDS
    assert_stored_nowhere()


def test_words_of_a_refused_free_page_keep_title_and_id(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    data = {"text": WORDS, "title": "A <title>", "base": 0, "entry": "0" * 32}
    carried = fields(alice.client.post(reverse("new-page"), data))
    inside = fields(alice.client.post(carried.pop("action"), {**carried, "password": PASSWORD}))
    assert (inside["title"], inside["entry"], inside["action"]) == ("A <title>", "0" * 32, "/journal/pages/new/")


def test_words_go_along_when_somebody_starts_a_journal_or_recovers_one(alice: Person) -> None:
    carried = {"kept_path": "/journal/3/", "kept_text": WORDS, "kept_base": "0"}
    joined = Client().post(reverse("join"), {**carried, "username": "newcomer", "password": PASSWORD})
    assert fields(joined)["kept_text"] == WORDS
    data = {**carried, "username": "alice", "recovery_key": alice.recovery_key, "new_password": PASSWORD}
    assert fields(Client().post(reverse("recover"), data))["kept_text"] == WORDS


def test_words_come_back_to_somebody_who_joins_while_signed_in_already(alice: Person) -> None:
    response = alice.client.post(reverse("join"), {"kept_path": "/journal/3/", "kept_text": WORDS, "kept_base": "0"})
    assert fields(response)["text"] == WORDS


def test_the_button_that_was_pressed_is_kept_too(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    carried = fields(alice.write(3, WORDS, next="1"))
    inside = fields(alice.client.post(carried.pop("action"), {**carried, "password": PASSWORD}))
    assert alice.client.post(inside.pop("action"), inside)["Location"] == "/journal/4/?done=saved"


@pytest.mark.django_db(transaction=True)
def test_words_of_a_save_that_failed_in_the_database_come_back(alice: Person) -> None:
    alice.client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_revision RENAME TO gone")
    response = alice.write(3, WORDS)
    assert response.status_code == 503
    resumed = fields(response)
    assert resumed["text"] == WORDS
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE gone RENAME TO journal_revision")
    alice.client.post(resumed.pop("action"), resumed)
    assert saved(alice) == [WORDS]


@pytest.mark.parametrize("path", ["/manage/", "/sign-out/", "//evil.example/journal/3/", "/journal/3/delete/", ""])
def test_words_are_never_sent_on_to_anywhere_but_a_writing_page(alice: Person, path: str) -> None:
    data = {"kept_path": path, "kept_text": WORDS, "username": "alice", "password": PASSWORD}
    response = Client().post(reverse("sign-in"), data)
    assert (response.status_code, response["Location"]) == (302, "/journal/")


def test_words_for_a_page_that_was_deleted_meanwhile_go_on_a_new_one(alice: Person) -> None:
    data = {"text": "first", "title": "A page", "base": 0, "entry": "3" * 32}
    alice.client.post(reverse("new-page"), data)
    path = reverse("page-entry", args=[UUID("3" * 32)])
    alice.client.post(f"{path}delete/")
    response = alice.client.post(path, {"text": WORDS, "title": "A page", "base": 1})
    assert response.status_code == 404
    resumed = fields(response)
    assert (resumed["action"], resumed["text"], resumed["title"]) == ("/journal/pages/new/", WORDS, "A page")
    assert alice.client.post(resumed.pop("action"), resumed).status_code == 302
    assert [v.head.title for v in entries.newest_beside(alice.vault, [])] == ["A page"]


def test_a_second_page_under_the_same_id_with_another_title_is_no_double(alice: Person) -> None:
    data = {"text": "same words", "title": "One", "base": 0, "entry": "4" * 32}
    assert alice.client.post(reverse("new-page"), data).status_code == 302
    assert alice.client.post(reverse("new-page"), {**data, "title": "Two"}).status_code == 409


def test_a_form_without_its_text_saves_nothing_over_an_answer(alice: Person) -> None:
    alice.write(3, WORDS)
    assert alice.client.post(reverse("answer", args=[3]), {"base": 1}).status_code == 422
    assert saved(alice) == [WORDS]


@pytest.mark.parametrize("base", [2**31, 2**64, -1, "x"])
def test_a_base_that_is_no_revision_keeps_the_words_in_the_box(alice: Person, base: object) -> None:
    response = alice.client.post(reverse("answer", args=[3]), {"text": WORDS, "base": base})
    assert response.status_code == 409
    assert "Six hundred words" in response.content.decode()

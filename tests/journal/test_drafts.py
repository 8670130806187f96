from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from journal import accounts, entries, kept
from journal.models import Draft, Revision, UnlockedSession
from tests.conftest import Person
from tests.journal.test_kept import fields
from tests.journal.test_writing import box

pytestmark = pytest.mark.django_db
NEW_PAGE = {"entry": "5" * 32, "title": "A title", "base": 0}


def seal(person: Person, number: int, text: str, base: object = 0, **more: Any) -> Any:
    return person.client.post(reverse("answer-draft", args=[number]), {"text": text, "base": base, **more})


def shown(person: Person, number: int) -> str:
    return box(person.client.get(reverse("answer", args=[number])))


def test_a_draft_is_in_its_box_again_and_is_no_version(alice: Person) -> None:
    alice.write(2, "saved")
    assert 890 < seal(alice, 2, "saved, and more", 1).json()["left"] <= 900
    page = alice.client.get(reverse("answer", args=[2])).content.decode()
    assert "You were writing this when your journal locked." in page
    saved = entries.read(alice.vault, entries.answer_id(alice.vault, "time"))
    assert (shown(alice, 2), saved.text, saved.number) == ("saved, and more", "saved", 1)


def test_saving_an_entry_ends_its_draft(alice: Person) -> None:
    seal(alice, 2, "begun")
    alice.write(2, "begun and done")
    assert (shown(alice, 2), Draft.objects.count()) == ("begun and done", 0)


def test_a_newer_draft_takes_the_place_of_the_one_before(alice: Person) -> None:
    seal(alice, 2, "one")
    seal(alice, 2, "two")
    assert (shown(alice, 2), Draft.objects.count()) == ("two", 1)


def test_what_is_saved_already_or_empty_needs_no_draft(alice: Person) -> None:
    alice.write(2, "saved")
    seal(alice, 2, "saved", 1)
    seal(alice, 3, " \n ")
    assert not Draft.objects.exists()


def test_a_draft_over_a_version_that_has_changed_meanwhile_clashes_and_loses_neither(alice: Person) -> None:
    seal(alice, 2, "mine")
    alice.client.post(reverse("answer", args=[2]), {"text": "theirs", "base": 0})
    seal(alice, 2, "mine")
    page = alice.client.get(reverse("answer", args=[2]))
    assert (box(page), fields(page)["base"]) == ("mine", "0")
    clash = alice.write(2, "mine", base=0)
    assert (clash.status_code, box(clash), "theirs" in clash.content.decode()) == (409, "mine", True)


def test_a_draft_of_a_new_page_opens_under_its_own_address(alice: Person) -> None:
    response = alice.client.post(reverse("new-page-draft"), {**NEW_PAGE, "text": "words"})
    assert response.status_code == 200
    listed = alice.client.get(reverse("journal")).content.decode()
    path = "/journal/pages/55555555-5555-5555-5555-555555555555/"
    assert (path in listed, "Not saved yet" in listed) == (True, True)
    page = alice.client.get(path)
    assert (box(page), fields(page)["title"]) == ("words", "A title")
    assert alice.client.post(path, {"text": "words", "title": "A title", "base": 0}).status_code == 302
    assert (Draft.objects.count(), Revision.objects.count()) == (0, 1)


def test_a_draft_without_an_id_for_its_page_is_refused(alice: Person) -> None:
    assert alice.client.post(reverse("new-page-draft"), {"text": "words"}).status_code == 400


@pytest.mark.parametrize(
    ("text", "more"),
    [("x" * 100_001, {}), ("a\0b", {}), ("words", {"base": "x"}), ("words", {"feeling": "furious", "zone": "Mars"})],
)
def test_pressing_lock_over_what_can_not_be_saved_locks_and_keeps_it(
    alice: Person, text: str, more: dict[str, str]
) -> None:
    response = alice.write(2, text, lock="1", **more)
    assert response["Location"] == "/unlock/?next=%2Fjournal%2F2%2F"
    assert not UnlockedSession.objects.exists()
    alice.sign_in()
    assert entries.draft(alice.vault, entries.answer_id(alice.vault, "time")).text == text
    assert not Revision.objects.exists()


def test_it_is_thrown_away_on_purpose_only(alice: Person) -> None:
    alice.write(2, "saved")
    seal(alice, 2, "begun", 1)
    path = reverse("answer-draft-delete", args=[2])
    assert "begun" in alice.client.get(path).content.decode()
    assert Draft.objects.count() == 1
    assert alice.client.post(path)["Location"] == "/journal/2/?done=thrown-away"
    assert (shown(alice, 2), alice.client.get(path).status_code) == ("saved", 404)


def test_drafts_outlive_a_change_of_keys_and_not_the_account(alice: Person) -> None:
    seal(alice, 2, "begun")
    accounts.rotate(alice.user, alice.vault, "nine loud cranes at dusk")
    assert entries.draft(alice.vault, entries.answer_id(alice.vault, "time")).text == "begun"
    accounts.delete(alice.user)
    assert not Draft.objects.exists()


def test_deleting_an_entry_deletes_its_draft(alice: Person) -> None:
    alice.write(2, "saved")
    seal(alice, 2, "begun", 1)
    alice.client.post(reverse("answer-delete", args=[2]))
    assert not Draft.objects.exists()


def test_a_damaged_draft_hides_nothing(alice: Person) -> None:
    alice.write(2, "saved")
    seal(alice, 2, "begun", 1)
    Draft.objects.update(head=b"damaged")
    assert shown(alice, 2) == "saved"
    assert alice.client.get(reverse("journal")).status_code == 200
    assert alice.client.get(reverse("answer-draft-delete", args=[2])).status_code == 200


def test_a_draft_keeps_the_journal_open_as_writing_should(alice: Person) -> None:
    with time_machine.travel(UnlockedSession.objects.get().idle_at - 60, tick=False):
        assert seal(alice, 2, "writing on").json() == {"left": 900}


def test_a_locked_journal_takes_no_draft(alice: Person) -> None:
    alice.client.post(reverse("lock"))
    assert seal(alice, 2, "words").status_code == 403
    assert not Draft.objects.exists()


def test_words_of_another_person_are_neither_saved_nor_shown_nor_lost(alice: Person, mallory: Person) -> None:
    """Alice's tab is still open; mallory has signed in in the same browser."""
    form = fields(alice.client.get(reverse("answer", args=[2])))
    hers = {**form, "text": "what alice typed"}
    hers.pop("action", None)
    assert hers["owner"] == kept.owner(alice.vault)
    assert mallory.client.post(reverse("answer-draft", args=[2]), hers).status_code == 403
    assert mallory.client.get(reverse("journal")).status_code == 200
    refused = mallory.client.post(reverse("answer", args=[2]), hers)
    carried = fields(refused)
    assert (refused.status_code, carried["kept_text"]) == (403, "what alice typed")
    again = mallory.client.post(reverse("sign-in"), {**carried, "username": "mallory", "password": mallory.password})
    assert (again.status_code, fields(again)["kept_text"]) == (422, "what alice typed")
    assert "typed in another journal" in again.content.decode()
    joined = Client().post(reverse("join"), {**carried, "username": "mallory-two", "password": mallory.password})
    assert (joined.status_code, fields(joined)["kept_text"]) == (422, "what alice typed")
    assert not Revision.objects.exists()
    inside = Client().post(reverse("sign-in"), {**fields(again), "username": "alice", "password": alice.password})
    assert fields(inside)["text"] == "what alice typed"


def test_a_stale_token_at_a_door_does_not_show_the_words_that_wait_there(alice: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    waiting = {"kept_path": "/journal/2/", "kept_text": "what alice typed", "kept_base": "0"}
    refused = strict.post(reverse("sign-in"), {**waiting, "username": "mallory", "password": "wrong password"})
    assert (refused.status_code, fields(refused)["kept_text"]) == (403, "what alice typed")
    assert fields(refused).get("text") is None

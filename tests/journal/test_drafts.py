from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guide import questions
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
    assert "This is your draft from" in page
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
    assert (path in listed, "<span>Draft from " in listed) == (True, True)
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
        assert seal(alice, 2, "writing on").json() == {"left": 900, "clash": False}


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


def answer_draft(person: Person, text: str, writer: str, over: str = "", base: int = 0) -> Any:
    return seal(person, 2, text, base, writer=writer, over=over)


def test_a_draft_of_one_page_is_not_overwritten_by_another(alice: Person) -> None:
    assert answer_draft(alice, "first tab", "a").status_code == 200
    refused = answer_draft(alice, "second tab", "b")
    assert (refused.status_code, refused.json().keys(), shown(alice, 2)) == (409, {"left"}, "first tab")
    assert answer_draft(alice, "first tab, more", "a").json()["clash"] is False
    assert shown(alice, 2) == "first tab, more"


def test_a_page_goes_on_with_the_draft_that_it_began_with(alice: Person) -> None:
    answer_draft(alice, "begun", "a")
    found = fields(alice.client.get(reverse("answer", args=[2])))
    assert (found["over"], len(found["writer"])) == ("a", 16)
    assert answer_draft(alice, "begun, gone on", found["writer"], "a").status_code == 200
    assert answer_draft(alice, "late words of the first", "a").status_code == 409
    assert shown(alice, 2) == "begun, gone on"


def test_each_page_that_is_opened_has_a_name_of_its_own(alice: Person) -> None:
    names = [fields(alice.client.get(reverse("answer", args=[2])))["writer"] for _ in range(2)]
    assert names[0] != names[1]


def test_saving_in_one_tab_leaves_the_draft_of_another(alice: Person) -> None:
    answer_draft(alice, "first tab", "a")
    alice.write(2, "second tab", writer="b")
    page = alice.client.get(reverse("answer", args=[2]))
    assert (box(page), fields(page)["base"]) == ("first tab", "0")
    clash = alice.write(2, "first tab", writer="a")
    assert (clash.status_code, box(clash), "second tab" in clash.content.decode()) == (409, "first tab", True)
    alice.write(2, "first tab", base=1, writer="a")
    assert not Draft.objects.exists()
    texts = [entries.read(alice.vault, entries.answer_id(alice.vault, "time"), number).text for number in (1, 2)]
    assert texts == ["second tab", "first tab"]


def test_saving_the_very_words_of_another_tabs_draft_ends_it(alice: Person) -> None:
    answer_draft(alice, "the same", "a")
    alice.write(2, "the same", writer="b")
    assert not Draft.objects.exists()


def test_a_draft_over_an_older_version_is_kept_and_said_to_clash(alice: Person) -> None:
    alice.write(2, "theirs")
    assert answer_draft(alice, "mine", "a", base=0).json()["clash"] is True
    assert shown(alice, 2) == "mine"


def test_an_emptied_box_of_another_tab_takes_no_draft_away(alice: Person) -> None:
    answer_draft(alice, "first tab", "a")
    answer_draft(alice, "", "b")
    assert shown(alice, 2) == "first tab"


def test_going_back_to_what_is_saved_and_saving_ends_the_draft(alice: Person) -> None:
    alice.write(2, "saved")
    answer_draft(alice, "saved, and more", "a", base=1)
    alice.write(2, "saved", base=1, writer="b", over="a")
    assert (Draft.objects.count(), Revision.objects.count()) == (0, 1)


@pytest.mark.parametrize("how", [{"lock": "1", "text": "x" * 100_001}, {"pause": "1", "text": "second tab"}])
def test_words_that_must_go_while_another_tab_has_a_draft_get_a_page_of_their_own(
    alice: Person, how: dict[str, str]
) -> None:
    answer_draft(alice, "first tab", "a")
    alice.client.post(reverse("answer", args=[2]), {"base": 0, "writer": "b", **how})
    kept_texts = {entries.draft(alice.vault, found.entry).text for found in entries.drafts(alice.vault)}
    assert kept_texts == {"first tab", how["text"]}


def test_words_that_waited_at_the_door_end_the_draft_of_their_page(alice: Person) -> None:
    answer_draft(alice, "words", "a")
    UnlockedSession.objects.all().delete()
    door = alice.client.post(reverse("answer", args=[2]), {"text": "words, all", "base": 0, "writer": "a"})
    sent = {**fields(door), "password": alice.password}
    resumed = fields(alice.client.post(reverse("unlock"), sent))
    assert resumed["writer"] == "a"
    alice.client.post(reverse("answer", args=[2]), {**resumed, "text": "words, all"})
    assert (Draft.objects.count(), shown(alice, 2)) == (0, "words, all")


def test_the_home_leads_back_to_what_was_typed_last(alice: Person) -> None:
    assert "Go on writing" not in alice.client.get(reverse("journal")).content.decode()
    with time_machine.travel("2026-03-03T10:00:00Z", tick=False):
        seal(alice, 3, "earlier")
        seal(alice, 2, "first")
    with time_machine.travel("2026-03-03T10:05:00Z", tick=False):
        seal(alice, 3, "typed last")
    home = alice.client.get(reverse("journal")).content.decode()
    assert 'href="/journal/3/">Go on writing' in home
    assert "typed last" not in home


def test_an_older_draft_that_comes_late_overwrites_no_newer_one(alice: Person) -> None:
    assert seal(alice, 2, "one", writer="a", turn=10).status_code == 200
    assert seal(alice, 2, "one, two", writer="a", turn=12).status_code == 200
    assert seal(alice, 2, "one, t", writer="a", turn=11).status_code == 409
    assert shown(alice, 2) == "one, two"
    assert seal(alice, 2, "one, two, three", writer="a", turn=13).status_code == 200
    assert shown(alice, 2) == "one, two, three"


def test_a_draft_that_comes_after_its_page_was_saved_is_none(alice: Person) -> None:
    alice.write(2, "all of it", writer="a", turn=12)
    assert seal(alice, 2, "all of", writer="a", turn=11).status_code == 409
    assert not Draft.objects.exists()
    assert seal(alice, 2, "all of it, and more", base=1, writer="a", turn=13).status_code == 200


def test_a_page_that_is_opened_over_what_another_saved_takes_no_draft_of_it_away(alice: Person) -> None:
    alice.write(2, "saved", writer="a", turn=1)
    assert fields(alice.client.get(reverse("answer", args=[2]))).get("over", "") == ""


def test_a_letter_that_must_go_while_another_tab_has_a_draft_stays_a_letter(alice: Person) -> None:
    entry = "6" * 32
    letter = {"entry": entry, "title": "", "base": 0, "wait": ""}
    alice.client.post(reverse("new-letter-draft"), {**letter, "text": "first tab", "writer": "a"})
    alice.client.post(reverse("new-letter"), {**letter, "text": "second tab", "writer": "b", "pause": "1"})
    found = {entries.draft(alice.vault, each.entry).text: each.head.kind for each in entries.drafts(alice.vault)}
    assert found == {"first tab": "letter", "second tab": "letter"}


def test_ticks_that_must_go_while_another_tab_has_a_draft_become_words(alice: Person) -> None:
    flags = {"signs": [flag.slug for flag in questions.flags()[:2]]}
    week = reverse("check-in", args=["2026-W13"])
    alice.client.post(
        reverse("check-in-draft", args=["2026-W13"]), {"text": "first tab", "base": 0, "writer": "a", **flags}
    )
    alice.client.post(week, {"text": "second tab", "base": 0, "writer": "b", "pause": "1", **flags})
    found = {each.head.kind: each for each in entries.drafts(alice.vault)}
    one, two = found["check-in"].head.signs.values()
    assert entries.draft(alice.vault, found["page"].entry).text == f"{one}\n{two}\n\nsecond tab"
    assert entries.draft(alice.vault, found["check-in"].entry).text == "first tab"

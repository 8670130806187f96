"""Editors take questions off the site, reword and move them. What people answered stays theirs, as it was asked."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guide import edition
from guide.models import Question
from journal import accounts, entries
from journal.models import Draft, Revision, User
from tests.conftest import PASSWORD, Person, make_person

pytestmark = pytest.mark.django_db
HEADING = "Questions the guide no longer asks"


def retire(number: int) -> str:
    """Take a question off the site; return its wording."""
    question = Question.objects.originals().get(number=number)
    question.unpublish()
    edition.forget()
    return str(question.prompt)


def bring_back(number: int) -> None:
    Question.objects.originals().get(number=number).publish()
    edition.forget()


def reword(number: int, prompt: str, **changes: int) -> None:
    question = Question.objects.originals().get(number=number)
    for name, value in {"prompt": prompt, **changes}.items():
        setattr(question, name, value)
    question.save()
    question.publish()
    edition.forget()


def page(person: Person, name: str, *args: object) -> str:
    response = person.client.get(reverse(name, args=args))
    assert response.status_code == 200
    return unescape(response.content.decode())


def box(text: str) -> str:
    return re.search(r'<textarea id="id_text"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)[1]


def listed(person: Person) -> list[tuple[str, str]]:
    """Address and wording of what the journal's home lists apart."""
    found = re.search(rf"{HEADING}</h2>(.*?)</section>", page(person, "journal"), re.DOTALL)
    return re.findall(r'<a href="([^"]+)"><b>(.*?)</b>', found[1]) if found else []


def numbers(person: Person) -> list[str]:
    """The questions that the journal's home asks, in order."""
    questions = re.search(r'<ol class="todo">(.*?)</ol>', page(person, "journal"), re.DOTALL)[1]
    return re.findall(r'href="/journal/(\d)/"', questions)


def test_twenty_people_keep_their_answers_when_a_question_goes_another_is_reworded_and_all_are_moved() -> None:
    people = [make_person(f"person-{n:02}") for n in range(20)]
    for person in people:
        person.write(4, f"Fourth, by {person.user.username}")
        person.write(5, f"Fifth, by {person.user.username}")
    stranger = make_person("stranger")
    fourth, fifth = retire(4), Question.objects.originals().get(number=5).prompt
    reword(5, "Asked another way?", position=0)
    reword(8, Question.objects.originals().get(number=8).prompt, position=0)

    for person in people:
        assert numbers(person) == ["5", "8", "1", "2", "3", "6", "7"]
        assert listed(person) == [("/journal/4/", fourth)]
        for number, kind in ((4, "Fourth"), (5, "Fifth")):
            mine = f"{kind}, by {person.user.username}"
            seen = [page(person, "answer", number), page(person, "answer-version", number, 1)]
            assert box(seen[0]) == mine
            assert [re.findall(r"(?:Fourth|Fifth), by [\w-]+", each) for each in seen] == [[mine]] * 2
        assert f'<label for="id_text">{fourth}</label>' in page(person, "answer", 4)
        assert '<label for="id_text" lang="en">Asked another way?</label>' in page(person, "answer", 5)
        assert f"when the question was: “{fifth}”" in page(person, "answer", 5)
        assert f"The question was then: {fifth}" in page(person, "answer-version", 5, 1)
    assert (numbers(stranger), listed(stranger)) == (["5", "8", "1", "2", "3", "6", "7"], [])
    assert stranger.client.get(reverse("answer", args=[4])).status_code == 404


def test_the_desk_neither_deletes_a_question_nor_tells_that_it_was_answered(editor: User) -> None:
    desk = Client()
    desk.force_login(editor)
    question = Question.objects.originals().get(number=4)

    def seen() -> list[str]:
        paths = ("", f"{question.pk}/change/", f"{question.pk}/history/")
        pages = [desk.get(f"/manage/guide/question/{path}") for path in paths]
        assert [response.status_code for response in pages] == [200] * 3
        return [re.sub(r"csrf.*?>", "", response.content.decode()) for response in pages]

    for retired in (False, True):
        if retired:
            retire(4)
        nobody = seen()
        people = [make_person(f"person-{n}-{retired}") for n in range(3)]
        for person in people:
            entries.write(
                person.vault,
                entries.answer_id(person.vault, question.slug),
                0,
                entries.Head("answer", question.slug, question.prompt),
                "text",
            )
        assert seen() == nobody
        assert desk.get(f"/manage/guide/question/{question.pk}/delete/").status_code == 403
        assert desk.post(f"/manage/guide/question/{question.pk}/delete/", {"post": "yes"}).status_code == 403
        assert not any("delete" in each.casefold() for each in nobody)
    assert Revision.objects.count() == 6


def test_an_answer_to_a_retired_question_is_gone_on_with_under_the_words_it_answers(alice: Person) -> None:
    alice.write(4, "first")
    asked = retire(4)
    Question.objects.filter(number=4).update(prompt="A draft that readers never saw?")
    assert "doesn’t ask this question any more" in page(alice, "answer", 4)
    assert 'name="title"' not in page(alice, "answer", 4)
    assert alice.write(4, "second", base=1)["Location"] == "/journal/?done=saved"
    slug = Question.objects.originals().get(number=4).slug
    heads = [version.head for version in entries.versions(alice.vault, entries.answer_id(alice.vault, slug))]
    assert [(head.kind, head.question, head.asked) for head in heads] == [("answer", slug, asked)] * 2
    history = page(alice, "answer-history", 4)
    assert (asked in history, re.findall(r"/journal/4/history/(\d)/", history)) == (True, ["2", "1"])
    bring_back(4)
    assert (box(page(alice, "answer", 4)), listed(alice)) == ("second", [])


def test_an_answer_to_a_retired_question_can_be_deleted_and_then_nothing_is_there(alice: Person) -> None:
    alice.write(4, "first")
    retire(4)
    assert "Delete all of this?" in page(alice, "answer-delete", 4)
    assert alice.client.post(reverse("answer-delete", args=[4]))["Location"] == "/journal/?done=deleted"
    assert listed(alice) == []
    for name in ("answer", "answer-history", "answer-delete", "answer-draft-delete"):
        assert alice.client.get(reverse(name, args=[4])).status_code == 404


def test_it_is_at_the_address_of_its_entry_too_and_says_the_same_when_the_question_is_back(alice: Person) -> None:
    alice.write(4, "first")
    asked, entry = retire(4), Revision.objects.get().entry
    assert f'<label for="id_text">{asked}</label>' in page(alice, "page-entry", entry)
    bring_back(4)
    assert "any more" not in page(alice, "page-entry", entry)
    alice.client.post(reverse("page-entry", args=[entry]), {"text": "second", "base": 1})
    assert box(page(alice, "answer", 4)) == "second"


def test_a_draft_alone_keeps_its_retired_question_and_becomes_an_answer(alice: Person) -> None:
    alice.client.post(reverse("answer-draft", args=[4]), {"text": "not saved", "base": 0})
    asked = retire(4)
    assert listed(alice) == [("/journal/4/", asked)]
    assert page(alice, "journal").count("<span>Draft from ") == 1
    assert box(page(alice, "answer", 4)) == "not saved"
    alice.client.post(reverse("answer-draft", args=[4]), {"text": "still not saved", "base": 0})
    alice.write(4, "saved")
    assert not Draft.objects.exists()
    accounts.rotate(
        alice.user, alice.vault, PASSWORD
    )  # moves answers to the ids that the new key gives their questions
    alice.sign_in()
    assert listed(alice) == [("/journal/4/", asked)]
    bring_back(4)
    assert box(page(alice, "answer", 4)) == "saved"


def test_words_sent_to_a_question_that_has_just_gone_are_kept_for_a_page_of_their_own(alice: Person) -> None:
    retire(4)
    response = alice.write(4, "words for nobody")
    assert response.status_code == 404
    assert (box(response.content.decode()), 'action="/journal/pages/new/"' in response.content.decode()) == (
        "words for nobody",
        True,
    )


def test_a_damaged_answer_to_a_retired_question_is_listed_and_said_to_be_damaged(alice: Person) -> None:
    alice.write(4, "lost")
    Revision.objects.update(head=b"garbage", body=b"garbage")
    retire(4)
    assert listed(alice) == [("/journal/4/", "An answer")]
    assert "Couldn’t open this one. Nothing was deleted." in page(alice, "journal")
    assert "What was written here can’t be opened." in page(alice, "answer", 4)


def test_other_pages_stay_other_pages(alice: Person) -> None:
    alice.write(4, "text")
    alice.client.post(reverse("new-page"), {"text": "mine", "title": "Sunday", "base": 0, "entry": "2" * 32})
    asked = retire(4)
    home = page(alice, "journal")
    assert listed(alice) == [("/journal/4/", asked)]
    assert re.findall(r'<a href="/journal/pages/[0-9a-f-]{36}/"><b dir="auto">(.*?)</b>', home) == ["Sunday"]


def test_an_answer_is_there_even_if_nothing_of_its_question_is(alice: Person) -> None:
    """As after a delete in the database: then it stands among the other pages, under the words that were asked."""
    alice.write(4, "text")
    question = Question.objects.originals().get(number=4)
    question.unpublish()
    Question.objects.filter(original=question.pk).delete()
    Question.objects.filter(pk=question.pk).delete()
    edition.forget()
    entry = Revision.objects.get().entry
    assert f'<a href="/journal/pages/{entry}/"><b dir="auto">{question.prompt}</b>' in page(alice, "journal")
    assert box(page(alice, "page-entry", entry)) == "text"


@pytest.mark.parametrize("count", [1, 3])
def test_retired_questions_cost_one_query_for_each_edition(alice: Person, count: int) -> None:
    for number in range(1, count + 1):
        alice.write(number, "text")
        retire(number)
    pages = [("journal", [], 9), ("journal", [], 8), ("answer", [1], 7), ("answer-history", [1], 5)]
    alice.client.get(reverse("answer", args=[8]))  # the edition is made
    for name, args, queries in pages:
        with CaptureQueriesContext(connection) as captured:
            assert alice.client.get(reverse(name, args=args)).status_code == 200
        assert len(captured) == queries, (name, [query["sql"][:90] for query in captured])

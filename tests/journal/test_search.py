"""Search through a journal: what is found, what is shown of it, and that nothing of it is kept."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journal import entries, search
from journal.entries import Head
from journal.models import Draft, Revision, random_id
from tests.conftest import Person

pytestmark = pytest.mark.django_db


def keep(person: Person, title: str, text: str, **fields: Any) -> Any:
    entry = random_id()
    entries.write(person.vault, entry, 0, Head(fields.pop("kind", "page"), title=title, **fields), text)
    return entry


def look(person: Person, words: str, **more: str) -> str:
    response = person.client.post(reverse("search-journal"), {"q": words, **more})
    assert response.status_code == 200
    return response.content.decode()


def titles(html: str) -> list[str]:
    return [unescape(title) for title in re.findall(r'<li><a href="[^"]+"><b dir="auto">([^<]*)</b>', html)]


def in_text(words: str, text: str) -> bool:
    return search.Query(words).is_in(Head("page"), text) and search.Query(words).may_be_in("{}", text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("walk", "We WALKED home."),
        ("walk home", "Home is where we walked."),
        ("cafe", "Un Café con leche"),
        ("CAFÉ", "un cafe\u0301"),
        ("strasse", "Die Straße"),
        ("ﬁne", "It was fine."),
        ("don't", "I don’t know"),
        ("don’t", "I don't know"),
        ("“broke up”", "We broke\nup in March."),
        ('"broke up" march', "March, when we broke up"),
        ("«broke up", "up: it broke"),
        ("well-known", "a well-known way"),
        ("(home),", "home"),
        ("🙂", "good 🙂"),
        ("שלום", "ושוב שָׁלוֹם שלום"),
        ("まで", "九時まで"),
        ("ΣΟΦΟΣ", "σοφός"),
    ],
)
def test_words_are_found_without_regard_to_capitals_accents_and_quotes(words: str, text: str) -> None:
    assert in_text(words, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("her", "There we were, the other way."),
        ("walk home", "We walked."),
        ('"broke up"', "It went up, then broke."),
        ('"broke up"', "We broke it up."),
        ("w.*k", "walk"),
        ("하", "한"),
        ("か", "が"),
    ],
)
def test_words_that_are_not_there_are_not_found(words: str, text: str) -> None:
    assert not in_text(words, text)


@pytest.mark.parametrize("words", ["", " ", ".*", '"', '""', "“ ”", "...", "- –", "\0"])
def test_a_query_without_a_word_looks_for_nothing(alice: Person, words: str) -> None:
    keep(alice, "A page", "…")
    assert titles(look(alice, words)) == []


def test_every_kind_is_found_by_its_words_its_title_and_its_question(alice: Person) -> None:
    alice.write(2, "lighthouse")
    keep(alice, "Lighthouse", "a")
    keep(alice, "Phare", "a", place="Lighthouse road")
    keep(alice, "Letter", "the lighthouse", kind="letter")
    week = Head("check-in", week="2026-W13", signs={"x": "They want a lighthouse"})
    entries.write(alice.vault, entries.named(alice.vault, week), 0, week, "")
    for kind in ("limits", "summary"):
        entries.write(alice.vault, entries.named(alice.vault, Head(kind)), 0, Head(kind, title=kind), "no lighthouse")
    keep(alice, "Other", "nothing")
    html = look(alice, "lighthouse")
    answer = entries.newest_of(alice.vault, [entries.answer_id(alice.vault, "time")]).popitem()[1].head.asked
    assert titles(html)[:2] == ["summary", "limits"]
    assert sorted(titles(html)[3:]) == sorted(["Letter", "Phare", "Lighthouse", answer])
    assert "7 found" in html
    assert titles(look(alice, answer)) == [answer]


def test_a_head_with_letters_that_json_writes_in_another_way_is_found(alice: Person) -> None:
    keep(alice, "Él dijo “no”", "a")
    keep(alice, 'A "sign" of it', "a")
    assert titles(look(alice, "el dijo")) == ["Él dijo “no”"]
    assert titles(look(alice, "sign")) == ['A "sign" of it']
    assert titles(look(alice, "kind page")) == []  # names of fields are nobody's words


def test_the_newest_version_is_looked_through_and_a_draft(alice: Person) -> None:
    entry = keep(alice, "First", "apple")
    entries.write(alice.vault, entry, 1, Head("page", title="Second"), "banana")
    assert titles(look(alice, "apple")) == []
    assert titles(look(alice, "banana")) == ["Second"]
    entries.keep_draft(alice.vault, entry, 2, Head("page", title="Third"), "banana and cherry")
    html = look(alice, "banana")
    assert titles(html) == ["Third"]  # once
    assert "Draft" in html
    assert titles(look(alice, "cherry")) == ["Third"]


def test_a_letter_that_waits_is_left_out_and_so_is_its_draft(alice: Person) -> None:
    later = (datetime.now().astimezone() + timedelta(hours=24)).isoformat()
    before = (datetime.now().astimezone() - timedelta(hours=24)).isoformat()
    sealed = keep(alice, "Sealed", "lighthouse", kind="letter", opens=later)
    entries.keep_draft(alice.vault, sealed, 1, Head("letter", title="Its draft"), "lighthouse too")
    keep(alice, "Open", "lighthouse", kind="letter", opens=before)
    assert titles(look(alice, "lighthouse", sentences="1")) == ["Open"]


def test_sentences_are_shown_only_when_asked_with_the_words_marked_and_escaped(alice: Person) -> None:
    keep(alice, "A page", "Nothing here. I went to the Café <b>today</b>! And a cafe\u0301, too.\nNo more.")
    assert "today" not in look(alice, "cafe")
    html = look(alice, "cafe", sentences="1")
    assert re.findall(r'<p class="sentence" dir="auto">(.*?)</p>', html) == [
        "I went to the <mark>Café</mark> &lt;b&gt;today&lt;/b&gt;!",
        "And a <mark>cafe\u0301</mark>, too.",
    ]
    assert "Show the sentences" not in html


def test_a_sentence_as_long_as_an_entry_is_cut(alice: Person) -> None:
    keep(alice, "A page", "word " * 15_000 + "lighthouse " + "word " * 4_000)
    (sentence,) = re.findall(r'<p class="sentence" dir="auto">(.*?)</p>', look(alice, "lighthouse", sentences="1"))
    assert "<mark>lighthouse</mark>" in sentence
    assert len(sentence) < 350


def test_nothing_found_is_said_and_an_empty_box_says_nothing(alice: Person) -> None:
    assert "Nothing found for those words. Try one word." in look(alice, "lighthouse")
    assert "Nothing found" not in alice.client.get(reverse("search-journal")).content.decode()


def test_words_in_an_address_are_not_looked_for(alice: Person) -> None:
    keep(alice, "Lighthouse", "a")
    assert titles(alice.client.get(reverse("search-journal"), {"q": "lighthouse"}).content.decode()) == []


def test_a_damaged_entry_never_stops_a_search(alice: Person) -> None:
    for field in ("head", "body"):
        entry = keep(alice, f"Damaged {field}", "lighthouse")
        Revision.objects.filter(entry=entry).update(**{field: b"\x01" + bytes(300)})
    entries.keep_draft(alice.vault, random_id(), 0, Head("page", title="Damaged draft"), "lighthouse")
    Draft.objects.update(body=b"")
    keep(alice, "Whole", "lighthouse")
    assert titles(look(alice, "lighthouse", sentences="1")) == ["Whole"]


def test_more_than_fifty_are_cut_with_a_word_about_it(alice: Person) -> None:
    for number in range(51):
        keep(alice, f"Page {number}", "lighthouse")
    html = look(alice, "lighthouse")
    assert titles(html) == [f"Page {number}" for number in reversed(range(1, 51))]
    assert "There are more. Another word finds fewer." in html
    assert "There are more" not in look(alice, "page 50")


@pytest.mark.parametrize("count", [1, 3, 300])
def test_a_search_takes_the_same_queries_however_much_is_written(alice: Person, count: int) -> None:
    for number in range(count):
        keep(alice, f"Page {number}", "lighthouse")
    look(alice, "x")
    with CaptureQueriesContext(connection) as captured:
        look(alice, "lighthouse", sentences="1")
    assert len(captured) == 5  # session, user with keyring, the server's half of the key; drafts, versions


def test_a_search_finds_nothing_of_anybody_else_and_is_answered_to_nobody_else(alice: Person, mallory: Person) -> None:
    keep(alice, "Hers", "lighthouse")
    assert titles(look(mallory, "lighthouse")) == []
    locked = alice.sign_in(Client())
    locked.post(reverse("lock"))
    for client in (Client(), locked):
        answer = client.post(reverse("search-journal"), {"q": "lighthouse"})
        assert answer.status_code == 403
        assert "lighthouse" not in answer.content.decode()
    nobody = Client(enforce_csrf_checks=True).post(reverse("search-journal"), {"q": "lighthouse"})
    assert (nobody.status_code, nobody["Location"]) == (302, "/sign-in/?next=%2Fjournal%2Fsearch%2F")

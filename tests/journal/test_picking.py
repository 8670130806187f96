"""Limits and the summary: made of the person's own words, picked or written, and shown on one page for paper."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journal import entries
from journal.entries import Head
from journal.models import Draft, Revision
from tests.conftest import PASSWORD, Person
from tests.journal.test_kept import fields
from tests.journal.test_writing import box

pytestmark = pytest.mark.django_db
KINDS = ("limits", "summary")


def send(person: Person, kind: str, *picked: str, text: str = "", base: int = 0, **more: Any) -> Any:
    data = {"text": text, "picked": picked, "base": base, **more}
    return person.client.post(reverse(kind), data)


def stored(person: Person, kind: str, number: int | None = None) -> Any:
    return entries.read(person.vault, entries.named(person.vault, Head(kind)), number)


def shown(person: Person, name: str, *args: Any) -> str:
    response = person.client.get(reverse(name, args=args))
    assert response.status_code == 200
    return unescape(response.content.decode())


def offered(page: str) -> list[tuple[str, bool]]:
    found = re.findall(r'<input type="checkbox" name="picked" value="(.*?)"( checked)?>', page)
    return [(sentence, bool(checked)) for sentence, checked in found]


def write_something(person: Person) -> None:
    person.write(2, "Too old. I need time & <air>!")
    person.write(3, "نعم؟ لا.")
    data = {"text": "A hard week.", "signs": ["triggers"], "base": 0}
    person.client.post(reverse("check-in", args=["2026-W13"]), data)
    person.client.post(reverse("new-page"), {"text": "A page.", "title": "", "base": 0, "entry": "1" * 32})


ANSWERS = ["Too old.", "I need time & <air>!", "نعم؟", "لا."]
WEEK = ["Exchanges that hurt or trigger you", "A hard week."]


def test_limits_are_offered_from_newest_answers_and_check_ins(alice: Person) -> None:
    alice.write(2, "An old version.")
    alice.write(2, "Too old. I need time & <air>!", base=1)
    write_something(alice)
    assert offered(shown(alice, "limits")) == [(sentence, False) for sentence in [*ANSWERS, *WEEK]]


def test_the_summary_offers_the_limits_too(alice: Person) -> None:
    write_something(alice)
    send(alice, "limits", text="No shouting. Ever\n\nNo lies")
    assert [sentence for sentence, _ in offered(shown(alice, "summary"))] == [
        "No shouting. Ever", "No lies", *ANSWERS, *WEEK,
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_with_nothing_written_there_is_nothing_to_pick_and_the_box_is_there(alice: Person, kind: str) -> None:
    page = shown(alice, kind)
    assert (offered(page), "There is nothing to pick from yet." in page) == ([], True)
    assert 'name="add"' not in page
    assert send(alice, kind, text="my own").status_code == 302
    assert stored(alice, kind).text.strip() == "my own"


def test_what_is_picked_stands_in_the_box_of_limits_before_anything_is_saved(alice: Person) -> None:
    write_something(alice)
    before = Revision.objects.count()
    response = send(alice, "limits", "Too old.", "A hard week.", text="No lies\nToo old.", add="1")
    assert (response.status_code, box(response)) == (200, "No lies\nToo old.\nA hard week.")
    assert [ticked for _, ticked in offered(response.content.decode()) if ticked] == []
    assert "data-unsaved" in response.content.decode()
    assert (Revision.objects.count(), Draft.objects.count()) == (before, 0)


def test_saving_with_ticks_adds_them_too(alice: Person) -> None:
    write_something(alice)
    send(alice, "limits", "Too old.")
    assert stored(alice, "limits").text == "Too old."


def test_a_summary_is_the_picked_sentences_and_what_is_to_be_remembered(alice: Person) -> None:
    write_something(alice)
    assert send(alice, "summary", *ANSWERS[:2], text="Sleep first.\n\nThen talk.", ending="talk").status_code == 302
    found = stored(alice, "summary")
    assert found.text == "Too old.\nI need time & <air>!\n\nSleep first.\n\nThen talk."
    assert found.head.ending == "talk"
    page = alice.client.get(reverse("summary"))
    assert box(page) == "Sleep first.\n\nThen talk."
    assert [sentence for sentence, ticked in offered(unescape(page.content.decode())) if ticked] == ANSWERS[:2]
    assert re.search(r'name="ending" value="talk"[^>]* checked', page.content.decode())


def test_a_sentence_is_unpicked_by_its_tick_and_stays_in_the_version_before(alice: Person) -> None:
    write_something(alice)
    send(alice, "summary", *ANSWERS[:2], text="x")
    send(alice, "summary", ANSWERS[1], text="x", base=1, ending="not-now")
    assert [stored(alice, "summary", number).text for number in (1, 2)] == [
        "Too old.\nI need time & <air>!\n\nx",
        "I need time & <air>!\n\nx",
    ]


def test_the_three_endings_weigh_the_same_and_none_is_chosen(alice: Person) -> None:
    found = re.findall(r"<label>(<input type=\"radio\"[^>]*>)(.*?)</label>", shown(alice, "summary"))
    assert [label for _, label in found] == ["Not now", "Talk", "Walk away"]
    alike = {re.sub(r'value="[^"]*"|id="[^"]*"', "", tag) for tag, _ in found}
    assert len(alike) == 1
    assert "checked" not in alike.pop()


def test_no_page_of_a_summary_says_more_for_one_ending_than_for_another(alice: Person) -> None:
    pages = []
    for base, (ending, label) in enumerate((("not-now", "Not now"), ("talk", "Talk"), ("walk-away", "Walk away"))):
        send(alice, "summary", text="x", base=base, ending=ending)
        pages.append(shown(alice, "summary-paper").replace(f">{label}<", "><"))
    tokens = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|data-left="\d+"')
    assert len({tokens.sub("", page) for page in pages}) == 1


def test_a_picked_sentence_that_has_changed_since_is_kept_and_offered_first(alice: Person) -> None:
    write_something(alice)
    send(alice, "summary", "Too old.")
    alice.write(2, "Something else.", base=1)
    page = shown(alice, "summary")
    assert offered(page)[0] == ("Too old.", True)
    assert "Picked before, and changed there since" in page
    send(alice, "summary", "Too old.", text="more", base=1)
    assert stored(alice, "summary").text == "Too old.\n\nmore"


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_keeps_ticks_words_and_ending(alice: Person, kind: str) -> None:
    write_something(alice)
    response = send(alice, kind, "Too old.", text="a\0b", ending="talk")
    page = unescape(response.content.decode())
    assert (response.status_code, [sentence for sentence, ticked in offered(page) if ticked]) == (422, ["Too old."])
    assert "invisible character" in page
    assert kind == "limits" or re.search(r'name="ending" value="talk"[^>]* checked', page)
    assert stored(alice, kind) is None


@pytest.mark.parametrize("kind", KINDS)
def test_picked_and_typed_together_are_as_long_as_one_text_can_be(alice: Person, kind: str) -> None:
    response = send(alice, kind, "x" * 60_000, text="y" * 60_000)
    assert (response.status_code, len(box(response))) == (422, 60_000)
    assert "over the limit of 100,000 characters" in response.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_picked_sentence_with_a_nul_is_refused(alice: Person, kind: str) -> None:
    assert send(alice, kind, "a\0b").status_code == 422
    assert stored(alice, kind) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_keeps_ticks_and_words(alice: Person, kind: str) -> None:
    write_something(alice)
    data = {"text": "mine", "picked": ["Too old."], "base": 0, "ending": "talk"}
    alice.client.post(reverse(f"{kind}-draft"), data)
    page = alice.client.get(reverse(kind))
    ticked = [sentence for sentence, ticked in offered(unescape(page.content.decode())) if ticked]
    expected = {"limits": ("mine\nToo old.", []), "summary": ("mine", ["Too old."])}
    assert (box(page), ticked) == expected[kind]
    send(alice, kind, *ticked, text=box(page), ending="talk")
    assert not Draft.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_everything_comes_back_when_a_save_meets_a_lock(alice: Person, kind: str) -> None:
    alice.client.post(reverse("lock"))
    door = send(alice, kind, "One.", "Two & <three>.", text="mine", ending="talk").content.decode()
    data: dict[str, Any] = {}
    for name, value in re.findall(r'<textarea name="(kept_\w+)" hidden>\n(.*?)</textarea>', door):
        data.setdefault(name, []).append(unescape(value))
    resumed = alice.client.post(reverse("unlock"), {**data, "password": PASSWORD})
    page = resumed.content.decode()
    assert box(resumed) == "mine"
    assert [unescape(value) for value in re.findall(r'name="picked" value="(.*?)"', page)] == ["One.", "Two & <three>."]
    assert fields(resumed)["ending"] == "talk"


@pytest.mark.parametrize("kind", KINDS)
def test_two_tabs_clash_and_lose_neither(alice: Person, kind: str) -> None:
    send(alice, kind, "One.", text="first")
    response = send(alice, kind, "Two.", text="second")
    page = response.content.decode()
    assert (response.status_code, box(response), "first" in page) == (409, "second", True)
    assert ("Two.", True) in offered(page)
    assert fields(response)["base"] == "1"


@pytest.mark.parametrize(("kind", "called"), [("limits", "My limits"), ("summary", "Decision summary")])
def test_there_is_one_of_a_kind_and_its_pages_call_it_by_its_name(alice: Person, kind: str, called: str) -> None:
    send(alice, kind, text="one")
    send(alice, kind, text="two", base=1)
    for name in (kind, f"{kind}-history", f"{kind}-delete"):
        assert re.search(rf"<(h1|p)[^>]*>(<label[^>]*>)?{called}<", shown(alice, name)), name
    assert called in shown(alice, f"{kind}-version", 1)
    home = shown(alice, "journal")
    assert home.count(f'href="{reverse(kind)}"') == 1
    alice.client.post(reverse(f"{kind}-delete"))
    assert stored(alice, kind) is None


def test_the_page_for_paper_has_the_words_and_a_warning_on_screen(alice: Person) -> None:
    send(alice, "limits", text="No lies\n\nNo <shouting>\n")
    page = alice.client.get(reverse("limits-paper")).content.decode()
    assert re.findall(r'<li dir="auto">(.*?)</li>', page) == ["No lies", "No &lt;shouting&gt;"]
    send(alice, "summary", "Too old.", text="  Sleep\nfirst", ending="walk-away")
    page = alice.client.get(reverse("summary-paper")).content.decode()
    assert re.findall(r'<li dir="auto">(.*?)</li>', page) == ["Too old."]
    assert '<div class="words" dir="auto">Sleep\nfirst</div>' in page
    for said in ("<h1>My notes</h1>", "Walk away", "Paper and files can be found.", "<title>Either Way</title>"):
        assert said in page


@pytest.mark.parametrize("kind", KINDS)
def test_with_nothing_saved_the_page_for_paper_leads_to_the_box(alice: Person, kind: str) -> None:
    alice.client.post(reverse(f"{kind}-draft"), {"text": "mine", "base": 0})
    assert alice.client.get(reverse(f"{kind}-paper"))["Location"] == reverse(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_mallory_picks_from_her_own_words_only(alice: Person, mallory: Person, kind: str) -> None:
    write_something(alice)
    send(alice, kind, "Too old.", text="alice's")
    assert offered(shown(mallory, kind)) == []
    send(mallory, kind, text="mine")
    assert "alice" not in shown(mallory, f"{kind}-paper")
    assert "alice's" in stored(alice, kind).text


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_the_same_queries_however_much_is_written(alice: Person, count: int) -> None:
    for number in range(1, count + 1):
        alice.write(number, "One. Two.")
        alice.client.post(reverse("check-in", args=[f"2026-W0{number}"]), {"text": "A note.", "base": 0})
        for kind in KINDS:
            send(alice, kind, text=f"{number}", base=number - 1)
    for name, queries in (("limits", 7), ("summary", 7), ("limits-paper", 4), ("summary-paper", 4)):
        alice.client.get(reverse(name))
        with CaptureQueriesContext(connection) as captured:
            alice.client.get(reverse(name))
        assert len(captured) == queries, (name, [query["sql"][:90] for query in captured])

import re
from html import unescape
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guide import edition
from guide.models import Question
from journal import entries
from journal.models import Revision, random_id
from tests.conftest import Person

pytestmark = pytest.mark.django_db
LONG = "Ж" * 100_001


def box(response: object) -> str:
    """The text in the writing box of a page, as a browser reads it."""
    found = re.search(r'<textarea id="id_text"[^>]*>\n(.*?)</textarea>', response.content.decode(), re.DOTALL)
    return unescape(found[1])


def answer(person: Person, number: int) -> str:
    return box(person.client.get(reverse("answer", args=[number])))


def test_an_answer_is_saved_and_stands_in_its_box_again(alice: Person) -> None:
    response = alice.write(2, "It is worst on Sunday nights.")
    assert (response.status_code, response["Location"]) == (302, "/journal/?done=saved")
    assert answer(alice, 2) == "It is worst on Sunday nights."


def test_the_second_button_leads_to_the_next_question(alice: Person) -> None:
    assert alice.write(2, "text", next="1")["Location"] == "/journal/3/?done=saved"


@pytest.mark.parametrize(
    "text",
    [
        "Tom & ich <3 \"ok\" &amp; 'x'",
        "👩🏽‍❤️‍💋‍👩 💔 שלום ↳ é",
        "\n\nbegins with empty lines",
        "  spaces around  \n",
        "line\r\nend\r\n",
        "</textarea><script>alert(1)</script>",
        "\u202ertl override\u202c",
    ],
)
def test_text_comes_back_exactly_however_often_it_is_saved(alice: Person, text: str) -> None:
    alice.write(2, text)
    for base in range(1, 4):
        assert entries.read(alice.vault, entries.answer_id(alice.vault, "time")).text == text
        shown = answer(alice, 2)
        assert shown == text
        alice.write(2, shown + "x", base=2 * base - 1)
        alice.write(2, text, base=2 * base)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_text_that_can_be_typed_is_kept_to_the_byte(alice: Person, text: str) -> None:
    Revision.objects.all().delete()
    alice.write(2, text)
    saved = entries.read(alice.vault, entries.answer_id(alice.vault, "time"))
    assert (saved.text if saved else "") == (text if text.strip() else "")


def test_an_empty_box_stores_nothing(alice: Person) -> None:
    assert alice.write(2, "  \r\n ")["Location"] == "/journal/"
    assert not Revision.objects.exists()


def test_saving_without_a_change_adds_no_version_and_moves_no_date(alice: Person) -> None:
    with time_machine.travel("2026-12-31T12:00:00Z", tick=False):
        alice.sign_in()
        alice.write(2, "text", feeling="thinking")
    with time_machine.travel("2027-01-02T12:00:00Z", tick=False):
        alice.sign_in()
        assert alice.write(2, "text", base=1, feeling="thinking").status_code == 302
        assert "December 31, 2026" in alice.client.get(reverse("journal")).content.decode()
        alice.write(2, "text", base=1, feeling="settled")
    assert list(Revision.objects.values_list("number", flat=True)) == [1, 2]


def test_too_long_a_text_is_refused_with_the_limit_named_and_stays_in_the_box(alice: Person) -> None:
    response = alice.write(2, LONG)
    assert response.status_code == 422
    assert "over the limit of 100,000 characters by 1." in response.content.decode()
    assert box(response) == LONG
    assert not Revision.objects.exists()


def test_nine_hundred_thousand_letters_are_given_back_too(alice: Person) -> None:
    response = alice.write(2, "Ж" * 900_000)
    assert response.status_code == 422
    assert box(response) == "Ж" * 900_000


def test_a_text_of_exactly_the_limit_is_saved(alice: Person) -> None:
    assert alice.write(2, "👩" * 100_000).status_code == 302


def test_a_nul_is_refused_in_plain_words_with_the_text_kept(alice: Person) -> None:
    response = alice.write(2, "before\0after")
    assert response.status_code == 422
    assert "invisible character (NUL)" in response.content.decode()
    assert box(response) == "before\0after"


def test_a_form_without_the_version_it_replaces_is_refused_and_kept(alice: Person) -> None:
    alice.write(2, "first")
    response = alice.client.post(reverse("answer", args=[2]), {"text": "second"})
    assert response.status_code == 409
    assert box(response) == "second"
    assert answer(alice, 2) == "first"


def test_a_second_tab_is_shown_both_texts_and_loses_neither(alice: Person) -> None:
    alice.write(2, "A")
    alice.write(2, "AB", base=1)
    response = alice.write(2, "AC", base=1)
    assert response.status_code == 409
    assert '<div class="past words" dir="auto">AB</div>' in response.content.decode()
    assert box(response) == "AC"
    assert 'name="base" value="2"' in response.content.decode()
    alice.write(2, box(response), base=2)
    entry = entries.answer_id(alice.vault, "time")
    assert [entries.read(alice.vault, entry, n).text for n in (1, 2, 3)] == ["A", "AB", "AC"]


def test_the_zone_of_the_writer_makes_the_date_and_never_moves_it(alice: Person) -> None:
    alice.write(2, "text", zone="Pacific/Kiritimati")
    alice.write(3, "text", zone="Mars/Olympus")
    written = {v.head.question: v.head for v in entries.newest_beside(alice.vault, [])}
    assert (written["time"].zone, written["time"].written[-6:]) == ("Pacific/Kiritimati", "+14:00")
    assert written["feedback"].zone == ""  # by the site's clock
    page = alice.client.get(reverse("answer", args=[4])).content.decode()
    assert re.search(r'name="zone" id=', page)


def test_the_shown_day_is_the_writers_own_whatever_the_site_s_zone(alice: Person) -> None:
    with time_machine.travel("2027-01-01T04:30:00Z", tick=False):
        alice.sign_in()
        alice.write(2, "text", zone="America/New_York")
        alice.write(2, "text again", base=1, zone="Asia/Shanghai")
        home = alice.client.get(reverse("journal")).content.decode()
        history = alice.client.get(reverse("answer-history", args=[2])).content.decode()
    assert "January 1" in home
    assert re.findall(r"<b>(\w+ \d+[^<]*)</b>", history) == ["January 1, 12:30\u00a0PM", "December 31, 11:30\u00a0PM"]


def test_a_free_page_has_a_title_and_an_address_of_its_own(alice: Person) -> None:
    form = alice.client.get(reverse("new-page")).content.decode()
    entry = re.search(r'name="entry" value="([0-9a-f-]{36})"', form)[1]
    data = {"text": "Dear diary", "title": "Sunday", "base": 0, "entry": entry}
    assert alice.client.post(reverse("new-page"), data).status_code == 302
    assert alice.client.post(reverse("new-page"), data).status_code == 302  # sent twice, saved once
    page = alice.client.get(reverse("page-entry", args=[entry]))
    assert box(page) == "Dear diary"
    assert 'value="Sunday"' in page.content.decode()
    assert "Sunday" in alice.client.get(reverse("journal")).content.decode()
    assert Revision.objects.count() == 1


def test_the_journals_home_shows_state_but_never_a_word_of_a_text(alice: Person) -> None:
    alice.write(2, "a secret sentence", feeling="settled")
    page = alice.client.get(reverse("journal")).content.decode()
    assert "Settled for now" in page
    assert page.count('<li class="done">') == 1
    assert page.count("Whenever you like") == 7
    assert "secret" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_the_same_queries_however_much_is_written(alice: Person, count: int) -> None:
    for base in range(count):
        alice.write(2, f"version {base}", base=base)
        entries.write(alice.vault, random_id(), 0, entries.Head(kind="page"), "text")
    alice.client.get(reverse("journal"))
    # Session, user with keyring, the server's half of the key; then what each page is about.
    for name, args, queries in (
        ("journal", [], 8),
        ("answer", [2], 7),
        ("answer-history", [2], 4),
        ("answer-version", [2, 1], 4),
    ):
        with CaptureQueriesContext(connection) as captured:
            assert alice.client.get(reverse(name, args=args)).status_code == 200
        assert len(captured) == queries, (name, [query["sql"][:90] for query in captured])


def test_versions_are_listed_with_their_dates_and_can_be_read(alice: Person) -> None:
    alice.write(2, "first", feeling="thinking")
    alice.write(2, "second", base=1)
    listed = alice.client.get(reverse("answer-history", args=[2])).content.decode()
    assert "2 versions, newest first." in listed
    version = alice.client.get(reverse("answer-version", args=[2, 1])).content.decode()
    assert '<div class="past words" dir="auto">first</div>' in version
    assert "Still thinking" in version
    assert alice.client.get(reverse("answer-version", args=[2, 9])).status_code == 404


def test_one_version_or_all_are_deleted_after_one_question(alice: Person) -> None:
    for base in range(3):
        alice.write(2, f"version {base}", base=base)
    one = reverse("answer-version-delete", args=[2, 2])
    assert "Delete this version?" in alice.client.get(one).content.decode()
    assert Revision.objects.count() == 3
    assert alice.client.post(one)["Location"] == "/journal/2/history/?done=deleted"
    assert set(Revision.objects.values_list("number", flat=True)) == {1, 3}
    assert alice.client.post(reverse("answer-delete", args=[2]))["Location"] == "/journal/?done=deleted"
    assert not Revision.objects.exists()
    assert alice.client.get(reverse("answer-delete", args=[2])).status_code == 404


def test_a_damaged_answer_says_so_and_can_be_written_anew(alice: Person) -> None:
    alice.write(2, "lost")
    Revision.objects.update(head=b"garbage", body=b"garbage")
    page = alice.client.get(reverse("answer", args=[2])).content.decode()
    assert "What was written here can’t be opened." in page
    assert alice.write(2, "new", base=1).status_code == 302
    assert answer(alice, 2) == "new"
    assert "Version 1" in alice.client.get(reverse("answer-history", args=[2])).content.decode()


def test_a_reworded_question_keeps_the_words_that_were_answered(alice: Person) -> None:
    alice.write(2, "text")
    question = Question.objects.originals().get(number=2)
    asked, question.prompt = question.prompt, "Asked another way?"
    question.save()
    question.publish()
    edition.forget()
    assert "Asked another way?" in alice.client.get(reverse("answer", args=[2])).content.decode()
    version = alice.client.get(reverse("answer-version", args=[2, 1])).content.decode()
    assert f"The question was then: {asked}" in version


def test_ids_of_others_are_not_found(alice: Person, mallory: Person) -> None:
    entry = random_id()
    entries.write(alice.vault, entry, 0, entries.Head(kind="page"), "hers")
    for found in (entry, uuid4()):
        for name in ("page-entry", "page-entry-history", "page-entry-delete"):
            assert mallory.client.get(reverse(name, args=[found])).status_code == 404
        for name in ("page-entry", "page-entry-delete"):
            assert mallory.client.post(reverse(name, args=[found]), {"text": "his", "base": 1}).status_code == 404
    assert entries.read(alice.vault, entry).text == "hers"


def test_an_unknown_question_is_not_found(alice: Person) -> None:
    assert alice.client.get("/journal/9/").status_code == 404


def test_somebody_new_is_led_to_join_and_somebody_known_to_unlock(alice: Person) -> None:
    assert Client().get("/journal/2/")["Location"] == "/join/?next=%2Fjournal%2F2%2F"
    assert Client().get("/journal/")["Location"] == "/sign-in/?next=%2Fjournal%2F"
    alice.client.post(reverse("lock"))
    assert alice.client.get("/journal/2/")["Location"] == "/unlock/?next=%2Fjournal%2F2%2F"


def test_locking_while_writing_saves_first_and_unlocking_leads_back(alice: Person) -> None:
    response = alice.write(2, "words so far", lock="1")
    assert response["Location"] == "/unlock/?next=%2Fjournal%2F2%2F"
    assert alice.client.get("/journal/2/").status_code == 302
    unlocked = alice.client.post(reverse("unlock"), {"password": alice.password, "next": "/journal/2/"})
    assert unlocked["Location"] == "/journal/2/#main"
    assert answer(alice, 2) == "words so far"


def test_locking_an_empty_box_locks_too(alice: Person) -> None:
    alice.write(2, "", lock="1")
    assert alice.client.get("/journal/2/").status_code == 302
    assert not Revision.objects.exists()


def test_a_title_alone_is_not_lost(alice: Person) -> None:
    data = {"text": "", "title": "Only a title", "base": 0, "entry": "2" * 32}
    alice.client.post(reverse("new-page"), data)
    assert "Only a title" in alice.client.get(reverse("journal")).content.decode()

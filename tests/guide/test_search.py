"""Search: through what readers see, in memory, with words that are kept nowhere."""

import re
import unicodedata
from html import unescape
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from guide import edition, rendering, search
from guide.models import Editable, Page, Question, Section, Tip
from guide.pages import Guide
from tests.conftest import Person

pytestmark = pytest.mark.django_db


def guide_of(*bodies: str, title: str = "Title", lead: str = "Lead.") -> Guide:
    """A guide with nothing but pages of these texts."""
    pages = [Page(slug=f"page-{number}", title=title, lead=lead, body=body) for number, body in enumerate(bodies)]
    for page in pages:
        page.render()
    return Guide([], [], [], [], [], {page.slug: page for page in pages}, [])


def found(guide: Guide, words: str) -> list[str]:
    return [result.url for result in search.find(guide, words)]


def sentences(guide: Guide, words: str) -> list[str]:
    return [sentence for result in search.find(guide, words) for sentence in result.sentences]


def answer(words: str, client: Client | None = None) -> Any:
    return (client or Client()).post("/search/", {"q": words})


def links(response: Any) -> list[str]:
    return re.findall(r'<div class="found"><h3><a href="([^"]+)">', response.content.decode())


def change(record: Editable, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(record, name, value)
    record.save()


def test_words_are_found_in_titles_leads_texts_and_lists_of_what_is_live() -> None:
    change(Section.objects.originals().get(slug="red-flags"), title="Zwiebelturm")
    change(Section.objects.originals().get(slug="bottom-line"), lead="A Zwiebelturm again.")
    change(
        Section.objects.originals().get(slug="reaching-out"),
        body="Before.\n\n{list}\n\nThe Zwiebelturm stands after the list.",
    )
    change(Tip.objects.originals().get(slug="be-open"), title="Zwiebelkuchen")
    change(Tip.objects.originals().get(slug="be-gentle"), body="Zwiebelkuchen in a text.")
    change(Question.objects.originals().get(number=1), prompt="Zwiebelturm?")
    change(Question.objects.originals().get(number=2), body="A Zwiebelturm.")
    change(Page.objects.originals().get(slug="privacy"), body="A Zwiebelturm.")
    change(Page.objects.originals().get(slug="afraid"), body="A Zwiebelturm in a piece, which has no address.")
    assert (links(answer("zwiebelturm")), links(answer("zwiebelkuchen"))) == ([], [])
    for model in (Section, Tip, Question, Page):
        model.objects.originals().all().publish()
    edition.forget()
    part = "/guide/are-you-ready/"
    assert links(answer("zwiebelturm")) == [
        part, "/guide/reaching-out/", "/guide/red-flags/", "/guide/bottom-line/", f"{part}1/", f"{part}2/", "/privacy/",
    ]  # fmt: skip
    assert links(answer("zwiebelkuchen")) == ["/guide/reaching-out/"]


def test_what_is_off_the_site_is_not_found() -> None:
    assert "/guide/red-flags/" in links(answer("giddy"))
    Section.objects.originals().get(slug="red-flags").unpublish()
    edition.forget()
    assert "/guide/red-flags/" not in links(answer("giddy"))


def test_all_the_words_are_needed_in_any_order_and_place() -> None:
    guide = guide_of("One onion.", "One tower.", "A tower.\n\nAn onion.", title="Roof")
    assert found(guide, "onion tower") == ["/page-2/"]
    assert found(guide, "tower onion roof") == ["/page-2/"]
    assert found(guide, "onion") == ["/page-0/", "/page-2/"]
    assert found(guide, "onion cellar") == []


def test_a_word_is_found_by_its_beginning_and_not_from_the_middle() -> None:
    guide = guide_of("Some onions here.")
    assert found(guide, "oni") == ["/page-0/"]
    assert found(guide, "nion") == []


@pytest.mark.parametrize("typed", ["CAFÉ", "cafe", "Café", "cAFe"])
def test_case_and_accents_make_no_difference(typed: str) -> None:
    guide = guide_of("A café.", "A CAFE.", "A cave.")
    assert found(guide, typed) == ["/page-0/", "/page-1/"]
    assert sentences(guide, typed) == ["A <mark>café</mark>.", "A <mark>CAFE</mark>."]


@pytest.mark.parametrize("typed", ["don't", "don’t", "DON'T"])
def test_straight_and_curly_apostrophes_are_the_same(typed: str) -> None:
    assert sentences(guide_of("I don't know."), typed) == ["I <mark>don’t</mark> know."]


def test_an_accent_typed_as_a_character_of_its_own_makes_no_difference() -> None:
    assert found(guide_of("A café."), "cafe\u0301") == ["/page-0/"]


@pytest.mark.parametrize("typed", ['"red flags"', "“red flags”", "red, flags", "(flags)", "flags?", "-flags"])
def test_marks_around_a_word_make_no_difference(typed: str) -> None:
    assert found(guide_of("Some red flags here."), typed) == ["/page-0/"]


def test_two_sentences_of_a_page_are_shown_with_every_word_marked() -> None:
    guide = guide_of("An onion on a tower. No root. Towers? Yes, a tower! The last onion.", lead="A lead.")
    assert sentences(guide, "onion tower") == [
        "An <mark>onion</mark> on a <mark>tower</mark>.",
        "<mark>Towers</mark>?",
    ]


def test_everything_that_html_knows_is_escaped() -> None:
    guide = guide_of(
        "`<b>` onion & \"tower\" <script>alert(1)</script> 'x'.", lead="<i>onion</i> & co.", title="<u>T</u>"
    )
    assert sentences(guide, "onion") == [
        "&lt;i&gt;<mark>onion</mark>&lt;/i&gt; &amp; co.",
        "&lt;b&gt; <mark>onion</mark> &amp; “tower” &lt;script&gt;alert(1)&lt;/script&gt; ‘x’.",
    ]
    assert sentences(guide, "script")[0].count("&lt;<mark>script</mark>&gt;") == 1
    assert sentences(guide, "amp lt gt quot") == []


def test_the_page_escapes_words_and_titles() -> None:
    typed = '"><script>alert(1)</script>'
    page = answer(typed).content.decode()
    assert "<script>alert" not in page
    assert 'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in page
    change(Page.objects.originals().get(slug="privacy"), title="<script>alert(2)</script> Zwiebelturm")
    Page.objects.originals().all().publish()
    edition.forget()
    page = answer("zwiebelturm").content.decode()
    assert ">&lt;script&gt;alert(2)&lt;/script&gt; Zwiebelturm</a>" in page
    assert "<script>alert" not in page


def test_a_title_of_a_list_is_text_and_not_html() -> None:
    change(Tip.objects.originals().get(slug="be-open"), title="Say <zwiebel> aloud")
    Tip.objects.all().publish()
    edition.forget()
    assert links(answer("zwiebel")) == ["/guide/reaching-out/"]


def test_a_question_ends_with_its_own_mark() -> None:
    assert "?." not in str(sentences(edition.current().guide, "partner"))


@pytest.mark.parametrize("typed", [".*", "(", "[a-z]+", "\\", "\\w", "|", "^", "$", "a{2}", "(?i)a", "\0", "%_"])
def test_words_are_never_a_pattern(typed: str) -> None:
    assert found(guide_of("Some onions, a tower."), typed) == []


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_result_is_the_sentence_itself_whatever_is_looked_for(text: str, words: str) -> None:
    guide = guide_of(text, lead="Onion.")
    plain = f"Onion. {rendering.plain_text(guide.pages['page-0'].body_html)}"
    for sentence in sentences(guide, words) + sentences(guide, f"onion {words}"):
        assert re.search(r"<(?!/?mark>)", sentence) is None
        assert unescape(re.sub("</?mark>", "", sentence)) in unicodedata.normalize("NFC", plain)


@pytest.mark.parametrize("typed", ["", "   ", "\n"])
def test_nothing_typed_is_the_empty_page(typed: str) -> None:
    assert answer(typed).content.strip() == edition.current().pages["/search/"].body.strip()
    assert Client().post("/search/").content.strip() == edition.current().pages["/search/"].body.strip()


def test_nothing_found_says_so_and_keeps_the_words_in_the_box() -> None:
    page = answer("  zwiebelturm ").content.decode()
    assert re.findall(r"<h2>(.*?)</h2>\s*<p>(.*?\.) Looking for help\?", page) == [
        ("Nothing found", "Nothing found for those words. Try one word.")
    ]
    assert re.findall(r'Looking for help\?.*?href="(.*?)".*?href="(.*?)"', page) == [("/help/", "/check/")]
    assert re.findall(r'name="q" value="(.*?)"', page) == ["zwiebelturm"]


def test_results_are_counted() -> None:
    headings = [re.findall(r"<h2>(.*?)</h2>", answer(words).content.decode()) for words in ("giddy", "giddiness")]
    assert headings == [["1 page"], ["1 page"]]
    assert re.findall(r"<h2>(.*?)</h2>", answer("a").content.decode()) == [f"{len(links(answer('a')))} pages"]


def test_words_past_two_hundred_characters_are_cut() -> None:
    long = "giddy " * 33  # 198 characters
    assert links(answer(long + "x zwiebelturm")) == []
    assert links(answer(long + "  zwiebelturm")) == ["/guide/red-flags/"]
    assert re.findall(r'name="q" value="(.*?)"', answer("x" * 500).content.decode()) == ["x" * 200]


def test_a_search_is_the_same_for_everybody_without_cookie_query_or_shared_cache(
    alice: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    edition.current()
    with django_assert_num_queries(0):
        response = answer("giddy", Client(enforce_csrf_checks=True))
    assert (response.status_code, response["Cache-Control"]) == (200, "private, max-age=300")
    assert (response.cookies, response.has_header("ETag")) == ({}, False)
    with django_assert_num_queries(0):
        hers = answer("giddy", alice.client)
    assert (hers.content, hers.cookies) == (response.content, {})


def test_the_words_stand_in_no_address() -> None:
    assert 'method="post" action="/search/"' in Client().get("/search/").content.decode()
    asked = Client().get("/search/?q=giddy")
    assert asked.content == edition.current().pages["/search/"].body


def test_get_is_the_page_of_the_edition() -> None:
    page = edition.current().pages["/search/"]
    response = Client().get("/search/")
    assert (response.content, response["ETag"], response["Cache-Control"]) == (
        page.body,
        page.etag,
        "public, max-age=60",
    )
    assert Client().head("/search/")["ETag"] == page.etag
    assert Client().put("/search/").status_code == 405


def test_help_lines_ways_to_begin_and_follow_ups_are_found() -> None:
    guide = edition.current().guide
    assert "/help/uk/" in found(guide, "samaritans")
    question = guide.questions[0]
    for line in (question.starters.splitlines()[0], question.follow_ups.splitlines()[0], question.summary):
        assert question.get_absolute_url() in found(guide, line)

"""What an editor is told while editing, and that the shipped guide has no mistake that an editor would be told of."""

import time
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from guide import bundle
from guide.language import ORIGINAL
from guide.links import Addresses
from guide.models import Section
from guide.proofreading import PHRASES, Finding, help_line_findings, proofread, source_findings

SITE = Addresses(live={"/", "/help/"}, known={"/", "/help/", "/drafted/"})
LAKE = "/images/lake-1600x900-0123456789ab.webp"
GENDER = "write “they”, “your partner” or “your ex”, because it may be anybody"


def said(text: str, language: str = "en") -> list[tuple[str, str, str]]:
    found = proofread({"body": text}, SITE, language=language)
    assert {finding.field for finding in found} <= {"body"}
    return [(finding.level, finding.message, finding.excerpt) for finding in found]


def messages(text: str, language: str = "en") -> list[str]:
    return [message for _, message, _ in said(text, language)]


def test_a_good_text_is_left_alone() -> None:
    text = "## What helps\n\nYou can [talk to someone](/help/).\n\n### Why\n\n- It helps.\n- <https://example.org>"
    assert said(text.replace("<https://example.org>", "[Example](https://example.org)")) == []


def test_what_has_to_be_there_is_missed() -> None:
    texts = {"title": " \n", "lead": "", "body": "Words."}
    message = "This is empty: write something here."
    assert proofread(texts, SITE, required=("title", "body", "summary")) == [
        Finding("error", "title", message),
        Finding("error", "summary", message),
    ]


def test_errors_come_first_and_the_same_is_said_once() -> None:
    texts = {"title": "Go now!", "body": "[a](x) and [a](x)"}
    message = "“x” would lead nowhere: begin with / for a page of ours, or with https://."
    calm = "“!” stands here: write a full stop, because calm words need no raised voice."
    assert proofread(texts, SITE) == [
        Finding("error", "body", message, "a"),
        Finding("warning", "title", calm, "Go now!"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "a <script", "<p style='color:red'>a</p>", "<img src=x onerror=alert(1)>",
        "a <b>c</b>", "<!-- a -->", "a\n\n<iframe src=x>", 'a onclick="x"', "style='x'", "::: note <b>a\nc\n:::",
    ],
)  # fmt: skip
def test_html_is_an_error_because_readers_would_see_it(text: str) -> None:
    message = "Readers would see this code as text, and it does nothing: take it out, or write it in Markdown."
    assert {found for level, found, _ in said(text) if level == "error"} == {message}


@pytest.mark.parametrize("text", ["`<script>`", "```\n<b>\n```", "2 < 3", "<3", "one = 1", "on=1", "once: x"])
def test_code_that_is_meant_and_signs_are_left_alone(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "JaVaScRiPt&colon;alert(1)", "vbscript:x", "data:text/html,x", "data:image/png,x"]
)
def test_a_link_that_would_run_something_is_an_error(href: str) -> None:
    plain = href.replace("&colon;", ":")
    message = f"“{plain}” would lead nowhere: links begin with /, https:, mailto:, tel: or sms:."
    assert said(f"[a]({href})") == [("error", message, "a")]


@pytest.mark.parametrize("text", ["[so *it* is](x)", "[so *it* is][1]\n\n[1]: x", "::: note [so it is](x)\na\n:::"])
def test_links_are_found_however_they_are_written(text: str) -> None:
    message = "“x” would lead nowhere: begin with / for a page of ours, or with https://."
    assert said(text) == [("error", message, "so it is")]


def test_a_link_to_a_draft_is_a_warning() -> None:
    message = "Readers can’t open “/drafted/” yet: publish that page too, or leave out the link."
    assert said("[Soon](/drafted/)") == [("warning", message, "Soon")]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("[here](/help/)", "here"),
        ("[Click here](/help/)", "Click here"),
        ("[*this link*.](/help/)", "this link."),
        ("<https://example.org>", "https://example.org"),
        ("[www.example.org](https://example.org)", "www.example.org"),
    ],
)
def test_the_words_of_a_link_say_where_it_leads(link: str, words: str) -> None:
    message = "The words of this link don’t say where it leads: name the page or the site."
    assert said(link) == [("warning", message, words)]


def test_a_mail_address_is_a_good_name_for_itself() -> None:
    assert said("<ana@example.org>") == []


def test_a_link_without_words_is_an_error() -> None:
    message = "This link has no words: write between [ and ] where it leads."
    assert said(f"[](/help/) [![ ]({LAKE})](/help/)")[0] == ("error", message, "/help/")


def test_a_picture_has_words_and_is_one_of_ours() -> None:
    words = "This picture has no words for those who can’t see it: write them between [ and ]."
    ours = "Readers see pictures of this site only, and would see its words instead: upload it here."
    assert said(f"![]({LAKE})") == [("warning", words, LAKE)]
    assert said("![A lake](https://example.org/a.png)") == [("warning", ours, "https://example.org/a.png")]
    assert said(f"![A lake]({LAKE}) [![A lake]({LAKE})](/help/)") == []


@pytest.mark.parametrize(
    ("text", "skips"),
    [
        ("# a\n\n## b\n\n### c\n\n## d\n\n### e", []),
        ("::: note a\n### b\n:::\n\n#### c", []),
        ("### *a*", [("##", "a")]),
        ("## a\n\n#### b\n\n##### c", [("###", "b")]),
        ("## a\n\n##### b\n\n## c\n\n#### d", [("###", "b"), ("###", "d")]),
    ],
)
def test_headings_skip_no_level(text: str, skips: list[tuple[str, str]]) -> None:
    found = [("warning", f"This heading skips a level: begin it with {marks}.", words) for marks, words in skips]
    assert said(text) == found


def test_a_long_sentence_is_named_by_its_beginning() -> None:
    assert said(f"{'go ' * 25}.\n\n- {'so ' * 25}") == []
    beginning = "go go go go go go go go go go go go go go go go go go go go…"
    assert said("go " * 26) == [("warning", "This sentence has 26 words: make two of it.", beginning)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("You should go.", ["should"]),
        ("You SHOULD go. Shouldn’t you?", ["should", "shouldn't"]),
        ("Mustard, justice, shoulder, them, there, hero", []),
        ("his, *her* and ex-husband", ["his", "her", "husband"]),
        ("Move\non. Win them **back**", ["move on", "win them back"]),
        ("a toxic victim's fiancée", ["toxic", "victim", "fiancée"]),
        ("[Obviously](/help/) `just`", ["obviously", "just"]),
        (f"![simply]({LAKE})", ["simply"]),
        ("Oops!", ["oops", "!"]),
    ],
)
def test_words_to_think_over_are_found_whole_and_in_any_case(text: str, words: list[str]) -> None:
    assert [message.split("”")[0].removeprefix("“") for message in messages(text)] == words


def test_a_word_is_said_once_with_how_often_it_stands_there() -> None:
    text = "He left. Everybody said so, and then again for a long time he was gone."
    assert said(text) == [("warning", f"“he” stands here 2 times: {GENDER}.", "He left. Everybody said so, and…")]


def test_every_phrase_is_found() -> None:
    for phrases, advice in PHRASES["en"]:
        for phrase in phrases.split(", "):
            assert f"“{phrase}” stands here: {advice}." in messages(phrase)


def test_words_of_other_languages_are_not_taken_for_english() -> None:
    assert said("He hablado. Toxic, just", "es") == []
    assert messages("¡Basta!", "es") == ["“!” stands here: write a full stop, because calm words need no raised voice."]


HARD = (
    "Considerable organizational responsibilities notwithstanding, "
    "professionals characteristically underestimate complexity. "
)


def test_a_text_above_grade_8_is_a_warning_at_its_last_field() -> None:
    found = proofread({"title": "Hard", "body": HARD * 4}, SITE)
    message = "This reads like grade 45.8: shorter words and sentences bring it to 8."
    assert found == [Finding("warning", "body", message)]
    assert said(HARD * 4, "es") == []


def test_a_few_words_have_no_grade() -> None:
    assert said(HARD * 2) == []


@pytest.mark.parametrize("sources", ["", " , "])
def test_a_part_without_a_source_is_a_warning(sources: str) -> None:
    assert source_findings(sources) == [Finding("warning", "sources", "No source is named: say where this is from.")]


def test_a_part_with_a_source_is_fine() -> None:
    assert source_findings("kirkhorn, chain") == []


@pytest.mark.parametrize(
    ("verified_on", "message"),
    [
        (None, "Nobody has verified this line: call it or look it up, then fill in the day."),
        (
            date(2026, 1, 1),
            "This line was verified 91 days ago: call it or look it up again, then fill in the day.",
        ),
        (
            date(2026, 4, 3),
            "The day of the last look is still to come: fill in the day on which somebody verified this line.",
        ),
    ],
)
def test_a_help_line_is_verified_every_90_days(verified_on: date | None, message: str) -> None:
    assert help_line_findings(verified_on, date(2026, 4, 2)) == [Finding("warning", "verified_on", message)]


@pytest.mark.parametrize("verified_on", [date(2026, 1, 2), date(2026, 4, 2)])
def test_a_help_line_is_fresh_for_90_days(verified_on: date) -> None:
    assert help_line_findings(verified_on, date(2026, 4, 2)) == []


PIECES = [
    "[a](", "[](", ")", "![", "](x)", "<https:", "<a@b.c>", "//[", "http://", "mailto:", "tel:", "#", "### a\n", "\n\n",
    "- ", "> ", "::: note x\n", ":::\n", "|a|\n|-|\n", "<script", "onx='", "he ", "should", "!", "’", "İ", "ſ", "ß",
    "{list}", "`", "*", "%", "%zz", "&colon;", "\\", "\0", "[1]: x\n", "[1]", "…", ". ",
]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=20).map("".join))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    found = proofread({"title": text, "body": text}, SITE, required=("title",))
    assert {finding.level for finding in found} <= {"error", "warning"}
    assert {finding.field for finding in found} <= {"title", "body"}
    assert [finding for finding in found if "\n" in finding.message] == []


def seconds(text: str) -> float:
    """The best of three: what else goes on in the process is not the text's fault."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        proofread({"body": text}, SITE)
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize("piece", ["](", "[", "<a", "...", "'", "a-", "onclick=", "he ", "<a@b.c>", "- a\n", "\"'"])
def test_a_text_twice_as_long_takes_about_twice_the_time(piece: str) -> None:
    short, long = ((piece * length)[:length] for length in (2_000, 16_000))
    # Eight times as long: in time that grows with the square, this would be 64 times.
    assert seconds(long) < 30 * seconds(short) + 0.02


@pytest.fixture(scope="module")
def records() -> list[bundle.Record]:
    found, problems = bundle.read(bundle.CONTENT)
    assert problems == []
    return found


def addresses(records: list[bundle.Record]) -> set[str]:
    own = {"sections", "questions", "countries", "pages"}
    paths = {
        record.model(**record.fields).get_absolute_url()
        for record in records
        if record.file.parent.name in own and record.language == ORIGINAL
    }
    return paths | {reverse(name) for name in ("home", "whole-guide", "search", "journal")}


def proofread_record(record: bundle.Record, site: Addresses) -> list[Any]:
    names = [*record.model.counted, "lead", "notice", "follow_ups", "starters", "body"]
    texts = {name: record.fields[name] for name in dict.fromkeys(names) if name in record.fields}
    required = [name for name in ("title", "prompt", "text") if name in texts]
    return proofread(texts, site, required)


def test_the_shipped_guide_has_no_errors(records: list[bundle.Record]) -> None:
    paths = addresses(records)
    site = Addresses(live=paths, known=paths)
    found = [
        (record.file.name, finding)
        for record in records
        for finding in proofread_record(record, site)
        if finding.level == "error"
    ]
    assert found == []


def test_the_parts_of_the_shipped_guide_name_their_sources(records: list[bundle.Record]) -> None:
    parts = [record for record in records if record.model is Section and record.language == "en"]
    assert len(parts) == 7
    assert [record for record in parts if source_findings(record.fields["sources"])] == []

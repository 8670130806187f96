"""A record: a working copy, a history, and perhaps the version that readers see."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from guide.models import (
    Country,
    Editable,
    Flag,
    HelpLine,
    Page,
    Question,
    Section,
    Sign,
    Source,
    Tip,
)
from guide.publishing import Publication

pytestmark = pytest.mark.django_db
KINDS = [Section, Question, Tip, Flag, Sign, Country, HelpLine, Page, Source]


def section(**fields: Any) -> Section:
    return Section(**{"slug": "new", "title": "New part", "summary": "s", "lead": "l", "body": "b", **fields})


def problems(record: Editable) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        record.full_clean()
    return refused.value.message_dict


def live_titles() -> list[str]:
    return [tip.title for tip in Tip.objects.live()]


def test_a_save_renders_counts_and_keeps_a_version(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    part = section(title="Two words", lead="*Three* more words", notice="One", body="a b\n\n{list}\n\n[c](/d/)")
    with django_assert_num_queries(4):  # whether it is new, the row, its version, short names of translations
        part.save()
    assert (part.body_html, part.after_html) == ("<p>a b</p>", '<p><a href="/d/" rel="noreferrer">c</a></p>')
    assert part.words == 9
    part.body = "e"
    with django_assert_num_queries(4):
        part.save()
    versions = part.history.order_by("history_id").values_list("body", "body_html", "after_html", "words")
    assert list(versions) == [
        ("a b\n\n{list}\n\n[c](/d/)", "<p>a b</p>", '<p><a href="/d/" rel="noreferrer">c</a></p>', 9),
        ("e", "<p>e</p>", "", 7),
    ]


def test_a_text_is_not_rendered_again_when_it_is_read() -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    tip.history.filter(history_id=tip.live).update(body_html="<p>as it was saved</p>", words=7)
    read = next(each for each in Tip.objects.live() if each.slug == "be-open")
    assert (read.body_html, read.words) == ("<p>as it was saved</p>", 7)
    assert read.body == tip.body


def test_readers_see_the_pinned_version_while_the_working_copy_changes() -> None:
    before = live_titles()
    tip = Tip.objects.originals().get(slug="be-open")
    tip.title, tip.position = "A draft", 99
    tip.save()
    assert live_titles() == before
    tip.title = "A second draft"
    tip.save()
    tip.publish()
    published = [*(title for title in before if title != "Say openly what you hope for"), "A second draft"]
    assert live_titles() == published
    again = Tip.objects.originals().get(slug="be-open")
    again.title = "A third draft"
    again.save()
    assert live_titles() == published


@pytest.mark.parametrize("act", ["publish", "unpublish"])
def test_a_save_of_a_row_that_was_read_earlier_changes_nothing_for_readers(act: str) -> None:
    early = Tip.objects.originals().get(slug="be-open")
    tip = Tip.objects.originals().get(slug="be-open")
    tip.title = "The new title"
    tip.save()
    getattr(tip, act)()
    seen = live_titles()
    early.title = "A draft of somebody else"
    early.save()
    assert live_titles() == seen


def test_a_record_that_was_never_published_is_not_live() -> None:
    section().save()
    assert "new" not in {part.slug for part in Section.objects.live()}
    assert Section.objects.originals().get(slug="new").live is None


def test_taking_off_the_site_deletes_nothing_and_publishing_brings_it_back(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    before = live_titles()
    tip = Tip.objects.originals().get(slug="be-open")
    versions, editions = tip.history.count(), Publication.objects.count()
    with django_assert_num_queries(5):  # the newest version, the row and the edition between savepoints
        tip.unpublish()
    assert live_titles() == [title for title in before if title != tip.title]
    with django_assert_num_queries(5):
        tip.publish()
    assert live_titles() == before
    assert (tip.history.count(), Publication.objects.count()) == (versions, editions + 2)


def test_many_are_published_as_one_edition(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    editions = Publication.objects.count()
    for tip in Tip.objects.originals():
        tip.title = f"{tip.slug}, changed"
        tip.save()
    with django_assert_num_queries(8):
        Tip.objects.originals().publish()
    assert set(live_titles()) == {f"{tip.slug}, changed" for tip in Tip.objects.originals()}
    assert Publication.objects.count() == editions + 1


def test_a_deleted_record_is_no_longer_live_and_its_history_stays() -> None:
    before = live_titles()
    tip = Tip.objects.originals().get(slug="be-open")
    pk, versions = tip.pk, tip.history.count()
    Tip.objects.filter(original=tip).delete()
    tip.delete()
    assert live_titles() == [title for title in before if title != "Say openly what you hope for"]
    assert Tip.history.filter(id=pk).count() == versions + 1


@pytest.mark.parametrize("model", KINDS)
def test_everything_live_is_read_in_one_query_in_order(
    model: type[Editable], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    model.objects.originals().all().publish()
    expected = [(row.pk, str(row), row.slug, row.body_html, row.words) for row in model.objects.originals().all()]
    assert len(expected) > 1
    with django_assert_num_queries(1):
        versions = model.objects.live()
    assert [(row.pk, str(row), row.slug, row.body_html, row.words) for row in versions] == expected


def test_the_order_readers_see_is_published_too() -> None:
    before = live_titles()
    for tip in Tip.objects.all():
        tip.position = 100 - tip.position
        tip.save()
    assert live_titles() == before
    Tip.objects.all().publish()
    assert live_titles() == before[::-1]


def test_the_newest_version_is_known_with_each_row(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    tip.save()
    with django_assert_num_queries(1):
        newest = {row.slug: row.newest == row.live for row in Tip.objects.originals().with_newest()}
    assert newest == {"be-open": False, "respect-boundaries": True, "be-gentle": True, "seek-support": True}


BLANK = ["This field cannot be blank."]
TAKEN = "Another record has or had this short name. Choose another one."
NO_LIST = ["Write a line with only {list} where the list is to stand."]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"sources": "kirkhorn, nobody"}, {"sources": ["There is no source with the short name “nobody”."]}),
        ({"shows": "tips"}, {"body": NO_LIST}),
        ({"shows": "tips", "body": "a {list} b"}, {"body": NO_LIST}),
        ({"shows": "nothing"}, {"shows": ["Value 'nothing' is not a valid choice."], "body": NO_LIST}),
        ({"slug": "red-flags"}, {"slug": [TAKEN]}),
        ({"title": "", "summary": ""}, {"title": BLANK, "summary": BLANK}),
    ],
)
def test_a_part_that_readers_could_not_use_is_refused(fields: dict[str, str], expected: dict[str, list[str]]) -> None:
    section(shows="tips", body="{list}", sources=" kirkhorn ,chain, ").full_clean()
    assert problems(section(**fields)) == expected


@pytest.mark.parametrize(
    ("how", "value"), [("phone", "112"), ("text_line", "Text HELLO"), ("website", "https://example.org/")]
)
def test_a_help_line_needs_one_way_to_reach_it(how: str, value: str) -> None:
    line = HelpLine(slug="new", name="New", country="us", hours="Always", languages="English")
    assert problems(line) == {"__all__": ["Give a phone number, a text line or a web address."]}
    setattr(line, how, value)
    line.full_clean()


def test_a_help_line_of_a_country_nobody_added_is_refused() -> None:
    line = HelpLine(slug="new", name="New", country="atlantis", phone="112")
    assert problems(line) == {"country": ["There is no country with the short name “atlantis”."]}


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_text_from_a_browser_is_kept_with_plain_line_ends(end: str) -> None:
    part = section(shows="tips", body=end.join(["a", "", "{list}", "", "b  ", "c"]))
    part.full_clean()
    part.save()
    part.publish()
    for row in (Section.objects.originals().get(slug="new"), part.history.latest(), Section.objects.live()[0]):
        assert row.body == "a\n\n{list}\n\nb  \nc"
        assert (row.body_html, row.after_html) == ("<p>a</p>", "<p>b<br>\nc</p>")


@pytest.mark.parametrize("model", KINDS)
def test_a_short_name_is_given_once_in_each_kind(model: type[Editable]) -> None:
    first = model.objects.originals().first()
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save()


def test_a_question_s_number_is_given_once() -> None:
    twin = Question(slug="new", number=1, prompt="p", summary="s")
    assert problems(twin) == {"number": ["Another question has or had this number. Choose another one."]}


def test_addresses_follow_the_short_name_the_number_or_the_place() -> None:
    records = [section(), Question(number=9), Country(slug="xy"), Page(slug="new"), Page(slug="home"), Page(piece=True)]
    assert [record.get_absolute_url() for record in records] == [
        "/guide/new/", "/guide/are-you-ready/9/", "/help/xy/", "/new/", "/", "/",
    ]  # fmt: skip


@pytest.mark.parametrize(("phone", "dial"), [("+1 (800) 799-7233", "+18007997233"), ("13 11 14", "131114"), ("", "")])
def test_a_number_is_dialed_as_digits(phone: str, dial: str) -> None:
    assert HelpLine(phone=phone).dial == dial


@pytest.mark.parametrize(
    ("text_line", "number"),
    [
        ("Text START to 88788", "88788"),
        ("Text 9-8-8", "988"),
        ("Envía un mensaje de texto al 0458 737 732", "0458737732"),
        ("Text 911 to +44 7537 404 717", "+447537404717"),
        ("Text 88788 for help", ""),
        ("Write to us", ""),
        ("", ""),
    ],
)
def test_a_text_goes_to_the_number_at_the_end_of_its_line(text_line: str, number: str) -> None:
    assert HelpLine(text_line=text_line).text_to == number


@pytest.mark.parametrize(
    ("website", "site"),
    [("https://www.gov.wales/live-fear-free", "gov.wales/live-fear-free"), ("https://988.ca/", "988.ca"), ("", "")],
)
def test_a_website_is_told_as_people_write_it_down(website: str, site: str) -> None:
    assert HelpLine(website=website).site == site


@pytest.mark.parametrize(
    ("record", "refused"),
    [
        (Page(slug="journal", title="T"), True),
        (Page(slug="sign-in", title="T"), True),
        (Page(slug="leave", title="T"), True),
        (Page(slug="es", title="T"), True),
        (Page(slug="free", title="T"), False),
        (Page(slug="journal", title="T", piece=True), False),
        (Page(slug="anything", title="T"), False),
        (Section(slug="all", title="T", summary="s", lead="l"), True),
        (Section(slug="everything", title="T", summary="s", lead="l"), False),
    ],
    ids=str,
)
def test_an_address_that_leads_elsewhere_is_refused(record: Page | Section, refused: bool) -> None:
    if refused:
        with pytest.raises(ValidationError, match="Something else is at that address"):
            record.clean()
    else:
        record.clean()


def test_a_part_has_its_list_once() -> None:
    twice = Section(slug="new", title="T", summary="s", lead="l", shows="tips", body="{list}\n\n{list}")
    with pytest.raises(ValidationError, match=r"a line with only \{list\}"):
        twice.clean()


@pytest.mark.parametrize("phone", ["not a number", "12", "+1"])
def test_a_phone_number_that_can_not_be_dialed_is_refused(phone: str) -> None:
    line = HelpLine(slug="new", name="New", country="us", phone=phone)
    assert problems(line) == {"phone": ["Write the number in digits."]}

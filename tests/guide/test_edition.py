"""The edition: bytes in memory between publications, and always a whole one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from guide import edition
from guide.edition import CHECK_SECONDS, Edition
from guide.models import Section, Sign, Tip
from guide.pages import Guide
from guide.publishing import Publication

pytestmark = pytest.mark.django_db
LOOK = 2  # queries: what is due, and the newest number
READ = 9 + 2  # each kind of record, old addresses, pictures
TIP_PAGES = {"/guide/reaching-out/", "/guide/all/"}  # the Spanish has its own text


class Clock:
    """Stands in for the module `time`, and moves when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def tick(self) -> None:
        self.now += CHECK_SECONDS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(edition, "time", clock)
    monkeypatch.setattr(edition, "CHECK_SECONDS", CHECK_SECONDS)
    return clock


def save_tip(body: str) -> Tip:
    tip = Tip.objects.originals().get(slug="be-open")
    tip.body = body
    tip.save()
    return tip


def publish_tip(body: str) -> None:
    save_tip(body).publish()


def part() -> str:
    return edition.current().pages["/guide/reaching-out/"].body.decode()


@contextmanager
def missing(table: str) -> Iterator[None]:
    """Take a table away, and put it back."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO gone")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE gone RENAME TO {table}")


def test_the_first_reader_s_edition_is_read_and_rendered_once(
    clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(LOOK + READ):
        first = edition.current()
    assert first.number == Publication.objects.latest("pk").pk
    with django_assert_num_queries(0):
        assert edition.current() is first


def test_between_publications_a_reader_costs_no_query_and_a_look_costs_two(
    clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = edition.current()
    clock.now += CHECK_SECONDS * 0.99
    with django_assert_num_queries(0):
        assert Client().get("/guide/reaching-out/").content == first.pages["/guide/reaching-out/"].body
        assert edition.current() is first
    for _ in range(3):
        clock.tick()
        with django_assert_num_queries(LOOK):
            assert edition.current() is first
        with django_assert_num_queries(0):
            assert edition.current() is first


def test_a_publication_that_appears_after_one_with_a_higher_number_is_seen_too(clock: Clock) -> None:
    """PostgreSQL gives out numbers before it is known whose change is there first."""
    number = Publication.objects.latest("pk").pk
    Publication.objects.create(pk=number + 2)
    assert edition.current().number == number + 2
    tip = save_tip("Zwiebelkuchen")
    Tip.objects.filter(pk=tip.pk).update(live=tip.history.latest().pk)
    Publication.objects.create(pk=number + 1)
    clock.tick()
    assert "<p>Zwiebelkuchen</p>" in part()


def test_a_publication_is_seen_when_its_second_is_over(
    clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    old = edition.current()
    publish_tip("Zwiebelkuchen")
    clock.now += CHECK_SECONDS * 0.99
    assert edition.current() is old
    assert "Zwiebelkuchen" not in part()
    clock.tick()
    with django_assert_num_queries(LOOK + READ):
        new = edition.current()
    assert new.number > old.number
    assert "<p>Zwiebelkuchen</p>" in part()
    assert "Zwiebelkuchen" not in str(old.pages)


def test_a_draft_is_never_seen(clock: Clock, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    old = edition.current()
    save_tip("Zwiebelkuchen")
    clock.tick()
    with django_assert_num_queries(LOOK):
        assert edition.current() is old
    edition.forget()
    assert edition.current().pages == old.pages


def test_an_edition_changes_the_pages_it_touches_and_no_others(clock: Clock) -> None:
    old = edition.current()
    publish_tip("Zwiebelkuchen")
    clock.tick()
    new = edition.current()
    assert new.pages.keys() == old.pages.keys()
    assert {path for path in new.pages if new.pages[path] != old.pages[path]} == TIP_PAGES
    assert {path for path in new.pages if new.pages[path].etag != old.pages[path].etag} == TIP_PAGES


def test_a_record_taken_off_the_site_leaves_it(clock: Clock) -> None:
    old = edition.current()
    Section.objects.originals().get(slug="red-flags").unpublish()
    clock.tick()
    assert old.pages.keys() - edition.current().pages.keys() == {"/guide/red-flags/", "/es/guide/red-flags/"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["guide_publication", "guide_historicaltip", "guide_historicalsource"])
def test_while_the_database_fails_the_last_edition_is_served_whole(clock: Clock, table: str) -> None:
    old = edition.current()
    publish_tip("Zwiebelkuchen")
    with missing(table):
        clock.tick()
        assert edition.current() is old
        assert Client().get("/guide/reaching-out/").content == old.pages["/guide/reaching-out/"].body
    clock.tick()
    assert "<p>Zwiebelkuchen</p>" in part()


@pytest.mark.django_db(transaction=True)
def test_a_failing_database_is_asked_once_a_second(
    clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    old = edition.current()
    with missing("guide_publication"):
        clock.tick()
        edition.current()
        with django_assert_num_queries(0):
            assert edition.current() is old


@pytest.mark.django_db(transaction=True)
def test_without_any_edition_a_failing_database_is_an_error_until_it_is_back(clock: Clock) -> None:
    with missing("guide_publication"):
        for _ in range(2):
            with pytest.raises(DatabaseError):
                edition.current()
    assert "/guide/reaching-out/" in edition.current().pages


def test_a_page_that_can_not_be_rendered_leaves_the_old_edition_with_its_readers(
    clock: Clock, caplog: pytest.LogCaptureFixture, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    old = edition.current()
    sign = Sign.objects.originals().last()
    Sign.history.filter(history_id=sign.live).update(group="nowhere")
    publish_tip("Zwiebelkuchen")
    clock.tick()
    assert edition.current() is old
    assert Client().get("/guide/reaching-out/").content == old.pages["/guide/reaching-out/"].body
    assert [(record.levelname, record.name) for record in caplog.records] == [("ERROR", "guide.edition")]
    clock.tick()
    with django_assert_num_queries(LOOK):  # it is not tried again until something is published
        assert edition.current() is old
    Sign.history.filter(history_id=sign.live).update(group=sign.group)
    sign.publish()
    clock.tick()
    assert "<p>Zwiebelkuchen</p>" in part()


def test_without_any_edition_a_page_that_can_not_be_rendered_is_an_error_each_time() -> None:
    sign = Sign.objects.originals().last()
    Sign.history.filter(history_id=sign.live).update(group="nowhere")
    for _ in range(2):
        with pytest.raises(ValueError, match="nowhere"):
            edition.current()


def test_a_control_character_in_a_part_keeps_nothing_from_readers(clock: Clock) -> None:
    """It comes along from a word processor, and no form refuses it."""
    edition.current()
    section = Section.objects.originals().get(slug="red-flags")
    section.lead = "One line\x0band another."
    section.save()
    section.publish()
    publish_tip("Zwiebelkuchen")
    clock.tick()
    assert "<p>Zwiebelkuchen</p>" in part()


def test_others_are_served_the_old_edition_while_one_reader_s_is_rendered(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = edition.current()
    publish_tip("Zwiebelkuchen")
    clock.tick()
    served: list[Edition] = []
    render = edition.render

    def render_while_another_reads(number: int, guide: Guide) -> Edition:
        rendered = render(number, guide)
        reader = threading.Thread(target=lambda: served.append(edition.current()), daemon=True)
        reader.start()
        reader.join(timeout=10)
        return rendered

    monkeypatch.setattr(edition, "render", render_while_another_reads)
    new = edition.current()
    assert len(served) == 1
    assert served[0] is old
    assert new.number > old.number


def test_before_the_first_edition_all_wait_for_the_same_one(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Edition] = []
    readers = [threading.Thread(target=lambda: served.append(edition.current()), daemon=True) for _ in range(4)]
    rendered: list[int] = []
    render = edition.render

    def render_while_others_come(number: int, guide: Guide) -> Edition:
        for reader in readers:
            reader.start()
        rendered.append(number)
        assert served == []
        return render(number, guide)

    monkeypatch.setattr(edition, "render", render_while_others_come)
    first = edition.current()
    for reader in readers:
        reader.join(timeout=10)
    assert [id(each) for each in served] == [id(first)] * 4
    assert len(rendered) == 1

"""Releases: what goes live in one step, when, and after whose yes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from guide import edition, releases
from guide.models import KINDS, Change, Country, HelpLine, Page, Redirect, Release, Section, Sign, Tip
from guide.publishing import Publication
from journal.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def edith(db: None) -> User:
    return User.objects.create(username="edith", is_staff=True)


@pytest.fixture
def pablo(db: None) -> User:
    return User.objects.create(username="pablo", is_staff=True)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition, "CHECK_SECONDS", 0.0)


def changed(record: Any, **fields: Any) -> Change:
    for name, value in fields.items():
        setattr(record, name, value)
    record.save()
    return Change.to_newest(record)


def page(path: str) -> str:
    response = Client().get(path)
    return response.content.decode() if response.status_code == 200 else str(response.status_code)


def refusal(changes: list[Change], by: Any) -> list[str]:
    before = (Release.objects.count(), Publication.objects.count())
    with pytest.raises(releases.RefusedError) as refused:
        releases.ask(changes, by)
    assert (Release.objects.count(), Publication.objects.count()) == before
    return list(refused.value.problems)


def test_several_records_go_live_as_one_edition(edith: User) -> None:
    tip = changed(Tip.objects.originals().get(slug="be-open"), body="Zwiebelkuchen")
    part = changed(Section.objects.originals().get(slug="reaching-out"), lead="Zwiebelturm")
    number = Publication.objects.count()
    releases.ask([tip, part], edith)
    assert Publication.objects.count() == number + 1
    assert [word in page("/guide/reaching-out/") for word in ("Zwiebelkuchen", "Zwiebelturm")] == [True, True]


def test_a_safety_page_waits_for_somebody_else(edith: User, pablo: User) -> None:
    release = releases.ask([changed(Page.objects.originals().get(slug="check"), lead="Zwiebelkuchen")], edith)
    assert (release.waits, "Zwiebelkuchen" in page("/check/")) == (True, False)
    with pytest.raises(releases.RefusedError):
        releases.approve(release, edith)
    assert "Zwiebelkuchen" not in page("/check/")
    releases.approve(release, pablo)
    assert "Zwiebelkuchen" in page("/check/")
    with pytest.raises(releases.RefusedError):
        releases.approve(release, pablo)


def test_what_was_said_yes_to_goes_live_and_not_what_was_saved_later(edith: User, pablo: User) -> None:
    sign = Sign.objects.originals().get(slug="choking")
    release = releases.ask([changed(sign, body="Seen by two.")], edith)
    changed(sign, body="Seen by nobody else.")
    releases.approve(release, pablo)
    assert next(each.body for each in Sign.objects.live() if each.slug == "choking") == "Seen by two."


def test_asking_again_calls_off_what_was_asked_before(edith: User, pablo: User) -> None:
    sign = Sign.objects.originals().get(slug="choking")
    first = releases.ask([changed(sign, body="One.")], edith)
    second = releases.ask([changed(sign, body="Two.")], edith)
    first.refresh_from_db()
    assert (first.is_open, second.is_open) == (False, True)
    with pytest.raises(releases.RefusedError):
        releases.approve(first, pablo)


def test_what_is_due_goes_live_when_somebody_next_reads(edith: User) -> None:
    with time_machine.travel(NOON, tick=False):
        change = changed(Tip.objects.originals().get(slug="be-open"), body="Zwiebelkuchen")
        releases.ask([change], edith, due_at=NOON + timedelta(hours=1))
        changed(Tip.objects.originals().get(slug="be-open"), body="A later draft")
        assert "Zwiebelkuchen" not in page("/guide/reaching-out/")
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert "Zwiebelkuchen" in page("/guide/reaching-out/")
    assert releases.carry_out_due(NOON + timedelta(hours=2)) == 0


def test_the_command_takes_a_record_off_the_site_at_its_time(edith: User) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    releases.ask([Change.to_nothing(tip)], edith, due_at=NOON)
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        call_command("publish_due", verbosity=0)
    tip.refresh_from_db()
    assert tip.live is not None
    with time_machine.travel(NOON, tick=False):
        call_command("publish_due", verbosity=0)
    tip.refresh_from_db()
    assert tip.live is None


def test_a_plan_for_a_safety_page_is_not_carried_out_without_the_second_yes(edith: User, pablo: User) -> None:
    with time_machine.travel(NOON, tick=False):
        change = changed(Sign.objects.originals().get(slug="choking"), body="Zwiebelkuchen")
        release = releases.ask([change], edith, due_at=NOON + timedelta(hours=1))
    assert releases.carry_out_due(NOON + timedelta(hours=2)) == 0
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        releases.approve(release, pablo)
    assert Release.objects.get(pk=release.pk).done_at == NOON + timedelta(hours=2)


def test_a_due_release_that_would_break_something_stays_and_says_why(edith: User) -> None:
    tip = Tip.objects.originals().get(slug="be-open")
    release = releases.ask([changed(tip, body="Zwiebelkuchen")], edith, due_at=NOON)
    tip.archive()
    assert releases.carry_out_due(NOON) == 0
    release.refresh_from_db()
    assert (release.is_open, release.problem) == (True, f"“{tip}” is in the archive. Bring it back first.")


def unlink(slug: str) -> list[Change]:
    """Take the links to a part out of every text that readers see."""
    address = f"/guide/{slug}/"
    linking = [row for model in KINDS.values() for row in model._rows().filter(body__contains=address)]
    return [changed(row, body=row.body.replace(address, "/")) for row in linking]


@pytest.mark.parametrize("slug", ["check", "help", "home", "search", "privacy"])
def test_a_page_that_the_site_links_to_is_never_taken_off(edith: User, slug: str) -> None:
    record = Page.objects.originals().get(slug=slug)
    assert refusal([Change.to_nothing(record)], edith) == [
        f"“{record}” can’t be taken off the site: other pages link to it."
    ]


def test_the_part_with_the_signs_stays_with_its_list_whatever_it_is_called(edith: User) -> None:
    part = Section.objects.originals().get(slug="when-to-walk-away")
    changed(part, slug="leaving")
    part.refresh_from_db()
    assert len(refusal([Change.to_nothing(part)], edith)) == 1
    assert len(refusal([changed(part, shows="", body="No list.")], edith)) == 1


def test_the_last_help_line_of_a_country_can_not_go(edith: User) -> None:
    lines = list(HelpLine.objects.originals().filter(country="us"))
    country = Country.objects.originals().get(slug="us")
    release = releases.ask([Change.to_nothing(line) for line in lines[1:]], edith)
    assert release.waits
    releases.call_off(release)
    said = f"“{country}” would have no help line left. Publish another one first."
    assert refusal([Change.to_nothing(line) for line in lines], edith) == [said]
    unreachable = changed(lines[0], phone="", text_line="", website="")
    assert refusal([unreachable, *(Change.to_nothing(line) for line in lines[1:])], edith) == [said]


@pytest.mark.parametrize("body", ["[Check](/chekc/)", "<script>alert(1)</script>", "[a](javascript:alert(1))"])
def test_a_text_with_a_mistake_is_not_published(edith: User, body: str) -> None:
    assert len(refusal([changed(Tip.objects.originals().get(slug="be-open"), body=body)], edith)) >= 1


def test_a_link_to_a_page_that_readers_can_not_open_yet_goes_live_with_that_page_or_not_at_all(edith: User) -> None:
    draft = Page(slug="new", title="New", body="Words.")
    draft.save()
    linking = changed(Tip.objects.originals().get(slug="be-open"), body="[New](/new/)")
    assert refusal([linking], edith) == [
        "“Say openly what you hope for”: Readers can’t open “/new/” yet: publish that page too, or leave out the link."
    ]
    releases.ask([linking, Change.to_newest(draft)], edith)
    assert ('href="/new/"' in page("/guide/reaching-out/"), "Words." in page("/new/")) == (True, True)


def test_a_changed_short_name_leads_on_for_good_and_links_follow(edith: User, pablo: User) -> None:
    part = Section.objects.originals().get(slug="when-to-walk-away")
    old = ["/guide/when-to-walk-away/", "/es/guide/when-to-walk-away/"]
    tip = Tip.objects.originals().get(slug="be-open")
    releases.ask([changed(tip, body="[Leave](/guide/when-to-walk-away/)")], edith)
    releases.approve(releases.ask([changed(part, slug="leaving")], edith), pablo)
    moved = [Client().get(path) for path in old]
    assert [(each.status_code, each["Location"]) for each in moved] == [
        (301, "/guide/leaving/"), (301, "/es/guide/leaving/"),
    ]  # fmt: skip
    assert 'href="/guide/leaving/"' in page("/guide/reaching-out/")
    assert "when-to-walk-away" not in page("/guide/reaching-out/") + page("/sitemap.xml") + page("/")
    releases.approve(releases.ask([changed(part, slug="when-to-walk-away")], edith), pablo)
    assert Client().get("/guide/leaving/")["Location"] == "/guide/when-to-walk-away/"
    assert list(Redirect.objects.values_list("slug", flat=True)) == ["leaving"]


def test_another_record_can_not_take_an_old_address(edith: User, pablo: User) -> None:
    part = Section.objects.originals().get(slug="red-flags")
    releases.ask([changed(part, slug="warnings")], edith)
    other = Section.objects.originals().get(slug="bottom-line")
    other.slug = "red-flags"
    assert other._is_taken() is True


def test_a_part_is_not_taken_off_while_texts_link_to_it_by_its_name_of_now_or_of_before(edith: User) -> None:
    part, tip = Section.objects.originals().get(slug="red-flags"), Tip.objects.originals().get(slug="be-open")
    releases.ask(unlink("red-flags"), edith)
    releases.ask([changed(tip, body="[Flags](/guide/red-flags/#one)")], edith)
    releases.ask([changed(part, slug="flags")], edith)
    part.refresh_from_db()
    said = f"“{part}” can’t be taken off the site yet: “{tip}” links to it. Change that first."
    assert refusal([Change.to_nothing(part)], edith) == [said]
    assert refusal([Change.to_nothing(part), changed(tip, body="[Flags](/guide/flags/)")], edith)[-1] == said
    releases.ask([Change.to_nothing(part), changed(tip, body="No link.")], edith)
    assert page("/guide/flags/") == "404"


def test_a_part_that_was_taken_off_is_nowhere_and_the_numbers_close_up(edith: User) -> None:
    part = Section.objects.originals().get(slug="red-flags")
    releases.ask([*unlink("red-flags"), Change.to_nothing(part)], edith)
    assert page("/guide/red-flags/") == page("/es/guide/red-flags/") == "404"
    assert "red-flags" not in page("/") + page("/sitemap.xml") + page("/feed.xml") + page("/guide/are-you-ready/")
    assert "Part 5 of 6" in page("/guide/what-others-think/")

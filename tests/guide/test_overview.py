"""The pages Desk and Checks: what there is to do, and what there is to say about every text."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from guide import releases
from guide.models import Change, HelpLine, Section, Sign, Tip
from journal.models import User
from tests.guide.test_admin import desk, drafter, publisher  # noqa: F401
from tests.guide.test_releases import changed

pytestmark = pytest.mark.django_db


def looked_at(client: Client, record: Tip | Section) -> list[str]:
    """What the page Checks says of a record."""
    page = client.get("/manage/desk/checks/").content.decode()
    row = next(part for part in page.split("<tr>") if f"{desk(type(record), record.pk, 'change')}" in part)
    return [re.sub(r"<.*?>", "", said) for said in re.findall(r"<li.*?</li>", row)]


def test_the_page_checks_says_of_every_record_what_its_form_says(drafter: Client) -> None:  # noqa: F811
    tip = Tip.objects.originals().get(slug="be-open")
    assert looked_at(drafter, tip) == []
    Tip.objects.filter(pk=tip.pk).update(body="You should [go](/nowhere/).")
    assert looked_at(drafter, tip) == [
        "Can’t be published body: This site has no page “/nowhere/”: look up the address of the one you mean. go",
        "Worth a look body: “should” stands here: say what one can do and what happens then. You should go.",
    ]
    page = drafter.get("/manage/desk/checks/").context
    assert (page["errors"], len([record for _, group in page["kinds"] for record in group])) == (1, 204)
    assert drafter.get(desk(Tip, tip.pk, "change")).content.decode().count("Worth a look") == 1


def test_an_old_address_stands_on_the_page_checks_with_what_it_leads_to(drafter: Client) -> None:  # noqa: F811
    part = Section.objects.originals().get(slug="red-flags")
    releases.ask([changed(part, slug="flags")], by=None)
    [(old, row)] = drafter.get("/manage/desk/checks/").context["moved"]
    assert (old.slug, row.slug) == ("red-flags", "flags")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_desk_asks_the_same_however_much_waits(
    publisher: Client,  # noqa: F811
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    edith = User.objects.create(username="edith", is_staff=True)
    done = Tip.objects.originals().get(slug="be-open")
    tips = Tip.objects.originals().exclude(pk=done.pk)
    for sign, tip in zip(Sign.objects.originals()[:count], tips[:count], strict=True):
        releases.ask([changed(sign, body="Zwiebelkuchen")], edith)
        releases.ask([Change.to_nothing(tip)], edith, due_at=timezone.now() + timedelta(days=1))
        releases.ask([Change.to_newest(done)], edith)
    publisher.get("/manage/")
    with django_assert_num_queries(22):
        page = publisher.get("/manage/desk/").context
    assert (len(page["waiting"]), len(page["planned"]), len(page["done"])) == (count, count, count)


def test_a_plan_that_waits_for_a_second_person_stands_there_once(publisher: Client) -> None:  # noqa: F811
    edith = User.objects.create(username="edith", is_staff=True)
    release = releases.ask(
        [changed(Sign.objects.originals()[0], body="a")], edith, due_at=timezone.now() + timedelta(days=1)
    )
    page = publisher.get("/manage/desk/")
    assert ([each for each, *_ in page.context["waiting"]], page.context["planned"]) == ([release], [])
    assert page.content.decode().count("it waits for a second person") == 1


def test_a_line_that_nobody_looked_up_for_ninety_days_is_on_the_page_desk(drafter: Client) -> None:  # noqa: F811
    HelpLine.objects.update(verified_on=timezone.localdate() - timedelta(days=90))
    old = HelpLine.objects.originals()[0]
    HelpLine.objects.filter(pk=old.pk).update(verified_on=timezone.localdate() - timedelta(days=91))
    assert list(drafter.get("/manage/desk/").context["lines"]) == [old]
